// <dialog>: opened by data-dialog-open="id", by arriving in an htmx swap with data-dialog-show, closed by
// data-dialog-close, by Escape, by a press outside, or by the server (HX-Trigger: {"dialog:close": true}).

function open(dialog) {
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

function pressedOutside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return (
    event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom
  );
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) open(document.getElementById(opener.dataset.dialogOpen));
  const closer = event.target.closest("[data-dialog-close]");
  if (closer) closer.closest("dialog")?.close();
});

// A press that starts outside closes; one that starts inside (selecting text) does not. Typed input stays.
document.addEventListener("pointerdown", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !dialog.open || !pressedOutside(dialog, event)) return;
  if (!dialog.querySelector("form")) dialog.close();
});

function showArrived(scope) {
  for (const dialog of scope.querySelectorAll("dialog[data-dialog-show]")) open(dialog);
  if (scope.matches?.("dialog[data-dialog-show]")) open(scope);
}

document.addEventListener("htmx:load", (event) => showArrived(event.detail.elt));
document.addEventListener("dialog:close", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});

showArrived(document);
