"""How each linked record stands: whether ours says what we know of theirs. Reads only, many records in a fixed number
of queries, and no call.

What is known of theirs is what the link holds, or an open conflict. What is on its way in either direction, or held
here, is told apart from what differs with nobody about to change that.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import structlog
from django.db import OperationalError

from accounting.enums import Blocker, ConflictState, Lane, OpState, Remedy
from accounting.models import Conflict, Connection, Exemption, Link, Operation
from accounting.port.documents import Document, Fact, Kind, shape_of
from accounting.port.errors import ProviderError
from accounting.port.snapshots import Snapshot, dump, load
from accounting.resources.base import Resource
from accounting.resources.desk import Desk, open_desk
from accounting.resources.registry import get_resource
from accounting.sync.compare import agrees, comparable, counted, differing, edits
from accounting.sync.links import agreed_of_ours

log = structlog.get_logger(__name__)

MISSING = "Xero lists this record no more. Read it again, or unlink it on its page to create it in Xero anew."
Said = tuple[str, Any, Any]
"""A field, what ours says and what theirs says, as JSON-ready values."""


class Verdict(enum.Enum):
    """Whether both sides agree about one record."""

    AGREES = "both say the same"
    WAITING = "on its way, or held here"
    APART = "they differ, and nobody is about to change that"


@dataclass(frozen=True, slots=True)
class Look:
    """One linked record as it was found. `ours` and `theirs` are what it comes to on each side; None is no money.
    `known` are the fields that count of what is known of theirs, `settled` what is known to be settled of it there."""

    link: Link
    verdict: Verdict
    currency: str = ""
    ours: Decimal | None = None
    theirs: Decimal | None = None
    fields: tuple[Said, ...] = ()
    remedy: Remedy = Remedy.READ
    words: str = ""
    known: Snapshot = field(default_factory=dict)
    settled: Decimal | None = None


@dataclass(slots=True)
class _Room:
    """What looking at these links of one kind needs, read at once."""

    desk: Desk
    resource: Resource
    records: dict[UUID, Any]
    conflicts: dict[UUID, Conflict] = field(default_factory=dict)
    pushes: dict[UUID | None, list[Operation]] = field(default_factory=dict)
    pulls: dict[str, list[Operation]] = field(default_factory=dict)
    left_out: dict[UUID, str] = field(default_factory=dict)

    def look(self, link: Link) -> Look:
        """How this one stands."""
        record, theirs = self.records.get(link.local_id), self._theirs(link)
        if record is None:
            return self._deleted_here(link, theirs)
        try:
            ours = self.resource.to_document(record, self.desk)
        except ProviderError as error:
            return self._unsaid(link, record, theirs, error)
        fields = _fields(link, self.conflicts.get(link.pk), ours, theirs)
        there = _worth(link.kind, theirs) if theirs else ours.worth
        if link.lost_at and there is not None:
            there = Decimal(0)
        currency = self._currency(record)
        verdict, remedy, words = self._judge(link, record, ours, fields)
        known = counted(link.kind, theirs) if theirs else {}
        settled = self.resource.settled_there(record, self.desk)
        return Look(link, verdict, currency, ours.worth, there, fields, remedy, words, known, settled)

    def _currency(self, record: Any) -> str:
        return self.resource.currency(record) if shape_of(self.resource.kind).worth_field else ""

    def _theirs(self, link: Link) -> Snapshot:
        conflict = self.conflicts.get(link.pk)
        return cast(Snapshot, conflict.theirs if conflict else link.base)

    def _deleted_here(self, link: Link, theirs: Snapshot) -> Look:
        there = load(link.kind, theirs) if theirs else None
        if there is None or there.is_gone:
            return Look(link, Verdict.AGREES)
        is_leaving = any(_moves(row) for row in self.pushes.get(link.local_id, ()))
        verdict = Verdict.WAITING if is_leaving else Verdict.APART
        words = "It was deleted here, and not in Xero."
        ours = None if there.worth is None else Decimal(0)
        currency = str(getattr(there, "currency", ""))
        return Look(link, verdict, currency, ours, there.worth, (), Remedy.SEND, words)

    def _unsaid(self, link: Link, record: Any, theirs: Snapshot, error: ProviderError) -> Look:
        """What cannot be put in Xero's terms waits where it is to be sent; else somebody has to choose."""
        is_known = self.pushes.get(link.local_id)
        verdict = Verdict.WAITING if is_known else Verdict.APART
        there = _worth(link.kind, theirs) if theirs else None
        currency = self._currency(record)
        return Look(link, verdict, currency, there, there, (), Remedy.SEND, error.message)

    def _judge(
        self, link: Link, record: Any, ours: Document, fields: tuple[Said, ...]
    ) -> tuple[Verdict, Remedy, str]:
        if link.pk in self.conflicts:
            return Verdict.APART, Remedy.DECIDE, ""
        coming, going = self.pulls.get(link.remote_id, ()), self.pushes.get(link.local_id, ())
        if failed := next((row for row in coming if row.state == OpState.FAILED), None):
            return Verdict.APART, Remedy.MEND, failed.error
        if coming:
            return Verdict.WAITING, Remedy.WAIT, ""
        if link.lost_at:
            return Verdict.APART, Remedy.READ, MISSING
        if not fields or not link.base:
            return Verdict.AGREES, Remedy.WAIT, ""
        if failed := next((row for row in going if row.state == OpState.FAILED), None):
            return Verdict.APART, Remedy.MEND, failed.error
        if any(_moves(row) for row in going):
            return Verdict.WAITING, Remedy.WAIT, ""
        if left_out := self.left_out.get(link.local_id):
            return Verdict.WAITING, Remedy.WAIT, left_out
        if held := self.resource.held_back(record, load(link.kind, link.base).standing, self.desk.rules):
            return Verdict.WAITING, Remedy.WAIT, held
        is_ours = bool(edits(agreed_of_ours(link), ours))
        return Verdict.APART, Remedy.SEND if is_ours else Remedy.READ, ""


