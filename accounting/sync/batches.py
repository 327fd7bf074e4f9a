"""Carrying a stored write to its end: send, repeat, look up, split.

No answer: the same bytes and key again while the key is remembered. An error answer, or too late: look at
Xero first, link what is there, and write the rest with a new key (Xero docs: Idempotency).
"""

from __future__ import annotations

from typing import cast

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from accounting.enums import BatchState, EventKind, OpState
from accounting.models import Batch, Connection, Operation
from accounting.port.errors import (
    MissingScope,
    NeedsReauth,
    Permanent,
    ProviderError,
    Retryable,
    Unavailable,
    Uncertain,
)
from accounting.port.exchange import FrozenRequest, Verb
from accounting.port.provider import Books
from accounting.sync import lease
from accounting.sync.failing import give_back, refuse
from accounting.sync.freeze import store_batch
from accounting.sync.history import tell
from accounting.sync.lease import LeaseLost
from accounting.sync.lookup import verify
from accounting.sync.settle import answers_match, settle
from accounting.sync.state import note_success
from core.transactions import forbid_transaction


def open_batches(connection: Connection) -> list[Batch]:
    """Writes that were stored and not settled, oldest first: a crash or a silence left them."""
    return list(Batch.objects.filter(connection=connection).order_by("pk"))


def carry(connection: Connection, books: Books, batch: Batch) -> None:
    """Bring a stored write one step nearer to its end. Raises the error that should make the connection rest."""
    forbid_transaction("sending a batch")
    try:
        _carry(connection, books, batch)
    except MissingScope as error:
        if not _waits_again(connection, batch):
            error.kind = ""  # whether it arrived can only be looked up with that very permission
        raise


def _carry(connection: Connection, books: Books, batch: Batch) -> None:
    if batch.state == BatchState.UNCERTAIN or _key_forgotten(books, batch):
        _verify_or_split(connection, books, batch)
    else:
        send(connection, books, batch)


@transaction.atomic
def _waits_again(connection: Connection, batch: Batch) -> bool:
    """Where it was surely never applied, its operations wait as before it was stored. Returns whether it was so."""
    lease.renew(connection)
    unsent = Batch.objects.filter(pk=batch.pk, state=BatchState.FROZEN).first()
    if unsent is None:
        return False
    give_back(unsent, unsent.items)
    unsent.delete()
    return True


def _key_forgotten(books: Books, batch: Batch) -> bool:
    old = Batch.objects.filter(pk=batch.pk, first_sent_at__lt=Now() - books.key_life)
    return batch.state == BatchState.SENT and old.exists()


def send(connection: Connection, books: Books, batch: Batch) -> None:
    """Send the stored bytes under their key and settle what comes back."""
    _mark_sent(books, batch)
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
    if not answers_match(batch, reply):
        note_success(connection, reply.quota)
        _look_up_next(connection, batch, "Xero's answer did not match what was sent.")
        return
    settle(connection, batch, list(zip(batch.items, reply.results, strict=True)), reply.quota)


def _request(batch: Batch) -> FrozenRequest:
    verb = cast(Verb, batch.verb)
    return FrozenRequest(
        batch.kind, verb, batch.method, batch.path, batch.body, batch.idempotency_key, len(batch.items)
    )


def _mark_sent(books: Books, batch: Batch) -> None:
    """Committed before the first byte leaves: whatever happens now, the write is known to have been tried.

    Raises LeaseLost when another worker has settled it, or when this one was asleep for longer than a key lives.
    """
    untried = Q(state=BatchState.FROZEN)
    fresh = Q(state=BatchState.SENT, first_sent_at__gte=Now() - books.key_life)
    sent = {
        "state": BatchState.SENT,
        "first_sent_at": Coalesce("first_sent_at", Now()),
        "sends": F("sends") + 1,
    }
    if not Batch.objects.filter(untried | fresh, pk=batch.pk).update(**sent):
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
            connection, EventKind.UNCERTAIN, error.message, kind=kind, local_id=local_id, detail=error.detail,
            reference=error.reference,
        )  # fmt: skip


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
        part = store_batch(connection, books, batch.kind, cast(Verb, batch.verb), half)
        if look_first:
            part.state, part.first_sent_at = BatchState.UNCERTAIN, batch.first_sent_at
            part.save(update_fields=["state", "first_sent_at", "updated_at"])
        ids = [item["operation"] for item in half]
        Operation.objects.filter(batch=batch, pk__in=ids).update(batch=part)
    batch.delete()


def _verify_or_split(connection: Connection, books: Books, batch: Batch) -> None:
    """One element whose look-up Xero refuses must not hold up everything else."""
    try:
        verify(connection, books, batch)
    except Permanent as error:
        if len(batch.items) == 1:
            refuse(connection, batch, error)
        else:
            _split(connection, books, batch, look_first=True)
