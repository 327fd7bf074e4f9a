// On a narrow screen the tabs scroll sideways, no further than the chosen one needs to be in view.

const NEXT = 24; // pixels of the tab after it, so that the row is seen to go on

function reveal(root) {
  for (const tab of root.querySelectorAll(".tabs [aria-current]")) {
    const list = tab.closest(".tabs");
    const end = tab.offsetLeft - list.offsetLeft + tab.offsetWidth;
    list.scrollLeft = end < list.clientWidth ? 0 : end + NEXT - list.clientWidth;
  }
}

document.addEventListener("htmx:load", (event) => reveal(event.target));
reveal(document);
