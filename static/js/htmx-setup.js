// htmx in this house: the CSRF token on every write, a bar while something loads, and no failure in silence.
import { toast } from "./toasts.js";

const SLOW = 250;
const bar = document.querySelector(".loading-bar");
let running = 0;
let timer;

function isPolling(element) {
  return /\bevery\b/.test(element?.getAttribute?.("hx-trigger") ?? "");
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb === "get") return;
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name='csrf-token']").content;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isPolling(event.detail.elt)) return;
  running += 1;
  clearTimeout(timer);
  timer = setTimeout(() => bar.toggleAttribute("data-active", running > 0), SLOW);
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (isPolling(event.detail.elt)) return;
  running = Math.max(0, running - 1);
  if (running === 0) {
    clearTimeout(timer);
    bar.removeAttribute("data-active");
  }
});

// The session ended: the answer is the sign-in page, and it does not belong inside this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  const address = event.detail.xhr.responseURL;
  if (!address || !new URL(address).pathname.startsWith(document.body.dataset.loginUrl)) return;
  event.detail.shouldSwap = false;
  location.assign(`${document.body.dataset.loginUrl}?next=${encodeURIComponent(location.pathname + location.search)}`);
});

const SENTENCES = {
  403: "You may not do this. If your role changed, reload the page.",
  404: "This is no longer here. Reload the page to see what is.",
  409: "Somebody changed this meanwhile. Reload the page and try again.",
  429: "Too many requests at once. Wait a moment and try again.",
};

document.addEventListener("htmx:responseError", (event) => {
  const sentence = SENTENCES[event.detail.xhr.status];
  toast("error", sentence ?? "That did not work, and the fault is ours. Nothing was lost; try again in a moment.");
});

const offline = () => toast("error", "Tandem cannot be reached. Check your connection; what you typed is still here.");
document.addEventListener("htmx:sendError", offline);
document.addEventListener("htmx:timeout", offline);
document.addEventListener("htmx:swapError", () =>
  toast("error", "The page could not show the answer. Reload it to see the latest."),
);
