"""A conflict, ready to be decided: what both sides last agreed on, what each has now, where they differ, and what comes
of what was picked."""

from __future__ import annotations

from dataclasses import dataclass

from accounting.models import Conflict
from accounting.port.documents import Document, Picks, Ref
from accounting.port.snapshots import dump, load
from accounting.providers.registry import record_url
from accounting.queries.records import Record, records_named
from accounting.queries.sections import (
    Section,
    Snapshot,
    Versions,
    facts_of_kind,
    same_of,
    sections_of,
    value_of,
)
from accounting.queries.words import Names, fact_of, load_names, say


@dataclass(frozen=True, slots=True)
class Comparison:
    """A conflict, ready to be decided. `result_total` is "" as long as it is not known."""

    conflict: Conflict
    record: Record
    sections: tuple[Section, ...]
    same: tuple[tuple[str, str], ...]
    ours_changed: tuple[str, ...]
    theirs_changed: tuple[str, ...]
    ours_total: str
    theirs_total: str
    result_total: str
    remote_url: str

    @property
    def offers_picks(self) -> bool:
        """Whether there is anything to pick one by one."""
        return any(row.choice for section in self.sections for row in section.rows)

    @property
    def left_to_pick(self) -> int:
        """How many choices nobody has made yet."""
        return sum(bool(row.choice and not row.pick) for section in self.sections for row in section.rows)


def compare(conflict: Conflict, picks: Picks | None = None, result: Document | None = None) -> Comparison:
    """The versions of a conflict, field by field and line by line, in words. One that was put together from both tells
    its own picks and result."""
    versions = versions_of(conflict, load_names(conflict.connection_id, refs_of(conflict)), picks, result)
    key = (conflict.kind, conflict.local_id)
    sections = tuple(sections_of(versions))
    ours_total, theirs_total, result_total = (_total(versions, side) for side in versions.all[1:])
    return Comparison(
        conflict=conflict,
        record=records_named([key])[key],
        sections=sections,
        same=tuple(same_of(versions)),
        ours_changed=_told(sections, "ours_changed"),
        theirs_changed=_told(sections, "theirs_changed"),
        ours_total=ours_total,
        theirs_total=theirs_total,
        result_total=result_total,
        remote_url=record_url(conflict.connection, conflict.kind, conflict.link.remote_id),
    )


def versions_of(
    conflict: Conflict, names: Names, picks: Picks | None = None, result: Document | None = None
) -> Versions:
    """The conflict as it is told in rows."""
    ours, theirs = (load(conflict.kind, side) for side in (conflict.ours, conflict.theirs))
    return Versions(
        kind=conflict.kind,
        base=conflict.base,
        ours=conflict.ours,
        theirs=conflict.theirs,
        names=names,
        result=dump(result) if result else conflict.result or None,
        choices=frozenset(theirs.choices(ours)),
        picks=conflict.picks or picks,
    )


def _total(versions: Versions, side: Snapshot | None) -> str:
    """What the document comes to; empty for one without totals."""
    side = side or {}
    return say(fact_of(versions.kind, "total"), side.get("total"), versions.names, side.get("currency", ""))


def moved_since(conflict: Conflict, seen: int) -> tuple[tuple[str, tuple[Section, ...]], ...]:
    """What has moved since the conflict showed its version `seen`, by side: each row has the old value as ours and the
    new one as theirs. Empty when that version is no longer known."""
    shown = conflict.earlier.get(str(seen))
    if shown is None:
        return ()
    names = load_names(conflict.connection_id, refs_of(conflict))
    sides = (
        ("In Tandem", shown["ours"], conflict.ours),
        ("In Xero", shown["theirs"], conflict.theirs),
    )
    told = ((side, _steps(conflict.kind, old, new, names)) for side, old, new in sides)
    return tuple((side, sections) for side, sections in told if sections)


def _steps(kind: str, old: Snapshot, new: Snapshot, names: Names) -> tuple[Section, ...]:
    return tuple(sections_of(Versions(kind, base=old, ours=old, theirs=new, names=names)))


def _told(sections: tuple[Section, ...], side: str) -> tuple[str, ...]:
    """What one side changed, without the amounts that only follow from it."""
    told = []
    for section in sections:
        rows = [row for row in section.rows if getattr(row, side)]
        told += [section.word_for(row) for row in rows if not row.is_computed]
    return tuple(told)


def refs_of(conflict: Conflict) -> set[Ref]:
    """The remote records that its versions name."""
    sides = (conflict.base, conflict.ours, conflict.theirs)
    facts = [fact for fact in facts_of_kind(conflict.kind) if fact.refers]
    told = ((fact.refers, value_of(side, fact)) for fact in facts for side in sides)
    return {Ref(kind, remote_id) for kind, remote_id in told if remote_id}
