"""From waiting operations to what is to be written: nothing, something else first, a create, an update, a removal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from accounting.enums import FLYING_STATES, Blocker, Change, ErrorClass, Lane, LinkState, OpState
from accounting.models import Connection, Link, Operation
from accounting.port.documents import Document, Kind
from accounting.port.errors import Misconfigured
from accounting.port.exchange import Outgoing, Verb
from accounting.port.snapshots import load
from accounting.resources.base import Need
from accounting.resources.desk import Desk
from accounting.resources.registry import get_resource
from accounting.sync import conflicts, exemptions, lease, links, outbox, problems, reference
from accounting.sync.compare import edits
from accounting.sync.due import Head, due_pushes, take
from accounting.sync.failing import fail

log = structlog.get_logger(__name__)

CLAIM = 100


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


@dataclass(slots=True)
class Sorted:
    """The plans of one claim, by verb."""

    create: list[Plan] = field(default_factory=list)
    update: list[Plan] = field(default_factory=list)
    remove: list[Plan] = field(default_factory=list)

    def first(self) -> tuple[Verb, list[Plan]] | None:
        """The verb of the most urgent plan, with all plans of that verb."""
        groups: list[tuple[Verb, list[Plan]]] = [
            ("create", self.create), ("update", self.update), ("remove", self.remove)
        ]  # fmt: skip
        filled = [(verb, plans) for verb, plans in groups if plans]
        return min(filled, key=lambda group: group[1][0].urgency, default=None)


def plan_next(connection: Connection, desk: Desk, heads: Sequence[Head]) -> Sorted:
    """Read the due operations behind these heads, all of one kind, and sort them. What needs no call is settled here:
    nothing changed, not yet for Xero, waiting for something else."""
    try:
        return _plan_all(connection, desk, heads, _plan)
    except (OperationalError, lease.LeaseLost):
        raise
    except Exception:  # one of them makes us stumble: each by itself will tell which
        return _plan_all(connection, desk, heads, _plan_safely)


@transaction.atomic
def _plan_all(
    connection: Connection, desk: Desk, heads: Sequence[Head], way: Callable[..., Plan | None]
) -> Sorted:
    lease.renew(connection)
    free = due_pushes(connection).select_for_update(of=("self",), skip_locked=True)
    operations, kind = take(free, heads, CLAIM), heads[0].kind
    ids = [operation.local_id for operation in operations if operation.local_id]
    records = get_resource(kind).load(ids)
    _load_links(desk, kind, ids, records)
    found = Sorted()
    for operation in operations:
        plan = way(operation, records.get(record_id(operation)), desk)
        if plan is not None:
            getattr(found, plan.verb).append(plan)
    return found


def _plan_safely(operation: Operation, record: Any, desk: Desk) -> Plan | None:
    """A record that makes us stumble must not hold back the others: it fails alone, and a person looks."""
    try:
        with transaction.atomic():
            return _plan(operation, record, desk)
    except OperationalError:  # the database's trouble, not the record's: it will be tried again
        raise
    except Exception:
        log.exception("plan_failed", operation=operation.pk, kind=operation.kind)
        fail(operation, ErrorClass.INTERNAL, "Tandem could not prepare this record.", "")
        return None


def record_id(operation: Operation) -> UUID:
    """Our record that a push is about; the database sees to it that every push has one."""
    assert operation.local_id is not None
    return operation.local_id


def _load_links(desk: Desk, kind: Kind, ids: list[UUID], records: dict[UUID, Any]) -> None:
    """All links that the documents will ask for, in one query a kind."""
    desk.links.clear()
    desk.load_links(kind, ids)
    desk.load_exemptions(kind, ids)
    resource = get_resource(kind)
    desk.load_needs(need for record in records.values() for need in resource.needs(record))


def _plan(operation: Operation, record: Any, desk: Desk) -> Plan | None:
    kind = operation.kind
    link = desk.link(kind, record_id(operation))
    if record is None:
        return _plan_deleted(operation, link, desk)
    if _is_left_out(operation, record, desk):
        return None
    resource = get_resource(kind)
    intent = resource.intent(record, link, desk.rules)
    if intent == "hold":
        drop(operation)
        return None
    if lacking := resource.lacking(record, desk):
        _block(operation, Blocker.INCOMPLETE, lacking, ErrorClass.NONE)
        return None
    need = resource.first_need(record, intent, desk)
    if need is not None:
        _wait_for(operation, need, desk)
        return None
    try:
        document = resource.to_document(record, desk)
    except Misconfigured as error:
        _block(operation, Blocker.SETUP, error.message, ErrorClass.MISCONFIGURED)
        reference.ask_if_old(desk.connection)
        return None
    plan = _plan_document(operation, link, document, removing=intent == "remove")
    if plan and (parked := resource.parked(record, link, desk)):
        _block(operation, Blocker.PERIOD, parked, ErrorClass.NONE)
        return None
    return plan


def _plan_document(
    operation: Operation, link: Link | None, document: Document, *, removing: bool
) -> Plan | None:
    if link is None:
        return Plan(operation, None, "create", document)
    if link.state == LinkState.OUT_OF_SYNC:
        _block(operation, Blocker.CONFLICT, conflicts.PAUSED, ErrorClass.NONE)
        return None
    changed = edits(links.agreed_of_ours(link), document)
    if not changed:
        drop(operation)
        return None
    return Plan(operation, link, "remove" if removing else "update", document, changed)


def _is_left_out(operation: Operation, record: Any, desk: Desk) -> bool:
    exemption = desk.exemption(operation.kind, record.pk)
    if exemption is None or not exemptions.still_stands(exemption, record):
        return False
    _block(operation, Blocker.EXEMPT, exemption.words, ErrorClass.NONE, record.pk)
    return True


def _plan_deleted(operation: Operation, link: Link | None, desk: Desk) -> Plan | None:
    """Our record is gone: what is linked is removed there by what was last agreed, unless it was left out of the sync;
    the rest needs nothing."""
    is_removal = operation.change == Change.REMOVE and not desk.exemption(
        operation.kind, record_id(operation)
    )
    if not is_removal or link is None or link.state == LinkState.TOMBSTONED:
        drop(operation)
        return None
    return Plan(operation, link, "remove", load(link.kind, link.base))


def drop(operation: Operation) -> None:
    """Nothing has to be sent. Whoever waited for it looks again."""
    operation.delete()
    outbox.unblock(operation.connection_id, waiting_for=Blocker.DEPENDENCY, record_id=operation.local_id)


def _wait_for(operation: Operation, need: Need, desk: Desk) -> None:
    if need.approval:
        link = desk.link(need.kind, need.local_id)
        is_apart = link is not None and link.state == LinkState.OUT_OF_SYNC
        decision = f"Waits until you decide which version of {need.label} is right."
        words = decision if is_apart else f"Waits for {need.label} to be approved in Xero."
        _block(operation, Blocker.APPROVAL, words, ErrorClass.NONE, need.local_id)
    elif need.arrives and desk.exemption(need.kind, need.local_id):
        _block(operation, Blocker.EXEMPT, need.left_out, ErrorClass.NONE, need.local_id)
    elif need.arrives and not _is_coming(operation, need, desk):
        words = f"{need.never_comes} Change that, and this is sent by itself."
        fail(operation, ErrorClass.PERMANENT, words, "", waits_for=need.local_id)
    else:
        _block_on(operation, need)


def _is_coming(operation: Operation, need: Need, desk: Desk) -> bool:
    """Whether the record that is needed will get there: it is on its way, or wants to be."""
    same = Operation.objects.filter(
        connection_id=operation.connection_id, lane=Lane.PUSH, kind=need.kind, local_id=need.local_id
    )
    if same.filter(state__in=FLYING_STATES).exists():
        return True
    link = Link.objects.filter(
        connection_id=operation.connection_id, kind=need.kind, local_id=need.local_id
    ).first()
    resource = get_resource(need.kind)
    record = resource.load([need.local_id]).get(need.local_id)
    return record is not None and resource.intent(record, link, desk.rules) == "upsert"


def _block_on(operation: Operation, need: Need) -> None:
    """Wait for another record, and see to it that it is on its way."""
    waiting = Operation.objects.filter(
        connection_id=operation.connection_id, lane=Lane.PUSH, kind=need.kind, local_id=need.local_id
    )
    if not waiting.exists():
        outbox.record(workspace_id=operation.workspace_id, kind=need.kind, local_id=need.local_id)
    waiting.filter(priority__gt=operation.priority).update(priority=operation.priority)
    _block(
        operation,
        Blocker.DEPENDENCY,
        f"Waiting for {need.label} to reach Xero.",
        ErrorClass.NONE,
        need.local_id,
    )


def _block(
    operation: Operation,
    blocker: Blocker,
    words: str,
    error_class: ErrorClass,
    blocked_on: UUID | None = None,
) -> None:
    operation.state = OpState.BLOCKED
    operation.blocker = blocker
    operation.blocked_on = blocked_on
    operation.error = words[:500]
    operation.error_class = error_class
    if blocker == Blocker.SETUP:
        operation.problem_id = problems.note(operation, error_class, words, "")
    elif blocker == Blocker.EXEMPT:
        operation.problem_id = None
    operation.save(
        update_fields=["state", "blocker", "blocked_on", "error", "error_class", "problem", "updated_at"]
    )
