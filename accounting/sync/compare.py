"""What two versions of a record have in common and where they differ. Pure.

Both documents are in the remote side's terms (its contact ids, tax codes, account codes), so they can
be compared field by field. Which fields count, decide or are computed, their documents declare. What a side computes
(totals, the amounts of lines) counts as a change of theirs, and never as one of ours: ours follows from the rest.

A field that one of the two does not know (a snapshot of an older release) says nothing: it is no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounting.port.documents import Document, Fact, Kind, LineDoc, Shown, facts_of, shape_of
from accounting.port.snapshots import Snapshot, dump, upgrade


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field in the three versions, as JSON-ready values; `base` is what both last agreed on. `decides` tells that
    a person must choose where both sides changed."""

    field: str
    base: Any
    ours: Any
    theirs: Any
    decides: bool


def counted(kind: Kind, snapshot: Snapshot) -> Snapshot:
    """The fields of a stored document that count, those it knows. Raises UnknownKind."""
    snapshot = upgrade(snapshot)
    facts = facts_of(shape_of(kind)).values()
    return {fact.name: _value(fact, snapshot) for fact in facts if fact.is_known(snapshot)}


def _value(fact: Fact, snapshot: Snapshot) -> Any:
    if fact.shown != Shown.LINES:
        return fact.read(snapshot)
    names = facts_of(LineDoc)
    return [{name: line[name] for name in names if name in line} for line in fact.read(snapshot)]


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


def inputs(kind: Kind, fields: Snapshot) -> Snapshot:
    """Counted fields without what a side computes: what a person or a service has put in."""
    return _put_in(facts_of(shape_of(kind)), fields)


def _put_in(facts: Any, fields: Snapshot) -> Snapshot:
    kept = {name: value for name, value in fields.items() if not facts[name].computed}
    line = facts_of(LineDoc)
    return {
        name: [_put_in(line, row) for row in value] if facts[name].shown == Shown.LINES else value
        for name, value in kept.items()
    }


def put_in(document: Document) -> Snapshot:
    """The fields of a document that were put in, as JSON-ready values."""
    return inputs(document.kind, comparable(document))


def edits(agreed: Snapshot, ours: Document) -> frozenset[str]:
    """The fields that were changed here since `agreed` (counted fields of ours at that moment)."""
    return differing(inputs(ours.kind, agreed), put_in(ours))


def same_inputs(left: Document, right: Document) -> bool:
    """Whether the two agree in everything that was put in, whatever each side computes from it."""
    return agrees(put_in(left), put_in(right))


def three_way(base: Snapshot, ours: Document, theirs: Document) -> list[FieldDiff]:
    """Every field in which ours and theirs differ now, with what both last agreed on (counted fields)."""
    facts, mine, other = facts_of(type(ours)), comparable(ours), comparable(theirs)
    return [
        FieldDiff(name, base.get(name), mine[name], other[name], facts[name].decides)
        for name in mine
        if not agrees(mine[name], other[name])
    ]


def is_conflict(diffs: list[FieldDiff]) -> bool:
    """Whether, both sides having changed, a person must decide (product 7): a field that decides differs, or both
    changed the same lesser one."""
    return any(diff.decides or _both_changed(diff) for diff in diffs)


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
