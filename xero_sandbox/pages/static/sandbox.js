// Lines of the invoice editor: add one from the template, remove one and keep the focus near.
const lines = document.getElementById("lines");
const blank = document.getElementById("blank-line");

function addLine() {
  lines.append(blank.content.cloneNode(true));
  lines.lastElementChild.querySelector("textarea").focus();
}

function removeLine(row) {
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  if (next) next.querySelector("textarea").focus();
  else addLine();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-add-line]")) addLine();
  const remove = event.target.closest("[data-remove-line]");
  if (remove) removeLine(remove.closest("tr"));
});

// On a narrow screen the tabs scroll: show the one we are on.
document.querySelector(".side [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// The organisation switcher closes when the person looks elsewhere.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.switch[open]")) {
    if (!open.contains(event.target)) open.removeAttribute("open");
  }
});
