// What is typed stays in this browser until the server has it, so that a lost session, a dead line or a closed tab lose
// nothing. It is offered again and never put back unasked; it is forgotten on sign-out and after a few days.

const PREFIX = "tandem.kept.";
const SENT = "tandem.sent";
const DAYS = 3 * 24 * 3600 * 1000;
const WAIT = 300;
const PATIENCE = 8000;
const SECRET = "[type=password], [type=file], [autocomplete=one-time-code], [name=csrfmiddlewaretoken]";
const OWN = new Set(["once", "read"]); // carried by the form for itself; kept, but nothing that was typed

const user = document.body.dataset.user;
const notices = document.getElementById("form-notices");
const shown = new WeakMap();
const timers = new WeakMap();
const cleared = new WeakSet();

const isKept = (form) =>
  user && form?.matches?.("form[data-guard-unsaved], form[data-keep]") && !form.querySelector("[type=password]");
const pathOf = (form) => new URL(form.getAttribute("action") ?? "", location.href).pathname;
const keyOf = (form) => `${PREFIX}${user}.${pathOf(form)}`;

function entriesOf(form) {
  return [...form.elements]
    .filter((element) => element.name && !element.matches(`${SECRET}, button, fieldset, output`))
    .filter((element) => !element.matches("[type=checkbox], [type=radio]") || element.checked)
    .map((element) => [element.name, element.value]);
}

const typed = (entries) => JSON.stringify(entries.filter(([name]) => !OWN.has(name)));

// A browser without storage, or with a full one, keeps nothing; the page works as ever.
function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const kept = (key) => attempt(() => JSON.parse(localStorage.getItem(key)));
const forget = (key) => attempt(() => localStorage.removeItem(key));

function everyKey() {
  return attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) ?? [];
}

function keep(form) {
  clearTimeout(timers.get(form));
  const entries = entriesOf(form);
  if (typed(entries) === shown.get(form)) forget(keyOf(form));
  else attempt(() => localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), entries })));
}

function keepSoon(event) {
  const form = event.target.form ?? event.target.closest?.("form");
  if (!isKept(form)) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => keep(form), WAIT));
}

// -- offering it again

function tell(form, name) {
  form.querySelector(":scope > [data-notice]")?.remove();
  const notice = notices.content.querySelector(`[data-notice="${name}"]`).cloneNode(true);
  form.prepend(notice);
  return notice;
}

function putBack(form, entries) {
  // A page that grows and loses controls (the lines of an invoice) makes room for them first.
  form.dispatchEvent(new CustomEvent("form:restore", { detail: new Map(entries) }));
  const values = Map.groupBy ? Map.groupBy(entries, ([name]) => name) : grouped(entries);
  for (const element of form.elements) {
    if (!element.name || element.matches(`${SECRET}, button, fieldset, output`)) continue;
    const given = values.get(element.name) ?? [];
    if (element.matches("[type=checkbox], [type=radio]")) element.checked = given.some(([, value]) => value === element.value);
    else if (given.length) element.value = given.shift()[1];
  }
  form.dispatchEvent(new Event("form:dirty", { bubbles: true }));
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function grouped(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry[0], [...(groups.get(entry[0]) ?? []), entry]);
  return groups;
}

function offer(form, { at, entries }) {
  const notice = tell(form, "kept");
  const when = new Date(at).toLocaleString("en-NZ", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false });
  notice.querySelector("[data-when]").textContent = when;
  notice.querySelector("[data-put-back]").addEventListener("click", () => {
    notice.remove();
    putBack(form, entries);
  });
  notice.querySelector("[data-throw-away]").addEventListener("click", () => {
    notice.remove();
    keep(form); // what was typed since is not thrown away with it
  });
}

function greet(form) {
  if (!isKept(form) || shown.has(form)) return;
  const entries = entriesOf(form);
  shown.set(form, typed(entries));
  const isAnswer = form.querySelector(".form-errors, .meanwhile");
  const before = kept(keyOf(form));
  if (isAnswer) shown.set(form, "");
  else if (before && typed(before.entries) !== typed(entries)) offer(form, before);
}

// -- saving: first ask whether the server is there and still knows us

async function session() {
  const options = { headers: { Accept: "application/json" }, cache: "no-store", redirect: "error" };
  const answer = await fetch(document.body.dataset.sessionUrl, { ...options, signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function obstacle(form) {
  try {
    const now = await session();
    if (!now.user) return "signed-out";
    if (now.user !== user) return "somebody-else";
    form.elements.namedItem("csrfmiddlewaretoken").value = now.csrf; // a new one, if one signed in again elsewhere
    return "";
  } catch {
    return "unreachable";
  }
}

async function saveIfReachable(form, button) {
  keep(form);
  if (button) button.dataset.busy = "";
  const name = await obstacle(form);
  if (button) delete button.dataset.busy;
  if (name) {
    const notice = tell(form, name);
    notice.setAttribute("tabindex", "-1");
    notice.focus();
    return;
  }
  form.querySelector(":scope > [data-notice]")?.remove();
  cleared.add(form);
  form.requestSubmit(button);
  cleared.delete(form);
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.matches("[data-sign-out]")) everyKey().forEach(forget);
    if (!isKept(form) || form.hasAttribute("hx-post")) return;
    if (cleared.has(form)) {
      attempt(() => sessionStorage.setItem(SENT, keyOf(form)));
      return;
    }
    event.preventDefault();
    saveIfReachable(form, event.submitter ?? undefined);
  },
  true,
);

// The answer to a save that was taken leads on, to another page or back to this one, and we are still signed in there.
function hear() {
  const sent = attempt(() => sessionStorage.getItem(SENT));
  attempt(() => sessionStorage.removeItem(SENT));
  const [visit] = performance.getEntriesByType("navigation");
  if (sent && user && visit?.redirectCount) forget(sent);
}

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!isKept(form) || event.detail.requestConfig.verb === "get" || !event.detail.successful) return;
  const answered = new URL(event.detail.xhr.responseURL || location.href).pathname;
  if (!answered.startsWith(document.body.dataset.loginUrl)) forget(keyOf(form));
});

for (const name of ["input", "change", "form:dirty"]) document.addEventListener(name, keepSoon);
addEventListener("pagehide", () => {
  for (const form of document.forms) if (timers.has(form) && !cleared.has(form) && kept(keyOf(form))) keep(form);
});
document.addEventListener("htmx:load", () => [...document.forms].forEach(greet));

for (const key of everyKey()) if (!(Date.now() - kept(key)?.at < DAYS)) forget(key);
hear();
// After the page's own modules, so that what they fill by themselves does not count as typed.
addEventListener("load", () => [...document.forms].forEach(greet));
if (document.readyState === "complete") [...document.forms].forEach(greet);
