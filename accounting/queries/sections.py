"""The versions of a record that is out of sync side by side, field by field and line by line, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.text import Truncator

from accounting.port.documents import LINES, Fact, Picks, Shown, facts_of, keys_of, shape_of
from accounting.queries.words import LINE, Names, say, say_line
from accounting.resources.registry import get_resource

Snapshot = dict[str, Any]
Parts = list[Snapshot | None]
"""One line in the versions that there are; None where a version lacks it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field in the three versions, in words. `choice` names what a person may pick of it, "" where it follows from
    what else is picked; `pick` is the side that stands, "" where nobody has said; `result` is what comes of it."""

    label: str
    base: str
    ours: str
    theirs: str
    ours_changed: bool
    theirs_changed: bool
    is_computed: bool = False
    choice: str = ""
    pick: str = ""
    result: str = ""

    def offering(self, choice: str, picks: Picks | None) -> Row:
        """The row with a choice. Until somebody picks, the side stands that alone has changed it."""
        alone = "" if self.ours_changed == self.theirs_changed else "ours" if self.ours_changed else "theirs"
        pick = alone if picks is None else picks.get(choice, "")
        result = self.result or (getattr(self, pick) if pick else "")
        return replace(self, choice=choice, pick=pick, result=result)


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
class Versions:
    """A record as it was agreed, as ours and theirs have it, and as it comes to be, where that is known: snapshots.
    `choices` are what may be picked, `picks` what was; None of these yet."""

    kind: str
    base: Snapshot
    ours: Snapshot
    theirs: Snapshot
    names: Names
    result: Snapshot | None = None
    choices: frozenset[str] = field(default_factory=frozenset)
    picks: Picks | None = None

    @property
    def all(self) -> Parts:
        return [self.base, self.ours, self.theirs, self.result]

    @property
    def currency(self) -> str:
        return str(self.ours.get("currency", ""))

    def facts(self) -> list[Fact]:
        """All but lines, which are told one by one."""
        return [fact for fact in facts_of_kind(self.kind) if fact.shown != Shown.LINES]

    def row(self, fact: Fact, sides: Parts, choice: str) -> Row:
        told = [say(fact, value_of(side or {}, fact), self.names, self._currency_of(side)) for side in sides]
        return self._offered(row_of(fact.label, told, is_computed=fact.computed), choice)

    def whole_line(self, sides: Parts, choice: str) -> Row:
        told = [say_line(side, self.names) or "Not there" for side in sides]
        return self._offered(row_of("The line", told if self.result else [*told[:3], ""]), choice)

    def _offered(self, row: Row, choice: str) -> Row:
        return row.offering(choice, self.picks) if choice in self.choices else row

    def _currency_of(self, side: Snapshot | None) -> str:
        return str((side or {}).get("currency") or self.currency)


def facts_of_kind(kind: str) -> Iterable[Fact]:
    """What counts of a record of this kind."""
    return facts_of(shape_of(kind)).values()


def value_of(side: Mapping[str, Any], fact: Fact) -> Any:
    """What a snapshot says of it; None where it says nothing."""
    return fact.read(side) if fact.is_known(side) else None


def row_of(label: str, told: list[str], *, is_computed: bool = False) -> Row:
    base, ours, theirs, result = told
    return Row(label, base, ours, theirs, ours != base, theirs != base, is_computed, result=result)


def sections_of(versions: Versions) -> Iterator[Section]:
    """Where ours and theirs differ, in the order in which the document is read: its head, its lines, its totals."""
    told = [fact for fact in versions.facts() if _is_told(fact, versions)]
    head = [versions.row(fact, versions.all, fact.name) for fact in told if not fact.computed]
    totals = [versions.row(fact, versions.all, "") for fact in told if fact.computed]
    yield from _section(get_resource(versions.kind).words.title, head)
    yield from _line_sections(versions)
    yield from _section("Totals", totals)


def _is_told(fact: Fact, versions: Versions) -> bool:
    """Whether both sides say anything about it: what one of them does not know is no difference."""
    return fact.is_known(versions.ours) and fact.is_known(versions.theirs)


def _section(title: str, rows: list[Row], line: str = "") -> Iterator[Section]:
    if differing := tuple(row for row in rows if row.ours != row.theirs or row.choice):
        yield Section(title, differing, line=line)


def same_of(versions: Versions) -> Iterator[tuple[str, str]]:
    """What both sides have alike, so that one sees that nothing is hidden."""
    for fact in versions.facts():
        row = versions.row(fact, versions.all, "")
        if row.ours == row.theirs and row.ours and row.ours != "No":
            yield row.label, row.ours
    for number, (_, (_, ours, theirs, _)) in enumerate(_paired_lines(versions), start=1):
        if ours and theirs and _alike(ours, theirs):
            yield f"Line {number}", say_line(ours, versions.names)


def _alike(ours: Snapshot, theirs: Snapshot) -> bool:
    return all(ours.get(name) == theirs.get(name) for name in LINE)


def _paired_lines(versions: Versions) -> list[tuple[str, Parts]]:
    """Lines side by side, by their keys: ours in their order, then those that only Xero has."""
    base, ours, theirs = (_by_key(side.get(LINES) or []) for side in versions.all[:3] if side is not None)
    result = _as_theirs((versions.result or {}).get(LINES) or [], theirs)
    keys = list(dict.fromkeys([*ours, *theirs, *base]))
    return [(key, [side.get(key) for side in (base, ours, theirs, result)]) for key in keys]


def _by_key(lines: list[Snapshot]) -> dict[str, Snapshot]:
    keys = keys_of((line.get("ref") or "", line.get("remote_id") or "") for line in lines)
    return dict(zip(keys, lines, strict=True))


def _as_theirs(lines: list[Snapshot], theirs: dict[str, Snapshot]) -> dict[str, Snapshot]:
    """A line that was only theirs stands under its key, whatever our id of it has become."""
    there = {line["remote_id"]: key for key, line in theirs.items() if line.get("remote_id")}
    return {there.get(line.get("remote_id") or "", key): line for key, line in _by_key(lines).items()}


def _line_sections(versions: Versions) -> Iterator[Section]:
    for number, (key, sides) in enumerate(_paired_lines(versions), start=1):
        base, ours, theirs, _ = sides
        title = f"Line {number}: {_called(ours or theirs or {})}"
        if ours and theirs:
            yield from _section(title, _line_rows(versions, f"{LINES}.{key}", sides), f"line {number}")
        elif ours or theirs:
            row = versions.whole_line(sides, f"{LINES}.{key}")
            yield Section(title, (row,), _lacking(base, ours), f"line {number}")


def _line_rows(versions: Versions, name: str, sides: Parts) -> list[Row]:
    """Where the line can only be picked as a whole, its first row says so for all of them."""
    rows = [versions.row(fact, sides, f"{name}.{fact.name}") for fact in LINE.values()]
    if name in versions.choices:
        rows = [row for row in rows if row.ours != row.theirs]
        rows[0] = rows[0].offering(name, versions.picks)
    return rows


def _called(line: Snapshot) -> str:
    return str(Truncator(line.get("description") or "(no description)").chars(60))


def _lacking(base: Snapshot | None, ours: Snapshot | None) -> str:
    if base is None:
        return "Added in Tandem." if ours else "Added in Xero."
    return "Deleted in Xero." if ours else "Deleted in Tandem."
