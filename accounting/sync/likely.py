"""What of ours, linked to nothing, a record that was made in the remote system may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from accounting.enums import Mark
from accounting.models import Connection, Newcomer
from accounting.port.snapshots import load
from accounting.queries.unsent import unsent_of
from accounting.resources.registry import get_resource, push_order
from accounting.sync.matching import Index, Known, suggest

Likely = dict[UUID, tuple[UUID, Mark]]
"""Newcomer -> ours, and by what the two were found."""


def likely_ours(connection: Connection, newcomers: Sequence[Newcomer]) -> Likely:
    """What shares a mark with each of these, the surest first, else what has a name that is alike. None of ours is
    named twice. One query a kind, and all of ours that is linked to nothing in memory."""
    found: Likely = {}
    for kind in push_order():
        rows = [row for row in newcomers if row.kind == kind]
        if rows:
            found |= _likely(connection, kind, rows)
    return found


def _likely(connection: Connection, kind: str, rows: list[Newcomer]) -> Likely:
    resource = get_resource(kind)
    ours = [Known(record.pk, tuple(resource.marks(record))) for record in unsent_of(kind, connection)]
    marks = {row.pk: list(resource.marks_there(load(kind, row.there))) for row in rows}
    found = _by_mark(Index(ours), marks)
    found |= _by_name(ours, marks, found)
    return {pk: (ours[place].record, why) for pk, (place, why) in found.items()}


def _by_mark(index: Index[UUID], marks: dict[UUID, list[tuple[Mark, str]]]) -> dict[UUID, tuple[int, Mark]]:
    order = list(Mark)
    hits = [
        (order.index(why), place, pk) for pk, told in marks.items() for place, why in index.hits(told).items()
    ]
    found: dict[UUID, tuple[int, Mark]] = {}
    taken: set[int] = set()
    for rank, place, pk in sorted(hits):
        if place not in taken and pk not in found:
            found[pk] = (place, order[rank])
            taken.add(place)
    return found


def _by_name(
    ours: Sequence[Known[UUID]],
    marks: dict[UUID, list[tuple[Mark, str]]],
    found: dict[UUID, tuple[int, Mark]],
) -> dict[UUID, tuple[int, Mark]]:
    taken = {place for place, _ in found.values()}
    mine = {place: _name(known.marks) for place, known in enumerate(ours) if place not in taken}
    theirs = {str(pk): _name(told) for pk, told in marks.items() if pk not in found}
    alike = suggest({k: v for k, v in mine.items() if v}, {k: v for k, v in theirs.items() if v})
    return {UUID(pk): (place, Mark.ALIKE) for place, pk in alike.items()}


def _name(marks: Iterable[tuple[Mark, str]]) -> str:
    return next((text for mark, text in marks if mark == Mark.NAME), "")
