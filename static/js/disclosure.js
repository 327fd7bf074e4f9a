// data-disclose="id" shows and hides the element with that id; the button says which (aria-expanded).

function target(button) {
  return document.getElementById(button.dataset.disclose);
}

function show(button) {
  const panel = target(button);
  if (panel) button.setAttribute("aria-expanded", String(!panel.hidden));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-disclose]");
  const panel = button && target(button);
  if (!panel) return;
  panel.hidden = !panel.hidden;
  show(button);
});

document.addEventListener("htmx:load", () => document.querySelectorAll("[data-disclose]").forEach(show));
document.querySelectorAll("[data-disclose]").forEach(show);
