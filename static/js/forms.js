// Forms: a press counts once, errors get the focus, and typed input is not lost by leaving the page.

const dirty = new WeakSet();

function guarded() {
  return [...document.querySelectorAll("form[data-guard-unsaved]")];
}

function markDirty(event) {
  const form = event.target.form ?? event.target.closest?.("form");
  if (form?.matches("[data-guard-unsaved]")) dirty.add(form);
}

document.addEventListener("input", markDirty);
document.addEventListener("change", markDirty);
// For scripts that change a form without typing (a line removed): form.dispatchEvent(new Event("form:dirty", {bubbles: true}))
document.addEventListener("form:dirty", (event) => dirty.add(event.target.closest("form")));
document.addEventListener("form:saved", (event) => dirty.delete(event.target.closest("form")));

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.method === "dialog") return;
  dirty.delete(form);
  const button = event.submitter;
  // After this task, so that the button's own name and value are still sent.
  if (!button?.matches(".button")) return;
  setTimeout(() => (button.dataset.busy = ""));
  // An answer that is a download leaves the page, and the button, standing.
  setTimeout(() => delete button.dataset.busy, 15_000);
});

// Answers by htmx do not leave the page: what failed is unsaved again.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form[data-guard-unsaved]");
  if (!form || event.detail.requestConfig.verb === "get") return;
  if (event.detail.successful) dirty.delete(form);
  else dirty.add(form);
});

// A save that was refused left everything unsaved.
for (const form of guarded()) if (form.querySelector(".form-errors, .meanwhile")) dirty.add(form);

addEventListener("beforeunload", (event) => {
  if (guarded().some((form) => dirty.has(form))) event.preventDefault();
});

// Coming back through the browser's history finds no button still waiting.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("[data-busy]")) delete button.dataset.busy;
});

const SUMMARY = "form[method='post'] .form-errors, form[method='post'] .meanwhile";
const WRONG = "form[method='post'] [aria-invalid='true']";

function focusFirstError(scope) {
  (scope.querySelector(SUMMARY) ?? scope.querySelector(WRONG))?.focus();
}

document.addEventListener("htmx:afterSettle", (event) => {
  // Only an answer to a form: polling elsewhere must not take the focus away.
  if (event.detail.requestConfig?.verb !== "get") focusFirstError(event.detail.target?.parentElement ?? document);
});
focusFirstError(document);
