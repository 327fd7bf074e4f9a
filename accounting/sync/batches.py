"""Carrying a stored write to its end: send, repeat, look up, split.

No answer: the same bytes and key again while the key is remembered. An error answer, or too late: look at
Xero first, link what is there, and write the rest with a new key (Xero docs: Idempotency).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounting.enums import BatchState, EventKind, Kind, OpState
from accounting.models import Batch, Connection, Link, Operation
from accounting.port.documents import (
    ContactDoc,
    Document,
    FetchReply,
    FrozenRequest,
    InvoiceDoc,
    PaymentDoc,
    PushResult,
    RemoteRecord,
    Verb,
)
from accounting.port.errors import (
    NeedsReauth,
    Permanent,
    ProviderError,
    Retryable,
    Unavailable,
    Uncertain,
)
from accounting.port.provider import Books
from accounting.port.snapshots import load
from accounting.sync import lease
from accounting.sync.compare import agrees, comparable, inputs
from accounting.sync.freeze import outgoing_of, store_batch
from accounting.sync.history import tell
from accounting.sync.lease import LeaseLost
from accounting.sync.pull import request_pull
from accounting.sync.settle import Item, answers_match, changed_of, give_back, lock_links, refuse, settle
from accounting.sync.state import note_success
from core.transactions import forbid_transaction

KEY_LIFE = dt.timedelta(minutes=5)
"""Xero remembers a key for six minutes from its first use; one is left for the way."""


def open_batches(connection: Connection) -> list[Batch]:
    """Writes that were stored and not settled, oldest first: a crash or a silence left them."""
    return list(Batch.objects.filter(connection=connection).order_by("pk"))


def carry(connection: Connection, books: Books, batch: Batch) -> None:
    """Bring a stored write one step nearer to its end. Raises the error that should make the connection rest."""
    forbid_transaction("sending a batch")
    if batch.state == BatchState.UNCERTAIN or _key_forgotten(batch):
        _verify_or_split(connection, books, batch)
    else:
        send(connection, books, batch)


def _key_forgotten(batch: Batch) -> bool:
    old = Batch.objects.filter(pk=batch.pk, first_sent_at__lt=Now() - KEY_LIFE)
    return batch.state == BatchState.SENT and old.exists()


def send(connection: Connection, books: Books, batch: Batch) -> None:
    """Send the stored bytes under their key and settle what comes back."""
    _mark_sent(batch)
    try:
        reply = books.send(_request(batch))
    except Uncertain as error:
        _mark_uncertain(connection, batch, error, spent=error.replied)
        raise
    except Unavailable as error:
        if error.answered:
            _mark_uncertain(connection, batch, error, spent=True)
        else:
            _mark_unsent(batch)
        raise
    except (Retryable, NeedsReauth):
        _mark_unsent(batch)
        raise
    except Permanent as error:
        _refused(connection, books, batch, error)
        return
    note_success(connection, reply.quota)
    if not answers_match(batch, reply):
        _look_up_next(connection, batch, "Xero's answer did not match what was sent.")
        return
    settle(connection, batch, list(zip(batch.items, reply.results, strict=True)))


def _request(batch: Batch) -> FrozenRequest:
    verb = cast(Verb, batch.verb)
    return FrozenRequest(batch.kind, verb, batch.method, batch.path, batch.body, batch.idempotency_key)


def _mark_sent(batch: Batch) -> None:
    """Committed before the first byte leaves: whatever happens now, the write is known to have been tried.

    Raises LeaseLost when another worker has settled it, or when this one was asleep for longer than a key lives.
    """
    mine = Batch.objects.filter(pk=batch.pk)
    mine.filter(state=BatchState.FROZEN).update(state=BatchState.SENT, first_sent_at=Now())
    fresh = mine.filter(state=BatchState.SENT, first_sent_at__gte=Now() - KEY_LIFE)
    if not fresh.update(sends=F("sends") + 1):
        raise LeaseLost(f"batch {batch.pk} is no longer to be sent")


def _mark_unsent(batch: Batch) -> None:
    """Xero turned it away unseen: limits and access are checked before the key is remembered. If it was never
    tried before, its key is still fresh."""
    Batch.objects.filter(pk=batch.pk, sends=1).update(state=BatchState.FROZEN, first_sent_at=None, sends=0)


@transaction.atomic
def _mark_uncertain(connection: Connection, batch: Batch, error: ProviderError, *, spent: bool) -> None:
    """The user sees that it is not known whether it arrived. An error answer is cached under the key, so the
    key is spent: look first."""
    lease.renew(connection)
    state = BatchState.UNCERTAIN if spent else BatchState.SENT
    Batch.objects.filter(pk=batch.pk).update(state=state, last_error=error.message[:500])
    operations = Operation.objects.filter(batch=batch, state=OpState.IN_FLIGHT)
    first = [(operation.kind, operation.local_id) for operation in operations]
    operations.update(
        state=OpState.UNCERTAIN, error=error.message[:500], error_reference=error.reference[:100]
    )
    for kind, local_id in first:
        tell(
            connection, EventKind.UNCERTAIN, error.message, kind=kind, local_id=local_id, detail=error.detail
        )


@transaction.atomic
def _look_up_next(connection: Connection, batch: Batch, why: str) -> None:
    lease.renew(connection)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.UNCERTAIN, last_error=why)
    Operation.objects.filter(batch=batch).update(state=OpState.UNCERTAIN, error=why)


def _refused(connection: Connection, books: Books, batch: Batch, error: Permanent) -> None:
    """The whole request was refused. With one element the case is clear; with more, halves are tried, so
    that one bad element costs its fellows a few calls and nothing else."""
    if len(batch.items) == 1:
        refuse(connection, batch, error)
    else:
        _split(connection, books, batch)


@transaction.atomic
def _split(connection: Connection, books: Books, batch: Batch, *, look_first: bool = False) -> None:
    lease.renew(connection)
    middle = len(batch.items) // 2
    for half in (batch.items[:middle], batch.items[middle:]):
        part = store_batch(connection, books, Kind(batch.kind), cast(Verb, batch.verb), half)
        if look_first:
            part.state, part.first_sent_at = BatchState.UNCERTAIN, batch.first_sent_at
            part.save(update_fields=["state", "first_sent_at", "updated_at"])
        ids = [item["operation"] for item in half]
        Operation.objects.filter(batch=batch, pk__in=ids).update(batch=part)
    batch.delete()


# Looking up what became of a write


def _verify_or_split(connection: Connection, books: Books, batch: Batch) -> None:
    """One element whose look-up Xero refuses must not hold up everything else."""
    try:
        verify(connection, books, batch)
    except Permanent as error:
        if len(batch.items) == 1:
            refuse(connection, batch, error)
        else:
            _split(connection, books, batch, look_first=True)


def verify(connection: Connection, books: Books, batch: Batch) -> None:
    """Read Xero and give each element its end: applied ones are settled, the others wait for a new key."""
    reply = _read_back(books, batch)
    found = list(reply.records)
    done: list[tuple[Item, PushResult]] = []
    missing: list[Item] = []
    for item in batch.items:
        record = _find(connection, batch, item, found)
        if record is not None:
            done.append((item, _judge(batch, item, record)))
            found = [other for other in found if other.remote_id != record.remote_id]
        elif "refusal" in item:
            done.append((item, _refusal(item)))
        elif _may_be_unreadable(item, reply):
            done.append((item, _UNREADABLE))
        else:
            missing.append(item)
    note_success(connection)
    with transaction.atomic():
        lease.renew(connection)
        lock_links(connection, batch)
        give_back(batch, missing)
        settle(connection, batch, done)
        _hear_the_rest(connection, batch, done)


def _hear_the_rest(connection: Connection, batch: Batch, done: list[tuple[Item, PushResult]]) -> None:
    """What was found may hold more than our write: payments, or a bookkeeper's edit on top of it. What we sent
    is what was agreed; the rest is read like any change of theirs."""
    for _, result in done:
        if result.record is not None and batch.kind != Kind.PAYMENT:
            request_pull(connection, Kind(batch.kind), result.record.remote_id)


def _read_back(books: Books, batch: Batch) -> FetchReply:
    kind = batch.kind
    if batch.verb == "create":
        return books.look_up(kind, [outgoing_of(batch.kind, item) for item in batch.items])
    return books.fetch(kind, [item["remote_id"] for item in batch.items])


def _may_be_unreadable(item: Item, reply: FetchReply) -> bool:
    """Whether this element may be the record that could not be read. Sent again it could be there twice."""
    return any(item["remote_id"] in ("", remote_id) for remote_id, _ in reply.unreadable)


_UNREADABLE = PushResult(
    errors=("Xero's record could not be read.",),
    advice="It may be in Xero already, in a form Tandem cannot read. Look there, then try again.",
)


def _find(
    connection: Connection, batch: Batch, item: Item, found: Sequence[RemoteRecord]
) -> RemoteRecord | None:
    """The record this element made or changed, or None when it was surely not applied."""
    sent = load(batch.kind, item["document"])
    if batch.verb != "create":
        record = next((row for row in found if row.remote_id == item["remote_id"]), None)
        return record if record and _was_applied(batch, item, sent, record) else None
    candidates = [row for row in found if _is_candidate(item, sent, row.document)]
    candidates.sort(key=lambda row: _is_gone(row.document))
    return next((row for row in candidates if not _is_linked(connection, batch, row)), None)


def _is_candidate(item: Item, sent: Document, there: Document) -> bool:
    """Whether this may be what the element made. Somebody may have removed it since, which is no reason to make it
    again; but what made Xero refuse the element is alive, and what is removed there was another's."""
    if not _same_key(sent, there):
        return False
    if not _is_gone(there):
        return True
    return "refusal" not in item and _is_ours(sent, there)


