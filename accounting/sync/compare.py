"""What two versions of a record have in common and where they differ. Pure.

Both documents are in the remote side's terms (its contact ids, tax codes, account codes), so they can
be compared field by field. What a side keeps for itself (ids, payments, rates) is left out. What a side computes
(totals, the amounts of lines) counts as a change of theirs, and never as one of ours: ours follows from the rest.

A field that one of the two does not know (a snapshot of an older release) says nothing: it is no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounting.port.documents import Document, Kind
from accounting.port.snapshots import Snapshot, dump, upgrade

FIELDS: dict[Kind, tuple[str, ...]] = {
    "customer": (
        "name", "reference", "first_name", "last_name", "email", "phone", "address_line",
        "city", "region", "postal_code", "country", "tax_number", "archived",
    ),
    "invoice": (
        "number", "reference", "contact_id", "issue_date", "due_date", "currency", "amounts",
        "net", "tax", "total", "lines",
    ),
    "payment": ("amount", "date", "reference", "removed"),
}  # fmt: skip
LINE_INPUTS = (
    "description", "quantity", "unit_amount", "discount_percent", "discount_amount", "tax_code", "account_code",
)  # fmt: skip
COMPUTED = frozenset({"net", "tax", "total"})
COMPUTED_OF_LINE = ("line_amount", "tax_amount")

SIGNIFICANT = {"net", "tax", "total", "issue_date", "due_date", "lines", "voided"}
"""Fields of an invoice whose difference, after both sides changed, is a conflict (product 7). Others merge."""

ENDED = ("voided", "deleted")


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field in the three versions, as JSON-ready values; `base` is what both last agreed on."""

    field: str
    base: Any
    ours: Any
    theirs: Any


def counted(kind: Kind, snapshot: Snapshot) -> Snapshot:
    """The fields of a stored document that count, those it knows."""
    snapshot = upgrade(snapshot)
    told = {name: snapshot[name] for name in FIELDS[kind] if name in snapshot}
    if "lines" in told:
        told["lines"] = [_line(line) for line in told["lines"]]
    if "state" in snapshot:
        told["voided"] = snapshot["state"] in ENDED
    return told


def _line(line: Snapshot) -> Snapshot:
    return {name: line[name] for name in (*LINE_INPUTS, *COMPUTED_OF_LINE) if name in line}


def comparable(document: Document) -> Snapshot:
    """The fields of a document that count, as JSON-ready values."""
    return counted(document.kind, dump(document))


def agrees(left: Any, right: Any) -> bool:
    """Whether two values are the same, as far as both sides know them."""
    if isinstance(left, dict) and isinstance(right, dict):
        return all(agrees(left[name], right[name]) for name in left.keys() & right.keys())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(agrees(*pair) for pair in zip(left, right, strict=True))
    return bool(left == right)


def same(left: Document, right: Document) -> bool:
    """Whether the two agree in every field that counts."""
    return agrees(comparable(left), comparable(right))


def differing(left: Snapshot, right: Snapshot) -> frozenset[str]:
    """The fields that both know and that differ."""
    return frozenset(name for name in left.keys() & right.keys() if not agrees(left[name], right[name]))


def inputs(fields: Snapshot) -> Snapshot:
    """Counted fields without what a side computes: what a person or a service has put in."""
    kept = {name: value for name, value in fields.items() if name not in COMPUTED}
    if "lines" in kept:
        kept["lines"] = [{name: line[name] for name in LINE_INPUTS if name in line} for line in kept["lines"]]
    return kept


def edits(agreed: Snapshot, ours: Document) -> frozenset[str]:
    """The fields that were changed here since `agreed` (counted fields of ours at that moment)."""
    return differing(inputs(agreed), inputs(comparable(ours)))


def same_inputs(left: Document, right: Document) -> bool:
    """Whether the two agree in everything that was put in, whatever each side computes from it."""
    return agrees(inputs(comparable(left)), inputs(comparable(right)))


def three_way(base: Snapshot, ours: Document, theirs: Document) -> list[FieldDiff]:
    """Every field in which ours and theirs differ now, with what both last agreed on (counted fields)."""
    mine, other = comparable(ours), comparable(theirs)
    return [
        FieldDiff(name, base.get(name), mine[name], other[name])
        for name in mine
        if not agrees(mine[name], other[name])
    ]


def is_conflict(diffs: list[FieldDiff]) -> bool:
    """Whether, both sides having changed, a person must decide: a significant field differs, or both changed
    the same lesser one."""
    return any(diff.field in SIGNIFICANT or _both_changed(diff) for diff in diffs)


def _both_changed(diff: FieldDiff) -> bool:
    return not agrees(diff.ours, diff.base) and not agrees(diff.theirs, diff.base)


def changes(
    before: Snapshot, after: Document, only: Iterable[str] | None = None
) -> list[tuple[str, Any, Any]]:
    """(field, before, after) of each field that differs from `before` (counted fields): what a history tells."""
    new = comparable(after)
    names = new if only is None else [name for name in new if name in set(only)]
    return [(name, before.get(name), new[name]) for name in names if not _agree_or_new(before, new, name)]


def _agree_or_new(before: Snapshot, after: Snapshot, name: str) -> bool:
    return name not in before or agrees(before[name], after[name])
