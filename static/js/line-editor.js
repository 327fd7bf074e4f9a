// The editor of a document with lines: they come, go and move without a reload, and the totals follow what is typed.
// The server does the arithmetic (data-preview); this file only moves rows and asks.

const WAIT = 150;
const form = document.querySelector("[data-line-editor]");
const body = form.querySelector("[data-lines]");
const template = form.querySelector("[data-line-template]");
const status = form.querySelector("[data-editor-status]");
const undo = form.querySelector("[data-line-undo]");
const control = (name) => form.elements.namedItem(name);

let removed;

const lines = () => [...body.querySelectorAll("[data-line]")];
const lineOf = (element) => element.closest?.("[data-line]");
const first = (line) => line.querySelector("[data-line-first]");

// The name of a control without its row: "lines-3-quantity" is "quantity".
const fieldOf = (element) => /^lines-\d+-(.+)$/.exec(element.name ?? "")?.[1];
const controlIn = (line, field) => line.querySelector(`[name$="-${field}"]`);

function say(text, { undoable = false } = {}) {
  status.textContent = text;
  undo.hidden = !undoable;
}

function changed() {
  form.dispatchEvent(new Event("form:dirty", { bubbles: true }));
  follow();
}

// Rows are known to the server by their number, in the order of the page.
function renumber() {
  lines().forEach((line, row) => {
    for (const element of line.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace(/lines-(\d+|__prefix__)-/g, `lines-${row}-`));
      }
    }
  });
  control("lines-TOTAL_FORMS").value = lines().length;
}

function showTools(scope) {
  for (const tools of scope.querySelectorAll("[data-line-tools]")) tools.hidden = false;
}

function addLine(after) {
  const line = template.content.querySelector("[data-line]").cloneNode(true);
  showTools(line);
  if (after) after.after(line);
  else body.append(line);
  renumber();
  changed();
  first(line).focus();
  say(`Line ${lines().indexOf(line) + 1} added.`);
}

function removeLine(line) {
  const row = lines().indexOf(line);
  const field = lineOf(document.activeElement) === line ? fieldOf(document.activeElement) : undefined;
  const neighbour = line.nextElementSibling ?? line.previousElementSibling;
  removed = { line, row };
  line.remove();
  if (neighbour) {
    renumber();
    changed();
    (controlIn(neighbour, field) ?? first(neighbour)).focus();
  } else {
    addLine();
  }
  say(`Line ${row + 1} removed.`, { undoable: true });
}

function restoreLine() {
  if (!removed) return;
  body.insertBefore(removed.line, lines()[removed.row] ?? null);
  renumber();
  changed();
  first(removed.line).focus();
  say(`Line ${removed.row + 1} is back.`);
  removed = undefined;
}

function moveLine(line, by) {
  const place = by < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (!place) return;
  const focused = document.activeElement;
  if (by < 0) place.before(line);
  else place.after(line);
  renumber();
  changed();
  focused.focus(); // moving a node takes the focus from what is in it
  say(`Now line ${lines().indexOf(line) + 1}.`);
}

// What is put back may have more rows, or fewer.
form.addEventListener("form:restore", (event) => {
  const wanted = Number(event.detail.get("lines-TOTAL_FORMS") ?? lines().length);
  while (lines().length > Math.max(wanted, 1)) lines().at(-1).remove();
  while (lines().length < wanted) {
    const line = template.content.querySelector("[data-line]").cloneNode(true);
    showTools(line);
    body.append(line);
  }
  renumber();
});

// A list that is not on the page (nothing is offered), or does not offer this, stays as it is.
function choose(select, value) {
  if ([...(select?.options ?? [])].some((option) => option.value === value)) select.value = value;
}

