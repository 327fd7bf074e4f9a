// On a narrow screen the tabs scroll sideways, no further than the chosen one needs to be in view.

function reveal(root) {
  for (const tab of root.querySelectorAll(".tabs [aria-current]")) {
    const list = tab.closest(".tabs");
    const end = tab.offsetLeft - list.offsetLeft + tab.offsetWidth;
    list.scrollLeft = end > list.clientWidth ? end - list.clientWidth : 0;
  }
}

document.addEventListener("htmx:load", (event) => reveal(event.target));
reveal(document);
