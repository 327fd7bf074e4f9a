"""What two versions of a record have in common and where they differ. Pure.

Both documents are in the remote side's terms (its contact ids, tax codes, account codes), so they can
be compared field by field. Which fields count, decide or are computed, their documents declare. What a side computes
(totals, the amounts of lines) counts as a change of theirs, and never as one of ours: ours follows from the rest.

A field that one of the two does not know says nothing: it is no difference. A snapshot of an older release does not
know all of them; ours does not say what is the other side's alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from accounting.choices import Owner
from accounting.port.documents import Document, Fact, Kind, LineDoc, Shown, facts_of, shape_of
from accounting.port.snapshots import Snapshot, dump, upgrade

NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field in the three versions, as JSON-ready values; `base` is what both last agreed on. `decides` tells that
    a person must choose where both sides changed. `steps` are the values in their order, where they have one;
    `owner` is who decides about it alone, if one does."""

    field: str
    base: Any
    ours: Any
    theirs: Any
    decides: bool
    steps: tuple[str, ...] = ()
    owner: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether ours stands where the two are merged: it was changed here, and theirs has not gone further; or it is
        only ours to decide."""
        if self.owner:
            return self.owner == Owner.OURS
        changed = not agrees(self.ours, self.base)
        return changed and not (self.both_forward and self._at(self.theirs) > self._at(self.ours))

    @property
    def both_changed(self) -> bool:
        """Whether the two changed it to different values."""
        return not agrees(self.ours, self.base) and not agrees(self.theirs, self.base)

    @property
    def both_forward(self) -> bool:
        """Whether both have taken a step on, of values that have an order."""
        if not self.steps or not {self.base, self.ours, self.theirs} <= set(self.steps):
            return False
        return self._at(self.base) < min(self._at(self.ours), self._at(self.theirs))

    def _at(self, value: Any) -> int:
        return self.steps.index(value)


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


def has_moved(base: Snapshot, theirs: Document, ours: Document) -> bool:
    """Whether theirs is other than what was agreed (counted fields), in anything that ours says as well."""
    said = comparable(ours).keys()
    return bool(differing(base, comparable(theirs)) & said)


def has_gone_on(base: Snapshot, theirs: Document) -> bool:
    """Whether theirs has taken a step forward since `base` (counted fields), of those that have an order."""
    facts, there = facts_of(type(theirs)), comparable(theirs)
    stepped = (name for name in differing(base, there) if facts[name].steps)
    return any(_later(facts[name].steps, base[name], there[name]) for name in stepped)


def _later(steps: tuple[str, ...], before: str, now: str) -> bool:
    return steps.index(now) > steps.index(before)


def same_inputs(left: Document, right: Document) -> bool:
    """Whether the two agree in everything that was put in, whatever each side computes from it."""
    return agrees(put_in(left), put_in(right))


def three_way(
    base: Snapshot, ours: Document, theirs: Document, owners: Mapping[str, str] = NOBODY
) -> list[FieldDiff]:
    """Every field in which ours and theirs differ now, with what both last agreed on (counted fields), and who decides
    about it alone."""
    facts, mine, other = facts_of(type(ours)), comparable(ours), comparable(theirs)
    return [
        FieldDiff(
            *(name, base.get(name), mine[name], other[name], facts[name].decides, facts[name].steps),
            owner=owners.get(name, ""),
        )
        for name in mine
        if name in other and not agrees(mine[name], other[name])
    ]


def is_conflict(diffs: list[FieldDiff]) -> bool:
    """Whether, both sides having changed, a person must decide (product 7): a field that decides differs, or both
    changed the same lesser one, but for steps that both have taken forward, and for what only one side decides."""
    shared = (diff for diff in diffs if not diff.owner)
    return any(diff.decides or (diff.both_changed and not diff.both_forward) for diff in shared)


def changes(
    before: Snapshot, after: Document, only: Iterable[str] | None = None
) -> list[tuple[str, Any, Any]]:
    """(field, before, after) of each field that differs from `before` (counted fields): what a history tells."""
    new = comparable(after)
    names = new if only is None else [name for name in new if name in set(only)]
    return [(name, before.get(name), new[name]) for name in names if not _agree_or_new(before, new, name)]


def _agree_or_new(before: Snapshot, after: Snapshot, name: str) -> bool:
    return name not in before or agrees(before[name], after[name])