def _was_applied(batch: Batch, item: Item, sent: Document, record: RemoteRecord) -> bool:
    """A removal when it is gone; a change when what was written of it is what is there."""
    if batch.verb == "remove":
        return _is_gone(record.document)
    mine, other, written = (
        inputs(comparable(sent)),
        inputs(comparable(record.document)),
        changed_of(batch, item),
    )
    return all(agrees(mine[name], other[name]) for name in written & mine.keys())


def _is_gone(document: Document) -> bool:
    if isinstance(document, InvoiceDoc):
        return document.state in ("voided", "deleted")
    return document.archived if isinstance(document, ContactDoc) else document.removed


def _same_key(sent: Document, there: Document) -> bool:
    if isinstance(sent, InvoiceDoc):
        return isinstance(there, InvoiceDoc) and there.is_sale and there.number == sent.number
    if isinstance(sent, PaymentDoc):
        return isinstance(there, PaymentDoc) and _payment_key(there) == _payment_key(sent)
    return isinstance(there, ContactDoc) and there.reference == sent.reference


def _payment_key(doc: PaymentDoc) -> tuple[Any, ...]:
    return doc.invoice_id, doc.amount, doc.date, doc.reference


def _is_linked(connection: Connection, batch: Batch, record: RemoteRecord) -> bool:
    return Link.objects.filter(connection=connection, kind=batch.kind, remote_id=record.remote_id).exists()