def look_at(connection: Connection, kind: Kind, found: Sequence[Link]) -> list[Look]:
    """How these links of one kind stand, in a fixed number of queries."""
    room = _room(connection, kind, found)
    return [_look_safely(room, link) for link in found]


def _look_safely(room: _Room, link: Link) -> Look:
    """A record that makes us stumble must not keep the others from being told: it is told itself."""
    try:
        return room.look(link)
    except OperationalError:  # the database's trouble, not the record's
        raise
    except Exception:
        log.exception("look_failed", kind=link.kind, local_id=str(link.local_id))
        return Look(link, Verdict.APART, remedy=Remedy.MEND, words="Tandem could not compare this record.")


def _room(connection: Connection, kind: Kind, found: Sequence[Link]) -> _Room:
    resource, desk = get_resource(kind), open_desk(connection)
    local_ids = [link.local_id for link in found]
    desk.links.update({(link.kind, link.local_id): link for link in found})
    records = resource.load(local_ids)
    desk.load_needs(need for record in records.values() for need in resource.needs(record))
    opened = Conflict.objects.filter(link__in=[link.pk for link in found], state=ConflictState.OPEN)
    waiting = Operation.objects.filter(connection=connection, kind=kind)
    going = waiting.filter(lane=Lane.PUSH, local_id__in=local_ids)
    coming = waiting.filter(lane=Lane.PULL, remote_id__in=[link.remote_id for link in found])
    room = _Room(desk, resource, records, {row.link_id: row for row in opened})
    out = Exemption.objects.filter(connection=connection, kind=kind, local_id__in=local_ids)
    room.left_out = {row.local_id: row.words for row in out}
    for row in going:
        room.pushes.setdefault(row.local_id, []).append(row)
    for row in coming:
        room.pulls.setdefault(row.remote_id, []).append(row)
    return room


def _fields(link: Link, conflict: Conflict | None, ours: Document, theirs: Snapshot) -> tuple[Said, ...]:
    """Where ours says something else than theirs, as far as both know it. What ours was known to say in other words
    when both agreed is no difference."""
    mine, there = comparable(ours), counted(link.kind, theirs) if theirs else {}
    meant = there if conflict else {**there, **link.otherwise}
    told = [(name, mine[name], there.get(name)) for name in mine if name in differing(meant, mine)]
    return (*told, *told_otherwise(shape_of(link.kind).told_there, dump(ours), theirs))


def told_otherwise(facts: Iterable[Fact], ours: Snapshot, theirs: Snapshot) -> list[Said]:
    """Of what only they decide, that which ours shows otherwise."""
    known = (fact.name for fact in facts if fact.is_known(theirs))
    return [(name, ours[name], theirs[name]) for name in known if not agrees(ours[name], theirs[name])]


def _worth(kind: Kind, snapshot: Snapshot) -> Decimal | None:
    return load(kind, snapshot).worth


def _moves(row: Operation) -> bool:
    """Whether this goes on by itself, or once something else has arrived or was chosen."""
    return row.state != OpState.FAILED and row.blocker != Blocker.CONFLICT
