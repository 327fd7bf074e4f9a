// On a narrow screen the tabs scroll sideways; the chosen one is in view from the start.

function reveal(root) {
  for (const tab of root.querySelectorAll(".tabs [aria-current]")) {
    const list = tab.closest(".tabs");
    list.scrollLeft = tab.offsetLeft - list.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2;
  }
}

document.addEventListener("htmx:load", (event) => reveal(event.target));
reveal(document);
