// A combobox after the WAI-ARIA pattern (editable, list autocomplete): the server finds, this moves and chooses.
// The field is text beside a hidden id, so that it works without this file too.
import { isOutOfSight, place } from "./place.js";

const WAIT = 150;
const enhanced = new WeakMap();

class Combobox {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("[data-combobox-input]");
    this.value = root.querySelector("[data-combobox-value]");
    this.label = root.querySelector("[data-combobox-label]");
    this.popup = root.querySelector("[data-combobox-popup]");
    this.status = root.querySelector("[data-combobox-status]");
    this.isAsking = false;
    this.takesFirst = false;
    this.remember();
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-expanded", "false");
    this.listen();
  }

  listen() {
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("click", () => this.isOpen || this.ask());
    this.input.addEventListener("blur", () => this.left());
    this.popup.addEventListener("pointerdown", (event) => event.preventDefault()); // the text keeps the focus
    this.popup.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
    this.popup.addEventListener("htmx:afterSwap", () => this.arrived());
  }

  get isOpen() {
    return this.popup.matches(":popover-open");
  }

  get options() {
    return [...this.popup.querySelectorAll("[role=option]")];
  }

  get active() {
    return this.popup.querySelector("[aria-selected=true]");
  }

  // What was chosen last, for Escape to return to.
  remember() {
    this.chosen = { value: this.value.value, label: this.label.value, facts: this.value.dataset.facts };
  }

  typed() {
    const isBack = this.chosen.value && this.input.value === this.chosen.label;
    this.hold(isBack ? this.chosen : { value: "", label: "", facts: "{}" });
    clearTimeout(this.timer);
    this.isAsking = true;
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  ask({ at = "first" } = {}) {
    clearTimeout(this.timer);
    this.isAsking = true;
    this.startsAt = at;
    // What is chosen already is no search: opened again, the list starts from the beginning.
    const typed = this.value.value ? "" : this.input.value;
    const how = { source: this.input, target: this.popup, swap: "innerHTML", values: { q: typed } };
    htmx.ajax("GET", this.root.dataset.url, how).catch(() => {});
  }

  arrived() {
    this.isAsking = false;
    if (document.activeElement !== this.input) return this.settle();
    this.prepare();
    this.open();
    const options = this.options;
    this.activate(this.startsAt === "last" ? options.at(-1) : options[0]);
    this.status.textContent = this.popup.querySelector("[data-combobox-note]")?.textContent ?? "";
    if (this.takesFirst) this.take(this.active);
  }

  prepare() {
    const list = this.popup.querySelector("[role=listbox]");
    list.id = `${this.input.id}_list`;
    list.hidden = !this.options.length;
    this.options.forEach((option, number) => (option.id = `${list.id}_${number}`));
    this.input.setAttribute("aria-controls", list.id);
  }

  open() {
    if (!this.isOpen) this.popup.showPopover();
    this.popup.style.inlineSize = `${this.input.offsetWidth}px`;
    place(this.popup, this.input, { align: "start" });
    this.input.setAttribute("aria-expanded", String(this.options.length > 0));
  }

  close() {
    clearTimeout(this.timer);
    if (this.isOpen) this.popup.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.activate();
  }

  activate(option) {
    this.active?.removeAttribute("aria-selected");
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  move(by) {
    if (!this.isOpen) return this.ask({ at: by > 0 ? "first" : "last" });
    const options = this.options;
    const here = options.indexOf(this.active);
    const next = here < 0 && by < 0 ? options.length - 1 : here + by;
    this.activate(options.at(next % options.length));
  }

  // Escape closes; pressed again, it returns to what was chosen.
  escape(event) {
    if (!this.isOpen && this.input.value === this.chosen.label) return;
    event.preventDefault();
    if (this.isOpen) return this.close();
    this.hold(this.chosen);
    this.input.value = this.chosen.label;
  }

  // Enter never saves the form while somebody is choosing; pressed before the answer is there, it waits for it.
  enter(event) {
    if (!this.isOpen && !this.isAsking) return;
    event.preventDefault();
    if (this.isAsking) this.takesFirst = true;
    else if (this.active) this.take(this.active);
    else this.close();
  }

  // Tab takes what is marked, but it creates nothing.
  tab() {
    if (this.isOpen && !this.isAsking && !this.value.value && this.active?.dataset.value) this.take(this.active);
  }

  pressed(event) {
    if (event.isComposing) return;
    const { key, altKey } = event;
    if (key === "Tab") return this.tab();
    if (key === "Escape") return this.escape(event);
    if (key === "Enter" && !event.ctrlKey && !event.metaKey) return this.enter(event);
    if (key === "Home" || key === "End") return this.isOpen && this.toEdge(event, key);
    if (key !== "ArrowDown" && key !== "ArrowUp") return;
    event.preventDefault();
    if (altKey && key === "ArrowUp") this.close();
    else if (altKey) this.isOpen || this.ask();
    else this.move(key === "ArrowDown" ? 1 : -1);
  }

  // While the list is open, Home and End walk it; closed, they walk the text.
  toEdge(event, key) {
    event.preventDefault();
    this.activate(this.options.at(key === "Home" ? 0 : -1));
  }

  take(option) {
    this.takesFirst = false;
    if (!option) return;
    if (option.dataset.create) return this.create(option.dataset.create);
    this.choose({ value: option.dataset.value, label: option.dataset.label, facts: option.dataset.facts });
  }

  choose(row) {
    this.hold(row);
    this.input.value = row.label;
    this.remember();
    this.close();
    this.input.removeAttribute("aria-invalid");
    this.status.textContent = `${row.label} chosen.`;
    this.value.dispatchEvent(new Event("change", { bubbles: true }));
  }

  hold({ value, label, facts }) {
    this.value.value = value;
    this.label.value = label;
    this.value.dataset.facts = facts;
  }

  create(name) {
    this.close();
    const how = { source: this.root, target: "#dialog-slot", swap: "innerHTML", values: { name, for: this.input.id } };
    htmx.ajax("GET", this.root.dataset.create, how).catch(() => {});
  }

  left() {
    this.close();
    this.takesFirst = false;
    if (!this.isAsking) this.settle();
  }

  // Text that is all of one name is that one, even when it was never picked.
  settle() {
    if (this.value.value || !this.input.value.trim()) return;
    const typed = this.input.value.trim().toLowerCase();
    const named = this.options.filter((option) => option.dataset.label?.toLowerCase() === typed);
    if (named.length === 1) this.take(named[0]);
  }
}

function enhance(scope) {
  for (const root of scope.querySelectorAll("[data-combobox][data-url]:not([data-url=''])")) {
    if (enhanced.has(root)) continue;
    root.parentElement.querySelector("[data-combobox-candidates]")?.remove(); // the list offers the same
    enhanced.set(root, new Combobox(root));
  }
}

// Made in a dialog: it takes its place in the combobox that asked.
document.addEventListener("combobox:choose", (event) => {
  const input = document.getElementById(event.detail.for);
  const box = enhanced.get(input?.closest("[data-combobox]"));
  if (!box) return;
  const { value, label, facts } = event.detail;
  box.choose({ value, label, facts: JSON.stringify(facts) });
  input.focus();
});

function follow() {
  for (const popup of document.querySelectorAll("[data-combobox-popup]:popover-open")) {
    const box = enhanced.get(popup.closest("[data-combobox]"));
    if (isOutOfSight(box.input)) box.close();
    else place(popup, box.input, { align: "start" });
  }
}

addEventListener("resize", follow);
document.addEventListener("scroll", (event) => event.target.closest?.("[data-combobox-popup]") || follow(), {
  capture: true,
  passive: true,
});
document.addEventListener("htmx:load", (event) => enhance(event.target));
enhance(document);
