// Deciding by keyboard: j and k walk what may be picked, o and t pick ours and Xero's, Enter settles and opens the next.
// The radio buttons do all of it without this file.
const KEYS = { j: () => walk(1), k: () => walk(-1), o: () => pick("ours"), t: () => pick("theirs"), Enter: settle };

const rows = () => [...document.querySelectorAll("[data-pick]")];
const here = () => rows().findIndex((row) => row.contains(document.activeElement));

function focus(row) {
  (row.querySelector("input:checked") ?? row.querySelector("input")).focus();
  row.scrollIntoView({ block: "center" }); // not behind the bar that is always at hand
}

function walk(by) {
  const all = rows();
  const at = here();
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length;
  focus(all[next]);
}

function pick(side) {
  const row = rows()[here()];
  if (!row) return walk(1);
  const radio = row.querySelector(`input[value=${side}]`);
  radio.focus();
  if (!radio.checked) radio.click();
}

function settle() {
  const form = document.getElementById("picks");
  form.requestSubmit(form.querySelector("[data-settle]"));
}

// Where somebody types, and while something lies over the page, a key is theirs; Enter on a link or button is that one's.
function isOurs({ key, target, ctrlKey, metaKey, altKey, isComposing }) {
  if (ctrlKey || metaKey || altKey || isComposing || document.querySelector("dialog[open], :popover-open")) return false;
  if (target === document.body || target.matches("[data-pick] input")) return true;
  return key !== "Enter" && !target.matches("input, textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  if (!act || event.repeat || !isOurs(event) || !document.getElementById("picks")) return;
  event.preventDefault();
  act();
});
