"""From waiting operations to what is to be written: nothing, something else first, a create, an update, a removal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from accounting.enums import FLYING_STATES, Blocker, Change, ErrorClass, Lane, LinkState, OpState
from accounting.models import Connection, Link, Operation
from accounting.port.exchange import Verb
from accounting.port.snapshots import load
from accounting.resources.desk import Desk
from accounting.resources.needs import Need
from accounting.resources.registry import get_resource
from accounting.sync import exemptions, lease, outbox, problems, reference
from accounting.sync.due import Head, due_pushes, take
from accounting.sync.failing import fail
from accounting.sync.weigh import Plan, Waits, lay_out, record_id, weigh

log = structlog.get_logger(__name__)

CLAIM = 100


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
    lay_out(desk, kind, ids, records)
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


def _plan(operation: Operation, record: Any, desk: Desk) -> Plan | None:
    kind = operation.kind
    if record is None:
        return _plan_deleted(operation, desk.link(kind, record_id(operation)), desk)
    if _is_left_out(operation, record, desk):
        return None
    found = weigh(operation, record, desk)
    if isinstance(found, Plan):
        return found
    if isinstance(found, Need):
        _wait_for(operation, found, desk)
    elif isinstance(found, Waits):
        _block(operation, found.blocker, found.words, found.error_class, found.blocked_on)
        if found.blocker == Blocker.SETUP:
            reference.ask_if_old(desk.connection)
    else:
        drop(operation)
    return None


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
    elif need.arrives and not _is_coming(operation, need, desk):
        fail(operation, ErrorClass.PERMANENT, need.never_comes, "", waits_for=need.local_id)
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
