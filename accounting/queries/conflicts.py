"""Records that are out of sync: what both sides last agreed on, what each has now, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.text import Truncator, capfirst

from accounting.enums import ConflictState
from accounting.models import Conflict
from accounting.port.documents import Fact, Ref, Shown, facts_of, shape_of
from accounting.providers.registry import record_url
from accounting.queries.records import Record, records_named
from accounting.queries.words import LINE, Names, fact_of, load_names, say, say_line
from accounting.resources.registry import get_resource

Snapshot = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One field in the three versions, in words."""

    label: str
    base: str
    ours: str
    theirs: str
    ours_changed: bool
    theirs_changed: bool
    is_computed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together: the record's own, or one line's. `note` tells of a line that one side lacks."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""
    line: str = ""

    def word_for(self, row: Row) -> str:
        """The field's name in a sentence: "due date", "quantity of line 2", "line 3 added"."""
        if self.note:
            return f"{self.line} {self.note.split()[0].lower()}"
        return f"{row.label.lower()} of {self.line}" if self.line else row.label.lower()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A conflict, ready to be decided."""

    conflict: Conflict
    record: Record
    sections: tuple[Section, ...]
    same: tuple[tuple[str, str], ...]
    ours_changed: tuple[str, ...]
    theirs_changed: tuple[str, ...]
    ours_total: str
    theirs_total: str
    remote_url: str


def open_conflicts() -> QuerySet[Conflict]:
    """What waits for a decision, the oldest first."""
    return (
        Conflict.objects.filter(state=ConflictState.OPEN).select_related("connection", "link").order_by("pk")
    )


def find_conflict(pk: UUID) -> QuerySet[Conflict]:
    """One conflict, open or settled."""
    return Conflict.objects.filter(pk=pk).select_related("connection", "link", "resolved_by")


def name_conflicts(conflicts: list[Conflict]) -> list[tuple[Conflict, Record, str]]:
    """Each conflict with its record and, in words, the fields in which the sides differ."""
    records = records_named({(row.kind, row.local_id) for row in conflicts})
    return [(row, records[row.kind, row.local_id], _differing(row)) for row in conflicts]


def _differing(conflict: Conflict) -> str:
    """In a sentence: "Due date, lines". Sums follow from the rest, so they are told when they stand alone."""
    facts = [fact_of(conflict.kind, name) for name in conflict.fields]
    told = [fact for fact in facts if not fact.computed] or facts
    return capfirst(", ".join(fact.label.lower() for fact in told))


def compare(conflict: Conflict) -> Comparison:
    """The three versions of a conflict, field by field and line by line, in words."""
    names = load_names(conflict.connection_id, _refs(conflict))
    key = (conflict.kind, conflict.local_id)
    sections = tuple(_sections(conflict, names))
    ours_total, theirs_total = (
        _total(conflict.kind, side, names) for side in (conflict.ours, conflict.theirs)
    )
    return Comparison(
        conflict=conflict,
        record=records_named([key])[key],
        sections=sections,
        same=tuple(_same(conflict, names)),
        ours_changed=_told(sections, "ours_changed"),
        theirs_changed=_told(sections, "theirs_changed"),
        ours_total=ours_total,
        theirs_total=theirs_total,
        remote_url=record_url(conflict.connection, conflict.kind, conflict.link.remote_id),
    )


def _total(kind: str, side: Snapshot, names: Names) -> str:
    """What the document comes to; empty for one without totals."""
    return say(fact_of(kind, "total"), side.get("total"), names, side.get("currency", ""))


def moved_since(conflict: Conflict, seen: int) -> tuple[tuple[str, tuple[Section, ...]], ...]:
    """What has moved since the conflict showed its version `seen`, by side: each row has the old value as ours and the
    new one as theirs. Empty when that version is no longer known."""
    shown = conflict.earlier.get(str(seen))
    if shown is None:
        return ()
    names = load_names(conflict.connection_id, _refs(conflict))
    sides = (
        ("In Tandem", shown["ours"], conflict.ours),
        ("In Xero", shown["theirs"], conflict.theirs),
    )
    told = ((side, _steps(conflict.kind, old, new, names)) for side, old, new in sides)
    return tuple((side, sections) for side, sections in told if sections)


def _steps(kind: str, old: Snapshot, new: Snapshot, names: Names) -> tuple[Section, ...]:
    return tuple(_sections(Conflict(kind=kind, base=old, ours=old, theirs=new), names))


def _told(sections: tuple[Section, ...], side: str) -> tuple[str, ...]:
    """What one side changed, without the amounts that only follow from it."""
    told = []
    for section in sections:
        rows = [row for row in section.rows if getattr(row, side)]
        told += [section.word_for(row) for row in rows if not row.is_computed]
    return tuple(told)


def _refs(conflict: Conflict) -> set[Ref]:
    sides = (conflict.base, conflict.ours, conflict.theirs)
    told = (
        (fact.refers, _value(side, fact)) for fact in _facts(conflict.kind) if fact.refers for side in sides
    )
    return {Ref(kind, remote_id) for kind, remote_id in told if remote_id}


def _facts(kind: str) -> Iterable[Fact]:
    return facts_of(shape_of(kind)).values()


def _plain_facts(kind: str) -> list[Fact]:
    """All but lines, which are told one by one."""
    return [fact for fact in _facts(kind) if fact.shown != Shown.LINES]


def _value(side: Snapshot, fact: Fact) -> Any:
    return fact.read(side) if fact.is_known(side) else None


def _row(fact: Fact, base: Snapshot, ours: Snapshot, theirs: Snapshot, names: Names) -> Row:
    sides = (base, ours, theirs)
    return _row_of(fact, [say(fact, _value(side, fact), names, side.get("currency", "")) for side in sides])


def _row_of(fact: Fact, told: list[str]) -> Row:
    base, ours, theirs = told
    return Row(fact.label, base, ours, theirs, ours != base, theirs != base, fact.computed)


def _sections(conflict: Conflict, names: Names) -> Iterator[Section]:
    """In the order in which the document is read: its head, its lines, its totals."""
    sides = (conflict.base, conflict.ours, conflict.theirs)
    facts = [fact for fact in _plain_facts(conflict.kind) if _is_told(fact, conflict)]
    head = [_row(fact, *sides, names) for fact in facts if not fact.computed]
    totals = [_row(fact, *sides, names) for fact in facts if fact.computed]
    yield from _section(get_resource(conflict.kind).words.title, head)
    yield from _line_sections(conflict, names)
    yield from _section("Totals", totals)


def _is_told(fact: Fact, conflict: Conflict) -> bool:
    """Whether both sides say anything about it: what one of them does not know is no difference."""
    return fact.is_known(conflict.ours) and fact.is_known(conflict.theirs)


def _section(title: str, rows: list[Row], line: str = "") -> Iterator[Section]:
    differing = tuple(row for row in rows if row.ours != row.theirs)
    if differing:
        yield Section(title, differing, line=line)


def _same(conflict: Conflict, names: Names) -> Iterator[tuple[str, str]]:
    """What both sides have alike, so that one sees that nothing is hidden."""
    for fact in _plain_facts(conflict.kind):
        row = _row(fact, conflict.base, conflict.ours, conflict.theirs, names)
        if row.ours == row.theirs and row.ours and row.ours != "No":
            yield row.label, row.ours
    for number, (_, ours, theirs) in enumerate(_paired_lines(conflict), start=1):
        if ours and theirs and _alike(ours, theirs):
            yield f"Line {number}", say_line(ours, names)


def _alike(ours: Snapshot, theirs: Snapshot) -> bool:
    return all(ours.get(name) == theirs.get(name) for name in LINE)


Trio = tuple[Snapshot | None, Snapshot | None, Snapshot | None]


def _paired_lines(conflict: Conflict) -> list[Trio]:
    """Lines of the three versions side by side: ours in their order, then those that only Xero has."""
    sides = [_by_key(side.get("lines") or []) for side in (conflict.base, conflict.ours, conflict.theirs)]
    keys = list(dict.fromkeys([*sides[1], *sides[2], *sides[0]]))
    return [(sides[0].get(key), sides[1].get(key), sides[2].get(key)) for key in keys]


def _by_key(lines: list[Snapshot]) -> dict[str, Snapshot]:
    """Our id where the line has one (Xero's lines carry it once they were agreed), else theirs."""
    return {line.get("ref") or line.get("remote_id") or f"#{index}": line for index, line in enumerate(lines)}


def _line_sections(conflict: Conflict, names: Names) -> Iterator[Section]:
    currency = conflict.ours.get("currency", "")
    for number, (base, ours, theirs) in enumerate(_paired_lines(conflict), start=1):
        if ours is None and theirs is None:
            continue
        title = f"Line {number}: {_called(ours or theirs or {})}"
        if ours and theirs:
            rows = [_line_row(fact, base or {}, ours, theirs, names, currency) for fact in LINE.values()]
            yield from _section(title, rows, f"line {number}")
        else:
            yield Section(
                title, (_whole_line(base, ours, theirs, names),), _lacking(base, ours), f"line {number}"
            )


def _called(line: Snapshot) -> str:
    return str(Truncator(line.get("description") or "(no description)").chars(60))


def _line_row(
    fact: Fact, base: Snapshot, ours: Snapshot, theirs: Snapshot, names: Names, currency: str
) -> Row:
    return _row_of(fact, [say(fact, _value(side, fact), names, currency) for side in (base, ours, theirs)])


def _whole_line(base: Snapshot | None, ours: Snapshot | None, theirs: Snapshot | None, names: Names) -> Row:
    told = [say_line(side, names) for side in (base, ours, theirs)]
    changed = [
        bool(base) != bool(side) or (side and base and not _alike(side, base)) for side in (ours, theirs)
    ]
    return Row(
        "The line",
        told[0] or "Not there",
        told[1] or "Not there",
        told[2] or "Not there",
        *map(bool, changed),
    )


def _lacking(base: Snapshot | None, ours: Snapshot | None) -> str:
    if base is None:
        return "Added in Tandem." if ours else "Added in Xero."
    return "Deleted in Xero." if ours else "Deleted in Tandem."