def _judge(batch: Batch, item: Item, record: RemoteRecord) -> PushResult:
    """A record with our number or reference that is not what was sent is nobody's to take: a person decides."""
    sent = load(batch.kind, item["document"])
    if batch.verb != "create" or _is_ours(sent, record.document):
        return PushResult(record=record)
    return _refusal(item) if "refusal" in item else PushResult(advice=_NOT_OURS[Kind(batch.kind)])


_NOT_OURS = {
    Kind.INVOICE: "Another invoice in Xero has this number. Give this one another number, or link them.",
    Kind.CUSTOMER: (
        "A contact of another name in Xero has this reference as its account number."
        " Give this customer another reference, or link them."
    ),
}


def _refusal(item: Item) -> PushResult:
    """What stands in its place is not ours: Xero's refusal stands."""
    said = item["refusal"]
    return PushResult(
        errors=tuple(said["errors"]), advice=said["advice"], reference=said.get("reference", "")
    )


def _is_ours(sent: Document, there: Document) -> bool:
    """Whether what was sent is what is there. Xero compares names without regard to case."""
    if isinstance(sent, ContactDoc) and isinstance(there, ContactDoc):
        return (sent.name.casefold(), sent.reference) == (there.name.casefold(), there.reference)
    if not isinstance(sent, InvoiceDoc):
        return _same_key(sent, there)
    mine, other = comparable(sent), comparable(there)
    return all(mine[name] == other[name] for name in ("contact_id", "currency", "total", "issue_date"))
