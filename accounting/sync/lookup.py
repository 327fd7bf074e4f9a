"""Looking up what became of a write that nobody answered: what is there is linked, the rest waits for a new key."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounting.models import Batch, Connection, Link
from accounting.port.documents import Document
from accounting.port.exchange import FetchReply, PushResult, RemoteRecord
from accounting.port.provider import Books
from accounting.resources.registry import get_resource
from accounting.sync import lease
from accounting.sync.compare import agrees, put_in
from accounting.sync.failing import Item, give_back
from accounting.sync.freeze import outgoing_of
from accounting.sync.pull import request_pull
from accounting.sync.settle import changed_of, lock_links, sent_of, settle


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
    with transaction.atomic():
        lease.renew(connection)
        lock_links(connection, batch)
        give_back(batch, missing)
        settle(connection, batch, done)
        _hear_the_rest(connection, batch, done)


def _hear_the_rest(connection: Connection, batch: Batch, done: list[tuple[Item, PushResult]]) -> None:
    """What was found may hold more than our write: settlements, or a bookkeeper's edit on top of it. What we sent
    is what was agreed; the rest is read like any change of theirs."""
    for _, result in done:
        if result.record is not None and not result.record.document.is_settlement:
            request_pull(connection, batch.kind, result.record.remote_id)


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
    sent = sent_of(batch, item)
    if batch.verb != "create":
        record = next((row for row in found if row.remote_id == item["remote_id"]), None)
        return record if record and _was_applied(batch, item, sent, record) else None
    candidates = [row for row in found if _is_candidate(item, sent, row.document)]
    candidates.sort(key=lambda row: row.document.is_gone)
    return next((row for row in candidates if not _is_linked(connection, batch, row)), None)


def _is_candidate(item: Item, sent: Document, there: Document) -> bool:
    """Whether this may be what the element made. Somebody may have removed it since, which is no reason to make it
    again; but what made Xero refuse the element is alive, and what is removed there was another's."""
    if there.is_stray or there.key != sent.key:
        return False
    is_it = there.identity == sent.identity
    if there.is_gone:
        return is_it and "refusal" not in item
    return is_it or sent.key_is_unique


def _was_applied(batch: Batch, item: Item, sent: Document, record: RemoteRecord) -> bool:
    """A removal when it is gone; a change when what was written of it is what is there."""
    if batch.verb == "remove":
        return record.document.is_gone
    mine, other, written = put_in(sent), put_in(record.document), changed_of(batch, item)
    return all(agrees(mine[name], other[name]) for name in written & mine.keys() & other.keys())


def _is_linked(connection: Connection, batch: Batch, record: RemoteRecord) -> bool:
    return Link.objects.filter(connection=connection, kind=batch.kind, remote_id=record.remote_id).exists()


def _judge(batch: Batch, item: Item, record: RemoteRecord) -> PushResult:
    """A record with our number or reference that is not what was sent is nobody's to take: a person decides."""
    is_ours = sent_of(batch, item).identity == record.document.identity
    if batch.verb != "create" or is_ours:
        return PushResult(record=record)
    words = get_resource(batch.kind).words.taken
    return _refusal(item) if "refusal" in item else PushResult(advice=words)


def _refusal(item: Item) -> PushResult:
    """What stands in its place is not ours: Xero's refusal stands."""
    said = item["refusal"]
    return PushResult(
        errors=tuple(said["errors"]), advice=said["advice"], reference=said.get("reference", "")
    )
