"""After an answer: every element of a batch gets its own end, in one transaction."""

from __future__ import annotations

from typing import cast
from uuid import UUID

import structlog
from django.db import OperationalError, transaction
from django.db.models import Q

from accounting.enums import BatchState, Blocker, ErrorClass, EventKind
from accounting.models import Batch, Connection, Link, Operation, SyncEvent
from accounting.port.documents import Document, shape_of
from accounting.port.exchange import PushReply, PushResult, Quota, RemoteRecord
from accounting.port.snapshots import load
from accounting.resources.base import SettlementResource
from accounting.resources.registry import get_resource
from accounting.sync import links, outbox, reference, settlements
from accounting.sync.compare import changes, counted
from accounting.sync.failing import Item, fail
from accounting.sync.history import row, tell
from accounting.sync.pull import request_pull
from accounting.sync.state import note_success

log = structlog.get_logger(__name__)

End = tuple[Operation, Item, PushResult]
CREATED = "Created in Xero."


def answers_match(batch: Batch, reply: PushReply) -> bool:
    """Whether the answer speaks of what was sent: same length, and each success has the number or id asked for.
    What an error echoes is never trusted."""
    if len(reply.results) != len(batch.items):
        return False
    return all(_matches(batch, item, result) for item, result in zip(batch.items, reply.results, strict=True))


def _matches(batch: Batch, item: Item, result: PushResult) -> bool:
    if result.record is None:
        return True
    if item["remote_id"]:
        return bool(result.record.remote_id == item["remote_id"])
    return bool(result.record.document.key == sent_of(batch, item).key)


def sent_of(batch: Batch, item: Item) -> Document:
    """The document that an element wrote."""
    return load(batch.kind, item["document"])


@transaction.atomic
def settle(
    connection: Connection, batch: Batch, results: list[tuple[Item, PushResult]], quota: Quota | None = None
) -> list[Item]:
    """Give each element its end and forget the batch; `quota` is what the answer said of it. Returns those that must be
    looked up first: creates that Xero refused because something with their number or name is there, and answers that
    cannot be read."""
    note_success(connection, quota)
    lock_links(connection, batch)
    operations = {
        row.pk: row for row in Operation.objects.select_for_update(of=("self",)).filter(batch=batch)
    }
    unclear: list[Item] = []
    clear: list[End] = []
    for item, result in results:
        operation = operations.get(item["operation"])
        if operation is None:
            continue
        if result.taken and batch.verb == "create":
            unclear.append({**item, "refusal": _refusal(result)})
        elif result.unreadable:
            unclear.append({**item, "answer": " ".join(result.errors)})
        else:
            clear.append((operation, item, result))
    for operation, item, result in _note_new(connection, batch, clear):
        _end_safely(connection, batch, operation, item, result)
    _close(batch, unclear)
    return unclear


def lock_links(connection: Connection, batch: Batch) -> None:
    """Links before operations, like everybody: those of what was sent, and of what it settles. What is being created
    has none yet."""
    wanted = Q(kind=batch.kind, local_id__in=[item["local_id"] for item in batch.items])
    if shape_of(batch.kind).is_settlement:
        for kind, remote_id in {ref for item in batch.items for ref in sent_of(batch, item).settles}:
            wanted |= Q(kind=kind, remote_id=remote_id)
    elif batch.verb == "create":
        return
    found = Link.objects.select_for_update(of=("self",)).filter(wanted, connection=connection)
    list(found.order_by("pk").values_list("pk"))


def _refusal(result: PushResult) -> Item:
    """What Xero said, kept until the look-up tells whether it stands."""
    return {"errors": list(result.errors), "advice": result.advice, "reference": result.reference}


def _note_new(connection: Connection, batch: Batch, ends: list[End]) -> list[End]:
    """What was newly created is noted down together, in a few statements. Returns what is left to be ended one by
    one: all of it, if one of them made us stumble."""
    if batch.verb != "create":
        return ends
    made = [end for end in ends if end[2].record is not None]
    try:
        with transaction.atomic():
            _arrived(connection, batch, made)
    except Exception:
        log.exception("settle_together_failed", batch=batch.pk, kind=batch.kind)
        return ends
    return [end for end in ends if end[2].record is None]


def _arrived(connection: Connection, batch: Batch, made: list[End]) -> None:
    new = [(cast(UUID, operation.local_id), sent_of(batch, item), result) for operation, item, result in made]
    surprised = links.agree_new(connection, new)
    told = []
    for (local_id, ours, result), surprise in zip(new, surprised, strict=True):
        theirs = cast(RemoteRecord, result.record)
        told.append(row(connection, EventKind.SENT_NEW, CREATED, batch.kind, local_id, theirs.remote_id))
        if surprise or _settled_there(batch, local_id, ours, theirs):
            request_pull(connection, batch.kind, theirs.remote_id)
        _hear_warnings(connection, result)
        _expect_echo(connection, theirs)
    SyncEvent.objects.bulk_create(told)
    Operation.objects.filter(pk__in=[operation.pk for operation, _, _ in made]).delete()
    outbox.unblock(
        connection.pk, waiting_for=Blocker.DEPENDENCY, record_id=[local_id for local_id, _, _ in new]
    )


