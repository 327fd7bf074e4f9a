"""Pushing: the next group of operations becomes a write, after a look at what it would overwrite."""

from __future__ import annotations

from collections.abc import Sequence

from accounting.enums import Change, ErrorClass, EventKind, Lane
from accounting.models import Batch, Connection
from accounting.port.documents import Kind
from accounting.port.exchange import RemoteRecord, Verb
from accounting.port.provider import Books
from accounting.resources.base import GONE_THERE
from accounting.resources.desk import Desk, open_desk
from accounting.resources.registry import get_resource
from accounting.sync import due, freeze, links, turns
from accounting.sync.apply import Untaken, try_apply
from accounting.sync.compare import counted, has_gone_on, has_moved
from accounting.sync.decide import Outcome
from accounting.sync.failing import fail
from accounting.sync.history import tell_of
from accounting.sync.plan import drop, plan_next
from accounting.sync.resolve import look_again
from accounting.sync.weigh import Plan, record_id
from core.transactions import forbid_transaction

HEARD = (Outcome.APPLIED, Outcome.MERGED, Outcome.AGREED, Outcome.CONFLICT, Outcome.EXEMPT)


def next_batch(connection: Connection, books: Books, heads: Sequence[due.Head]) -> Batch | None:
    """Store the next write of these heads' pushes and return it; None when what was due came to no write."""
    forbid_transaction("pushing")
    pushes = [head for head in heads if head.lane == Lane.PUSH]
    for kind in dict.fromkeys(head.kind for head in pushes):
        desk = open_desk(connection)
        group = plan_next(connection, desk, [head for head in pushes if head.kind == kind]).first()
        for link in desk.out_of_sync(kind):
            look_again(link, desk)
        if group is None:
            continue
        verb, plans = group
        size = books.batch_size(kind, verb)
        if len(plans) < size and turns.seconds_to_gather(connection, books, kind):
            continue  # what seemed to fill a write waits for other records
        plans = plans[:size]
        if verb != "create":
            plans = _look_before(connection, books, kind, verb, plans, desk)
        return freeze.freeze(connection, books, kind, verb, plans)
    return None


def _look_before(
    connection: Connection, books: Books, kind: Kind, verb: Verb, plans: list[Plan], desk: Desk
) -> list[Plan]:
    """Xero has no If-Match: one read of all records about to be overwritten. What moved since we last agreed is
    applied first (and may open a conflict); what is gone or already as wanted needs no write."""
    reply = books.fetch(kind, [plan.remote_id for plan in plans])
    there = {record.remote_id: record for record in reply.records}
    unreadable = dict(reply.unreadable)
    kept = []
    for plan in plans:
        record = there.get(plan.remote_id)
        if plan.remote_id in unreadable:
            words = "Xero's record could not be read."
            fail(plan.operation, ErrorClass.INTERNAL, words, unreadable[plan.remote_id])
        elif record is None:
            _gone(plan, verb)
        elif record.document.survivor and verb != "remove":
            _follow_first(connection, plan, record, desk)
        elif record.document.is_gone:
            _ended_there(connection, plan, verb, record, desk)
        elif _went_on(plan, record):
            words = get_resource(record.kind).say_went_on(record.document)
            fail(plan.operation, ErrorClass.PERMANENT, words, "")
        elif _moved(plan, record):
            _apply_first(connection, plan, record, desk)
        elif _hear_settlements(connection, plan, record, desk):
            kept.append(_as_it_stands(plan, verb, record))
    return kept


def _went_on(plan: Plan, record: RemoteRecord) -> bool:
    """Whether it was deleted here while it went on there: somebody approved it, and nobody here has seen that."""
    assert plan.link is not None
    agreed = counted(plan.link.kind, plan.link.base)
    return plan.operation.change == Change.REMOVE and has_gone_on(agreed, record.document)


def _moved(plan: Plan, record: RemoteRecord) -> bool:
    """Whether its content is other than what was agreed; a newer time alone (a payment, a mail) is no reason, and the
    time we know is no excuse: the answer to a write may have shown what is yet to be read.
    What was deleted here is removed there, however it was edited."""
    link = plan.link
    assert link is not None
    if (
        plan.operation.change == Change.REMOVE
        or record.document.is_settlement
        or record.version < link.remote_version
    ):
        return False
    return has_moved(counted(link.kind, link.base), record.document, plan.document)


def _hear_settlements(connection: Connection, plan: Plan, record: RemoteRecord, desk: Desk) -> bool:
    """Our write moves the record's time of change past everything that happened before it: settlements that
    nobody told us of are taken now or never. Whether the write may go on: parts that were exchanged for equal ones
    are other parts, and what names the old ones is planned again."""
    assert plan.link is not None
    if (
        plan.operation.change == Change.REMOVE
        or not record.document.settled_by
        or record.version <= plan.link.remote_version
    ):
        return True
    outcome = try_apply(connection, record, desk)
    if isinstance(outcome, Untaken):
        _not_taken(plan, outcome)
        return False
    return links.base_of(plan.link).parts == record.document.parts


def _not_taken(plan: Plan, outcome: Untaken) -> None:
    fail(
        plan.operation,
        outcome.error_class,
        outcome.words,
        outcome.detail,
        outcome.reference,
        waits_for=outcome.waits_for,
    )


def _as_it_stands(plan: Plan, verb: Verb, record: RemoteRecord) -> Plan:
    """What is sent is put together from the record as it is there now. A removal needs its state: drafts are deleted,
    approved invoices voided."""
    plan.source = record.source
    plan.document = record.document if verb == "remove" else plan.document.as_it_stands(record.document)
    return plan


def _apply_first(connection: Connection, plan: Plan, record: RemoteRecord, desk: Desk) -> None:
    """Hear what Xero has before anything is said. Where that settles nothing, trying again would not either."""
    outcome = try_apply(connection, record, desk)
    if isinstance(outcome, Untaken):
        _not_taken(plan, outcome)
    elif outcome not in HEARD:
        fail(plan.operation, ErrorClass.PERMANENT, GONE_THERE, "")


def _follow_first(connection: Connection, plan: Plan, record: RemoteRecord, desk: Desk) -> None:
    """It was merged into another there: the link goes first, and the next look finds where. Where it cannot go, our
    change stays here."""
    outcome = try_apply(connection, record, desk)
    if isinstance(outcome, Untaken):
        _not_taken(plan, outcome)
    elif (link := desk.link(plan.operation.kind, record_id(plan.operation))) and link.successor:
        drop(plan.operation)


def _ended_there(connection: Connection, plan: Plan, verb: Verb, record: RemoteRecord, desk: Desk) -> None:
    """Removing what is removed already is success; changing it means that Xero's removal has to be heard first."""
    if verb == "remove":
        _finish_removal(plan, record)
    elif record.document.may_return:
        words = get_resource(record.kind).words.restore_there
        fail(plan.operation, ErrorClass.PERMANENT, words, "")
    else:
        _apply_first(connection, plan, record, desk)


def _gone(plan: Plan, verb: Verb) -> None:
    if verb == "remove":
        _finish_removal(plan, None)
        return
    words = "Xero no longer has this record. Unlink it to create it again."
    fail(plan.operation, ErrorClass.PERMANENT, words, "")


def _finish_removal(plan: Plan, record: RemoteRecord | None) -> None:
    link = plan.link
    assert link is not None
    if record is None:
        links.end(link)
    else:
        links.put_away(link, record)
    tell_of(link, EventKind.REMOVED, "Was already removed in Xero.")
    drop(plan.operation)
