"""Pushing: the next group of operations becomes a write, after a look at what it would overwrite."""

from __future__ import annotations

import datetime as dt

from accounting.enums import ErrorClass, EventKind, Kind
from accounting.models import Batch, Connection
from accounting.port.documents import ContactDoc, Document, InvoiceDoc, PaymentDoc, RemoteRecord, Verb
from accounting.port.errors import Misconfigured
from accounting.port.provider import Books
from accounting.resources.base import Desk, open_desk
from accounting.sync import freeze, links
from accounting.sync.apply import apply
from accounting.sync.compare import comparable
from accounting.sync.freeze import Plan
from accounting.sync.history import tell
from core.transactions import forbid_transaction


def next_batch(connection: Connection, books: Books) -> Batch | bool:
    """Store the next write and return it. True when work was done that needed no write, False when none is due."""
    forbid_transaction("pushing")
    kinds = freeze.kinds_due(connection)
    for kind in kinds:
        desk = open_desk(connection)
        group = freeze.plan_next(connection, desk, kind).first()
        if group is None:
            continue
        verb, plans = group
        plans = plans[: books.batch_size(kind, verb)]
        if verb != "create":
            plans = _look_before(connection, books, kind, verb, plans, desk)
        return freeze.freeze(connection, books, kind, verb, plans) or True
    return bool(kinds) and bool(freeze.kinds_due(connection))


def _look_before(
    connection: Connection, books: Books, kind: Kind, verb: Verb, plans: list[Plan], desk: Desk
) -> list[Plan]:
    """Xero has no If-Match: one read of all records about to be overwritten. What moved since we last agreed is
    applied first (and may open a conflict); what is gone or already as wanted needs no write."""
    reply = books.fetch(kind, [plan.remote_id for plan in plans])
    there = {record.remote_id: record for record in reply.records}
    kept = []
    for plan in plans:
        record = there.get(plan.remote_id)
        if record is None:
            _gone(connection, plan, verb)
        elif _ended(record.document):
            _ended_there(connection, plan, verb, record, desk)
        elif _moved(plan, record):
            _apply_first(connection, plan, record, desk)
        else:
            kept.append(_with_state(plan, verb, record))
    return kept


def _moved(plan: Plan, record: RemoteRecord) -> bool:
    """Whether its content is other than what was agreed; a newer time alone (a payment, a mail) is no reason."""
    link = plan.link
    assert link is not None
    if isinstance(record.document, PaymentDoc) or record.version <= link.remote_version:
        return False
    from_base = comparable(links.base_of(link))
    return from_base != comparable(links.with_known_refs(links.base_of(link), record.document))


def _with_state(plan: Plan, verb: Verb, record: RemoteRecord) -> Plan:
    """A removal needs the remote state: drafts are deleted, approved invoices voided."""
    if verb == "remove" and isinstance(record.document, InvoiceDoc):
        plan.document = record.document
    elif isinstance(plan.document, InvoiceDoc) and isinstance(record.document, InvoiceDoc):
        plan.document = links.with_current_rate(plan.document, record.document)
    return plan


def _apply_first(connection: Connection, plan: Plan, record: RemoteRecord, desk: Desk) -> None:
    try:
        apply(connection, record, desk)
    except Misconfigured as error:
        freeze.fail(plan.operation, ErrorClass.MISCONFIGURED, error.message, error.detail)


def _ended(document: Document) -> bool:
    if isinstance(document, InvoiceDoc):
        return document.state in ("voided", "deleted")
    return document.archived if isinstance(document, ContactDoc) else document.removed


def _ended_there(connection: Connection, plan: Plan, verb: Verb, record: RemoteRecord, desk: Desk) -> None:
    """Removing what is removed already is success; changing it means that Xero's removal has to be heard first."""
    if verb == "remove":
        _finish_removal(connection, plan, record.version)
    elif isinstance(record.document, ContactDoc):
        words = "The contact is archived in Xero. Restore it there, then try again."
        freeze.fail(
            plan.operation, ErrorClass.PERMANENT, words, "Archived contacts cannot be edited via the API."
        )
    else:
        _apply_first(connection, plan, record, desk)


def _gone(connection: Connection, plan: Plan, verb: Verb) -> None:
    if verb == "remove":
        _finish_removal(connection, plan, None)
        return
    words = "Xero no longer has this record. Unlink it to create it again."
    freeze.fail(plan.operation, ErrorClass.PERMANENT, words, "404")


def _finish_removal(connection: Connection, plan: Plan, version: dt.datetime | None) -> None:
    link = plan.link
    assert link is not None
    links.end(link, version)
    tell(
        connection, EventKind.REMOVED, "Was already removed in Xero.",
        kind=link.kind, local_id=link.local_id, remote_id=link.remote_id,
    )  # fmt: skip
    plan.operation.delete()
