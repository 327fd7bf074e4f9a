"""What a waiting push comes to, by all that is known here: a write, something else first, waiting, nothing. Decides
and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounting.enums import Blocker, ErrorClass, LinkState
from accounting.models import Link, Operation
from accounting.port.documents import Document, Kind
from accounting.port.errors import Misconfigured
from accounting.port.exchange import Outgoing, Verb
from accounting.resources.desk import Desk
from accounting.resources.needs import Need
from accounting.resources.registry import get_resource
from accounting.sync import conflicts, links
from accounting.sync.compare import edits


@dataclass(slots=True)
class Plan:
    """What one operation comes to, now that its record was read. `changed` are the fields to be sent of a record that
    is there; `source` is that record, once it was looked at."""

    operation: Operation
    link: Link | None
    verb: Verb
    document: Document
    changed: frozenset[str] = frozenset()
    source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def remote_id(self) -> str:
        return self.link.remote_id if self.link else ""

    @property
    def outgoing(self) -> Outgoing:
        """What is to be written of it."""
        if self.link is None or not self.link.base:
            return Outgoing(self.document, self.remote_id, self.changed, source=self.source)
        insisted, agreed = links.insisted(self.link), links.base_of(self.link)
        return Outgoing(self.document, self.remote_id, self.changed, insisted, agreed, self.source)

    @property
    def urgency(self) -> tuple[int, int]:
        return self.operation.priority, self.operation.pk


@dataclass(frozen=True, slots=True)
class Waits:
    """It does not go now: what it waits for, and why, in a sentence."""

    blocker: Blocker
    words: str
    error_class: ErrorClass = ErrorClass.NONE
    blocked_on: UUID | None = None


def record_id(operation: Operation) -> UUID:
    """Our record that a push is about; the database sees to it that every push has one."""
    assert operation.local_id is not None
    return operation.local_id


def lay_out(desk: Desk, kind: Kind, ids: Sequence[UUID], records: Mapping[UUID, Any]) -> None:
    """Read all links that the documents of these records will ask for, in one query a kind."""
    desk.links.clear()
    desk.load_links(kind, ids)
    desk.load_exemptions(kind, ids)
    resource = get_resource(kind)
    desk.load_needs(need for record in records.values() for need in resource.needs(record))


def weigh(operation: Operation, record: Any, desk: Desk) -> Plan | Need | Waits | None:
    """What this push of a record that is here comes to; None when nothing has to be sent. Its links are laid out."""
    resource, link = get_resource(operation.kind), desk.link(operation.kind, record.pk)
    intent = resource.intent(record, link, desk.rules)
    if intent == "hold" or (link is None and not desk.rules.covers(resource.day(record))):
        return None
    if lacking := resource.lacking(record, desk):
        return Waits(Blocker.INCOMPLETE, lacking)
    if need := resource.first_need(record, intent, desk):
        return _kept_out(need, desk) or need
    try:
        document = resource.to_document(record, desk)
    except Misconfigured as error:
        return Waits(Blocker.SETUP, error.message, ErrorClass.MISCONFIGURED)
    theirs = desk.rules.theirs_of(operation.kind)
    found = _weigh_document(operation, link, document, theirs, removing=intent == "remove")
    if isinstance(found, Plan) and (parked := resource.parked(record, link, desk)):
        return Waits(Blocker.PERIOD, parked)
    return found


def _kept_out(need: Need, desk: Desk) -> Waits | None:
    """Why what is needed does not go by itself, as long as a person does nothing about it."""
    if not need.arrives or need.approval:
        return None
    if desk.exemption(need.kind, need.local_id):
        words = need.left_out
    elif not desk.rules.covers(need.day) and desk.link(need.kind, need.local_id) is None:
        words = f"It waits until {need.label} is linked, which is {desk.rules.before_start}."
    else:
        return None
    return Waits(Blocker.EXEMPT, words, blocked_on=need.local_id)


def _weigh_document(
    operation: Operation, link: Link | None, document: Document, theirs: frozenset[str], *, removing: bool
) -> Plan | Waits | None:
    if link is None:
        return Plan(operation, None, "create", document)
    if link.state == LinkState.OUT_OF_SYNC:
        return Waits(Blocker.CONFLICT, conflicts.PAUSED)
    changed = edits(links.agreed_of_ours(link), document) - theirs
    return Plan(operation, link, "remove" if removing else "update", document, changed) if changed else None
