"""What keeping our version comes to, told before anything is saved: that Xero is known to refuse it as theirs stands
there, or that it waits here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounting.models import Conflict, Link
from accounting.port.documents import Document
from accounting.port.snapshots import load
from accounting.resources.desk import Desk, open_desk
from accounting.resources.registry import get_resource
from accounting.sync import links


@dataclass(frozen=True, slots=True)
class Prospect:
    """What would become of our version, in sentences that say what to do: why Xero would not take it (`refused`), or
    why it would wait here (`held`). Both are "" of what is simply sent."""

    refused: str = ""
    held: str = ""


def prospects_of(conflicts: Sequence[Conflict]) -> dict[UUID, Prospect]:
    """By conflict, what would become of ours if it were kept. Reads only, in a fixed number of queries for each kind
    of a connection."""
    rooms: dict[tuple[UUID, str], list[Conflict]] = defaultdict(list)
    for conflict in conflicts:
        rooms[conflict.connection_id, conflict.kind].append(conflict)
    return {pk: prospect for rows in rooms.values() for pk, prospect in _prospects(rows)}


def _prospects(rows: list[Conflict]) -> Iterable[tuple[UUID, Prospect]]:
    desk, resource = open_desk(rows[0].connection), get_resource(rows[0].kind)
    desk.links.update({(row.link.kind, row.link.local_id): row.link for row in rows})
    records = resource.load([row.local_id for row in rows])
    desk.load_needs(need for record in records.values() for need in resource.needs(record))
    for row in rows:
        record = records.get(row.local_id)
        yield row.pk, Prospect() if record is None else _prospect(row, record, desk)


def _prospect(conflict: Conflict, record: Any, desk: Desk) -> Prospect:
    resource = get_resource(conflict.kind)
    ours, theirs = (load(conflict.kind, side) for side in (conflict.ours, conflict.theirs))
    if refused := resource.refuses(record, ours, theirs, desk):
        return Prospect(refused=refused)
    held = resource.held_back(record, theirs.standing, desk.rules) or resource.lacking(record, desk)
    return Prospect(held=held or resource.parked(record, conflict.link, desk))


def why_refused(link: Link, record: Any, wanted: Document, theirs: Document, desk: Desk) -> str:
    """Why Xero would not take `wanted`, our record's document, over theirs: as theirs stands there, and by what it is
    known not to take of the fields that would be sent. "" where nothing is known to be in the way."""
    resource = get_resource(link.kind)
    desk.load_needs(resource.needs(record))
    if refused := resource.refuses(record, wanted, theirs, desk):
        return refused
    sent = links.falls_apart(wanted, theirs)
    told = (
        words
        for words, field, line in resource.objections(record, link.connection)
        if field in sent or (line and "lines" in sent)
    )
    return " ".join(dict.fromkeys(str(words) for words in told))
