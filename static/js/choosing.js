// Beside a bar of buttons for the chosen rows of a form's table: a box that chooses all of them, and how many are chosen.

const rowsOf = (bar) => [...bar.closest("form").querySelectorAll("td.check input[type=checkbox]")];

function show(bar) {
  const rows = rowsOf(bar);
  const count = rows.filter((row) => row.checked).length;
  const all = bar.querySelector(".bar__all");
  const box = all.querySelector("input");
  all.hidden = rows.length < 2;
  box.checked = count > 0 && count === rows.length;
  box.indeterminate = count > 0 && count < rows.length;
  bar.querySelector(".bar__count").textContent = `${count || "None"} chosen:`;
}

const barOf = (element) => element.closest("form")?.querySelector("[data-chosen]");

document.addEventListener("change", (event) => {
  const bar = barOf(event.target);
  if (!bar) return;
  if (event.target.closest(".bar__all")) {
    for (const row of rowsOf(bar)) row.checked = event.target.checked;
  }
  show(bar);
});

function showAll() {
  document.querySelectorAll("[data-chosen]").forEach(show);
}

document.addEventListener("htmx:load", showAll);
window.addEventListener("pageshow", showAll); // the browser may have put back what was chosen