def _end_safely(
    connection: Connection, batch: Batch, operation: Operation, item: Item, result: PushResult
) -> None:
    """An answer that makes us stumble costs its own element only; the others keep theirs."""
    try:
        with transaction.atomic():
            _end(connection, batch, operation, item, result)
    except OperationalError:  # the database's trouble, not the element's: the answer is asked for again
        raise
    except Exception:
        log.exception("settle_failed", operation=operation.pk, kind=batch.kind)
        fail(operation, ErrorClass.INTERNAL, "Xero has it, but Tandem could not note that down.", "")


def _end(connection: Connection, batch: Batch, operation: Operation, item: Item, result: PushResult) -> None:
    if result.record is not None:
        _succeed(connection, batch, operation, item, result)
        return
    words = " ".join(result.errors)
    if result.refused_by_parent and (parent := _parent_of(connection, batch, item)):
        request_pull(connection, parent.kind, parent.remote_id)
        told = _refused_by(batch, parent) or result.advice
        fail(operation, ErrorClass.PERMANENT, told, words, result.reference, waits_for=parent.local_id)
        return
    fail(operation, ErrorClass.PERMANENT, result.advice or words, words, result.reference)


def _parent_of(connection: Connection, batch: Batch, item: Item) -> Link | None:
    """The link of what it was to settle."""
    ref = next(iter(sent_of(batch, item).settles), None)
    if ref is None:
        return None
    return Link.objects.filter(connection=connection, kind=ref.kind, remote_id=ref.remote_id).first()


def _refused_by(batch: Batch, parent: Link) -> str:
    """By how the parent stands there, as far as it is known; it is read again, and what is news lets the settlement
    try."""
    resource = cast(SettlementResource, get_resource(batch.kind))
    return resource.refused_by(links.base_of(parent).standing)


def _close(batch: Batch, open_items: list[Item]) -> None:
    if not open_items:
        batch.delete()
        return
    batch.items = open_items
    batch.state = BatchState.UNCERTAIN
    batch.save(update_fields=["items", "state", "updated_at"])


def _succeed(
    connection: Connection, batch: Batch, operation: Operation, item: Item, result: PushResult
) -> None:
    theirs = cast(RemoteRecord, result.record)
    ours = sent_of(batch, item)
    local_id = cast(UUID, operation.local_id)
    if batch.verb == "remove":
        _end_link(connection, batch.kind, local_id, theirs)
    else:
        before = Link.objects.filter(connection=connection, kind=batch.kind, local_id=local_id).first()
        sent = changed_of(batch, item)
        surprise = links.agree_sent(
            connection, local_id=local_id, ours=ours, changed=sent, theirs=theirs, warnings=result.warnings
        )
        _tell_sent(connection, batch, local_id, ours, theirs, before, sent)
        if before is not None and links.stands_otherwise(before, theirs.document):
            outbox.on_moved_there(before)
        if surprise or _settled_there(batch, local_id, ours, theirs):
            request_pull(connection, batch.kind, theirs.remote_id)
        _hear_warnings(connection, result)
    _expect_echo(connection, theirs)
    operation.delete()
    outbox.unblock(connection.pk, waiting_for=Blocker.DEPENDENCY, record_id=local_id)


def _hear_warnings(connection: Connection, result: PushResult) -> None:
    """Xero left something out that it does not know: our lists may have grown old."""
    if any(reference.names_lists(words) for words in result.warnings):
        reference.ask(connection)


def changed_of(batch: Batch, item: Item) -> frozenset[str]:
    """The fields that an element wrote. Items of an older release wrote all that count."""
    sent = item.get("changed")
    return frozenset(counted(batch.kind, item["document"]) if sent is None else sent)


def _settled_there(batch: Batch, local_id: UUID, ours: Document, theirs: RemoteRecord) -> bool:
    """Whether the answer shows other settlements or credit than we know of: it must be read. Somebody may have paid
    between our look and our write."""
    known_to = None if batch.verb == "create" else local_id
    return ours.credit != theirs.document.credit or settlements.have_moved(known_to, theirs)


def _tell_sent(
    connection: Connection,
    batch: Batch,
    local_id: UUID,
    ours: Document,
    theirs: RemoteRecord,
    before: Link | None,
    sent: frozenset[str],
) -> None:
    """A history tells what was sent, and nothing that only differs."""
    event = EventKind.SENT_NEW if batch.verb == "create" else EventKind.SENT
    base = counted(batch.kind, before.base) if before and before.base else None
    tell(
        connection,
        event,
        CREATED if batch.verb == "create" else "Sent to Xero.",
        kind=batch.kind,
        local_id=local_id,
        remote_id=theirs.remote_id,
        changes=changes(base, ours, sent) if base else [],
    )


def _end_link(connection: Connection, kind: str, local_id: UUID, theirs: RemoteRecord) -> None:
    link = Link.objects.filter(connection=connection, kind=kind, local_id=local_id).first()
    if link is not None:
        links.put_away(link, theirs)
        words = get_resource(kind).say_removed(theirs.document)
        tell(
            connection, EventKind.REMOVED, words, kind=kind, local_id=local_id, remote_id=link.remote_id
        )  # fmt: skip


def _expect_echo(connection: Connection, theirs: RemoteRecord) -> None:
    """A settlement changes what it settles too: that change will be reported, and is ours."""
    for kind, remote_id in theirs.document.settles:
        links.expect_echo(connection, kind, remote_id, theirs.version)