// What a service fills is told apart from what was typed: the next service replaces only the former.
function fillFromService(select) {
  const line = lineOf(select);
  const service = form.querySelector(`[data-services] data[value="${CSS.escape(select.value)}"]`);
  if (!service) return;
  const description = controlIn(line, "description");
  if (!description.value.trim() || description.value === line.dataset.filled) {
    description.value = service.dataset.description;
    line.dataset.filled = description.value;
  }
  controlIn(line, "unit_amount").value = service.dataset.price.replaceAll(",", "");
  choose(controlIn(line, "tax_rate"), service.dataset.tax);
  choose(controlIn(line, "account"), service.dataset.account);
}

// Totals. An answer is shown only if nothing was typed since its question.
let timer;
let asking;

function follow() {
  clearTimeout(timer);
  asking?.abort();
  timer = setTimeout(ask, WAIT);
}

async function ask() {
  asking = new AbortController();
  const totals = form.querySelector("[data-totals]");
  totals.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.preview, {
      method: "POST",
      body: new FormData(form),
      signal: asking.signal,
      redirect: "error",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text());
    totals.removeAttribute("aria-busy");
  } catch (error) {
    // The old totals stay, marked as not current; the next change asks again and saving computes anyway.
    if (error.name !== "AbortError") totals.dataset.outdated = "";
  }
}

// A number that cannot be read is told by its field; not while it is still being typed, as in "-" or "1,".
function tellUnreadable(problems) {
  for (const old of form.querySelectorAll("[data-live-error]")) {
    old.closest(".field").querySelector(".control").removeAttribute("aria-invalid");
    old.remove();
  }
  for (const problem of problems) {
    const element = control(problem.dataset.unreadable);
    const isUnderWay = element === document.activeElement && !/\d$/.test(element.value);
    if (isUnderWay || element.closest(".field").querySelector(".field__errors")) continue;
    const list = document.createElement("ul");
    list.className = "field__errors";
    list.dataset.liveError = "";
    list.append(Object.assign(document.createElement("li"), { textContent: problem.textContent }));
    element.setAttribute("aria-invalid", "true");
    element.closest(".field").append(list);
  }
  return problems.length > 0;
}

function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const totals = form.querySelector("[data-totals]");
  if (tellUnreadable([...answer.querySelectorAll("[data-unreadable]")])) {
    totals.dataset.outdated = ""; // the last good ones stay, marked as such
    return;
  }
  totals.replaceChildren(...answer.querySelector("[data-totals]").childNodes);
  delete totals.dataset.outdated;
  const amounts = answer.querySelectorAll("[data-line-amount]");
  lines().forEach((line, row) => {
    line.querySelector("[data-line-amount]").textContent = amounts[row]?.textContent ?? "";
  });
}

form.addEventListener("input", (event) => {
  if (event.target.name !== "notes" && event.target.name !== "reference") follow();
});

form.addEventListener("change", (event) => {
  if (event.target.matches("[data-line-service]")) fillFromService(event.target);
  follow();
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches("[data-line-add]")) {
    event.preventDefault();
    addLine();
  } else if (button.matches("[data-line-remove]")) {
    removeLine(lineOf(button));
  } else if (button.matches("[data-line-move]")) {
    moveLine(lineOf(button), Number(button.dataset.lineMove));
  } else if (button.matches("[data-line-undo]")) {
    restoreLine();
  }
});

form.addEventListener("keydown", (event) => {
  const line = lineOf(event.target);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[name='save']"));
  } else if (!line || event.isComposing) {
    return;
  } else if (event.altKey && event.key === "ArrowUp") {
    event.preventDefault();
    moveLine(line, -1);
  } else if (event.altKey && event.key === "ArrowDown") {
    event.preventDefault();
    moveLine(line, 1);
  } else if (event.altKey && event.key === "Backspace") {
    event.preventDefault();
    removeLine(line);
  } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && fieldOf(event.target)) {
    event.preventDefault();
    const below = line.nextElementSibling;
    if (below) controlIn(below, fieldOf(event.target)).focus();
    else addLine(line);
  }
});

showTools(form);
