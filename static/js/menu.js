// Menus are popovers; this places them beside their button and moves through them with the arrow keys.
import { isOutOfSight, place } from "./place.js";

function buttonOf(panel) {
  return document.querySelector(`[popovertarget="${CSS.escape(panel.id)}"]`);
}

function items(panel) {
  return [...panel.querySelectorAll("a[href], button:not(:disabled)")];
}

document.addEventListener(
  "toggle",
  (event) => {
    const panel = event.target;
    if (!panel.matches?.(".menu__panel") || event.newState !== "open") return;
    const button = buttonOf(panel);
    if (button) place(panel, button, { align: panel.dataset.align });
  },
  true,
);

document.addEventListener("keydown", (event) => {
  if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  const button = event.target.closest?.(".menu > [popovertarget]");
  let panel = event.target.closest?.(".menu__panel");
  if (button && event.key === "ArrowDown") {
    panel = document.getElementById(button.getAttribute("popovertarget"));
    panel.showPopover();
  }
  if (!panel) return;
  event.preventDefault();
  const all = items(panel);
  const here = all.indexOf(document.activeElement);
  const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key];
  all.at(next % all.length)?.focus();
});

// Choosing an item closes the menu.
document.addEventListener("click", (event) => {
  event.target.closest(".menu__item")?.closest(".menu__panel")?.hidePopover();
});

// A part of the page is not exchanged under an open menu: it is fetched anew when the menu closes.
const held = new Map();

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, shouldSwap } = event.detail;
  const panel = shouldSwap && target.querySelector(".menu__panel:popover-open");
  if (!panel) return;
  event.detail.shouldSwap = false;
  held.set(panel, { source: requestConfig.elt, path: requestConfig.path });
});

document.addEventListener(
  "toggle",
  (event) => {
    const missed = event.newState === "closed" && held.get(event.target);
    if (!missed) return;
    held.delete(event.target);
    htmx.ajax("GET", missed.path, { source: missed.source }).catch(() => {});
  },
  true,
);

// A placed panel follows its button when the page moves, and closes when the button is out of sight.
function follow() {
  for (const panel of document.querySelectorAll(".menu__panel:popover-open")) {
    const button = buttonOf(panel);
    if (isOutOfSight(button)) panel.hidePopover();
    else place(panel, button, { align: panel.dataset.align });
  }
}

addEventListener("resize", follow);
document.addEventListener("scroll", (event) => event.target.closest?.(".menu__panel") || follow(), {
  capture: true,
  passive: true,
});
