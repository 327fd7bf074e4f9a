"""What one decision about many conflicts overwrites, record by record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounting.models import Conflict
from accounting.queries.comparison import refs_of, versions_of
from accounting.queries.conflicts import open_conflicts
from accounting.queries.records import Record, records_named
from accounting.queries.sections import sections_of
from accounting.queries.words import Names, load_names


@dataclass(frozen=True, slots=True)
class Overwritten:
    """One field of a record: what it says, and what it comes to say."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Overwriting:
    """One record, and its fields that are written over on the side that gives way."""

    conflict: Conflict
    record: Record
    fields: tuple[Overwritten, ...]


def chosen_conflicts(ids: Iterable[UUID]) -> list[Conflict]:
    """Those of these conflicts that still wait for a decision."""
    return list(open_conflicts().filter(pk__in=list(ids)))


def overwriting(conflicts: Sequence[Conflict], *, keeps_ours: bool) -> list[Overwriting]:
    """What each of them overwrites, in a fixed number of queries for each connection."""
    records = records_named({(row.kind, row.local_id) for row in conflicts})
    names = {pk: _names(pk, conflicts) for pk in {row.connection_id for row in conflicts}}
    return [
        Overwriting(
            conflict=row,
            record=records[row.kind, row.local_id],
            fields=tuple(_fields(row, names[row.connection_id], keeps_ours=keeps_ours)),
        )
        for row in conflicts
    ]


def _names(connection_id: UUID, conflicts: Sequence[Conflict]) -> Names:
    mine = (refs_of(row) for row in conflicts if row.connection_id == connection_id)
    return load_names(connection_id, set().union(*mine))


def _fields(conflict: Conflict, names: Names, *, keeps_ours: bool) -> Iterable[Overwritten]:
    for section in sections_of(versions_of(conflict, names)):
        for row in section.rows:
            if not row.is_computed:
                before, after = (row.theirs, row.ours) if keeps_ours else (row.ours, row.theirs)
                yield Overwritten(section.word_for(row) if section.line else row.label.lower(), before, after)
