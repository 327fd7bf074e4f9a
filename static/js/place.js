// Puts what floats (a menu, the options of a combobox) beside what it belongs to, above it where there is no room below.

const GAP = 4;

/** Place `panel`, which is shown already, at `anchor`'s start or end edge. */
export function place(panel, anchor, { align = "end" } = {}) {
  const beside = anchor.getBoundingClientRect();
  panel.dataset.placed = "";
  const box = panel.getBoundingClientRect();
  const below = beside.bottom + GAP + box.height <= innerHeight || beside.top < box.height + GAP;
  const wanted = align === "start" ? beside.left : beside.right - box.width;
  const left = Math.max(GAP, Math.min(wanted, innerWidth - box.width - GAP));
  panel.style.left = `${left}px`;
  panel.style.top = `${below ? beside.bottom + GAP : beside.top - GAP - box.height}px`;
}

/** Whether nothing of it is in the window. */
export function isOutOfSight(anchor) {
  const box = anchor?.getBoundingClientRect();
  return !box || box.bottom < 0 || box.top > innerHeight;
}
