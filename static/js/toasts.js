// Toasts: those the page was born with, those the server sends (HX-Trigger: {"toast": {level, text}}), and ours.
// Good news leaves after a while (never under the pointer or the focus); bad news stays until dismissed.

const STAYS = new Set(["warning", "error"]);
const region = document.getElementById("toasts");
const templates = document.getElementById("toast-templates");

function raise() {
  // Above an open modal dialog: the top layer is ordered by who entered last.
  if (!region.showPopover) return;
  if (region.matches(":popover-open")) region.hidePopover();
  region.showPopover();
}

function leave(toast) {
  toast.dataset.leaving = "";
  setTimeout(() => {
    toast.remove();
    if (!region.children.length && region.matches?.(":popover-open")) region.hidePopover();
  }, 250);
}

function startClock(toast) {
  if (STAYS.has(toast.dataset.level)) return;
  let timer;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => leave(toast), 6000);
  };
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, start);
  start();
}

/** Show a message. `level` is info, success, warning or error. The same text is not shown twice at once. */
export function toast(level, text) {
  const shown = [...region.querySelectorAll(".toast__text")];
  if (shown.some((element) => element.textContent === text)) return;
  const source = templates.content.querySelector(`[data-level="${level}"]`) ?? templates.content.firstElementChild;
  const element = source.cloneNode(true);
  element.querySelector(".toast__text").textContent = text;
  region.append(element);
  raise();
  startClock(element);
}

region.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-toast-close]");
  if (closer) leave(closer.closest(".toast"));
});

document.addEventListener("toast", (event) => toast(event.detail.level, event.detail.text));

if (region.children.length) raise();
for (const element of region.children) startClock(element);
