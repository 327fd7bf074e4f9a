"""From plans to a stored write: the bytes and their key, in one transaction, before anything is sent."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from django.db import transaction

from accounting.enums import ErrorClass, OpState
from accounting.models import Batch, Connection, Operation
from accounting.port.documents import Kind
from accounting.port.exchange import Encoded, Outgoing, Verb
from accounting.port.provider import Books
from accounting.port.snapshots import dump, load
from accounting.sync import lease
from accounting.sync.failing import fail
from accounting.sync.weigh import Plan

log = structlog.get_logger(__name__)


@transaction.atomic
def freeze(connection: Connection, books: Books, kind: Kind, verb: Verb, plans: list[Plan]) -> Batch | None:
    """Store the write of these plans, byte for byte with its key, and mark their operations in flight.

    A plan whose operation was changed meanwhile is left for the next round.
    """
    lease.renew(connection)
    ids = [plan.operation.pk for plan in plans]
    still = Operation.objects.select_for_update(of=("self",)).filter(pk__in=ids, state=OpState.PENDING)
    seqs = {operation.pk: operation.seq for operation in still}
    ready = [plan for plan in plans if seqs.get(plan.operation.pk) == plan.operation.seq]
    items = [item for plan in ready if (item := _item(books, kind, verb, plan))]
    if not items:
        return None
    items = _within_size(items, books.largest_body(kind))
    batch = store_batch(connection, books, kind, verb, items)
    Operation.objects.filter(pk__in=[item["operation"] for item in items]).update(
        state=OpState.IN_FLIGHT, batch=batch, error="", error_class="", error_detail="", error_reference=""
    )
    return batch


def _within_size(items: list[dict[str, Any]], largest: int) -> list[dict[str, Any]]:
    """As many as fit into one call by size; the rest goes with the next."""
    while len(items) > 1 and sum(len(item["body"].encode()) + 1 for item in items) > largest:
        items = items[: len(items) // 2]
    return items


def _item(books: Books, kind: Kind, verb: Verb, plan: Plan) -> dict[str, Any] | None:
    """One element as a batch keeps it. A record that makes us stumble must not hold back the others: it fails alone,
    and says so."""
    try:
        encoded = books.encode(kind, verb, plan.outgoing)
    except Exception:  # whatever it is, it is ours, and a person must look
        log.exception("encode_failed", operation=plan.operation.pk, kind=kind)
        fail(plan.operation, ErrorClass.INTERNAL, "Tandem could not prepare this record.", "")
        return None
    return {
        "operation": plan.operation.pk,
        "local_id": str(plan.operation.local_id),
        "remote_id": plan.remote_id,
        "document": dump(plan.document),
        "changed": sorted(plan.changed),
        "body": encoded.body,
    }


def store_batch(
    connection: Connection, books: Books, kind: Kind, verb: Verb, items: list[dict[str, Any]]
) -> Batch:
    """Freeze the request of these items under a new key and store it."""
    elements = [_encoded(books, kind, verb, item) for item in items]
    request = books.freeze(kind, verb, elements, f"{connection.tenant_id}-{uuid.uuid4()}")
    return Batch.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        kind=kind,
        verb=verb,
        method=request.method,
        path=request.path,
        body=request.body,
        idempotency_key=request.idempotency_key,
        items=items,
    )


def _encoded(books: Books, kind: Kind, verb: Verb, item: dict[str, Any]) -> Encoded:
    """The element as it was frozen. Items of an older release have no text of their own: their document is whole."""
    if "body" in item:
        return Encoded(item["body"], item["remote_id"])
    return books.encode(kind, verb, Outgoing(load(kind, item["document"]), item["remote_id"]))


def outgoing_of(kind: Kind | str, item: dict[str, Any]) -> Outgoing:
    """What a stored item was about: enough to look it up."""
    return Outgoing(load(kind, item["document"]), item["remote_id"])
