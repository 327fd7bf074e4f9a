// A page that can be printed: a press does it, wherever the button stands (it may arrive with a part of the page).
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
