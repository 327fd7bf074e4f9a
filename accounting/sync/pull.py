"""Pulling: what Xero says has changed is read, many records in one call, and applied one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounting.enums import ErrorClass, EventKind, Lane, LinkState, OpState, Priority
from accounting.models import Connection, Link, Operation
from accounting.port.documents import Kind
from accounting.port.exchange import FetchReply, RemoteRecord
from accounting.port.provider import Books
from accounting.resources.desk import Desk, open_desk
from accounting.sync import due, lease, links, newcomers, outbox, problems, reference
from accounting.sync.apply import Untaken, try_apply
from accounting.sync.decide import Outcome
from accounting.sync.history import tell
from accounting.sync.state import note_success
from core.transactions import forbid_transaction, require_transaction


def request_pull(
    connection: Connection,
    kind: Kind,
    remote_id: str,
    *,
    at: dt.datetime | None = None,
    priority: Priority = Priority.WEBHOOK,
) -> bool:
    """Ask for a read of this remote record; many requests for it are one. Returns False when the change of that
    instant is our own coming back, which costs nothing. Must be inside a transaction."""
    require_transaction("requesting a pull")
    link = Link.objects.filter(connection=connection, kind=kind, remote_id=remote_id).first()
    if link is not None and links.is_echo(link, at):
        return False
    outbox.record_pull(
        workspace_id=connection.workspace_id,
        connection_id=connection.pk,
        kind=kind,
        remote_id=remote_id,
        event_at=at,
        priority=priority,
    )
    return True


def pull_next(connection: Connection, books: Books, heads: Sequence[due.Head]) -> None:
    """Read and apply the next group of requested records: those of the most urgent of these heads' kind."""
    forbid_transaction("pulling")
    mine = [head for head in heads if (head.lane, head.kind) == (Lane.PULL, heads[0].kind)]
    group = due.take(due.due_pulls(connection), mine, books.read_size(heads[0].kind))
    if not group:
        return
    wanted = _worth_reading(connection, group)
    if wanted:
        reply = books.fetch(heads[0].kind, [operation.remote_id for operation in wanted])
        note_success(connection, reply.quota)
        _apply_all(connection, wanted, reply)


def _worth_reading(connection: Connection, group: list[Operation]) -> list[Operation]:
    """Leave out, before any call, what was our own change after all, and what is not linked here; not where that is
    listed, or somebody decided about it."""
    found = Link.objects.filter(
        connection=connection, kind=group[0].kind, remote_id__in=[operation.remote_id for operation in group]
    )
    known = {link.remote_id: link for link in found}
    strangers = [operation.remote_id for operation in group if operation.remote_id not in known]
    offered = newcomers.worth_reading(connection, group[0].kind, strangers)
    wanted = []
    for operation in group:
        link = known.get(operation.remote_id)
        if operation.remote_id in offered or (link is not None and _is_news(link, operation)):
            wanted.append(operation)
        else:
            _done(operation)
    return wanted


def _is_news(link: Link, operation: Operation) -> bool:
    return link.state != LinkState.TOMBSTONED and not links.is_echo(link, operation.event_at)


def _apply_all(connection: Connection, wanted: list[Operation], reply: FetchReply) -> None:
    lease.renew(connection)
    records = {record.remote_id: record for record in reply.records}
    unreadable = dict(reply.unreadable)
    desk = open_desk(connection)
    for operation in wanted:
        record = records.get(operation.remote_id)
        if record is not None:
            _apply_one(connection, operation, record, desk)
        elif operation.remote_id in unreadable:
            _fail(
                operation,
                ErrorClass.INTERNAL,
                "Xero's record could not be read.",
                unreadable[operation.remote_id],
            )
        else:
            _gone(connection, operation)


def _apply_one(connection: Connection, operation: Operation, record: RemoteRecord, desk: Desk) -> None:
    outcome = try_apply(connection, record, desk)
    if outcome is Outcome.UNKNOWN:
        newcomers.meet(connection, [record], desk)
    if isinstance(outcome, Untaken) and outcome.error_class == ErrorClass.MISCONFIGURED:
        reference.ask(connection)
    if isinstance(outcome, Untaken):
        _fail(
            operation,
            outcome.error_class,
            outcome.words,
            outcome.detail,
            outcome.reference,
            waits_for=outcome.waits_for,
        )
    else:
        _done(operation)


def _done(operation: Operation) -> None:
    """Finished, unless it was asked for again meanwhile: then it stays and is read once more."""
    Operation.objects.filter(pk=operation.pk, seq=operation.seq).delete()


def _gone(connection: Connection, operation: Operation) -> None:
    link = Link.objects.filter(
        connection=connection, kind=operation.kind, remote_id=operation.remote_id
    ).first()
    newcomers.forget(connection, operation.kind, [operation.remote_id])
    _done(operation)
    if link is not None:
        tell(
            connection, EventKind.FAILED, "Xero no longer has this record.",
            kind=link.kind, local_id=link.local_id, remote_id=link.remote_id,
        )  # fmt: skip


@transaction.atomic
def _fail(
    operation: Operation,
    error_class: ErrorClass,
    words: str,
    detail: str,
    reference: str = "",
    *,
    waits_for: UUID | None = None,
) -> None:
    """A person must look. What was refused because of how a record stands here is taken up by that record's next
    step; a fault of ours is not cured by one."""
    link = Link.objects.filter(
        connection_id=operation.connection_id, kind=operation.kind, remote_id=operation.remote_id
    ).first()
    local_id: UUID | None = link.local_id if link else None
    is_ours = error_class == ErrorClass.INTERNAL
    Operation.objects.filter(pk=operation.pk, seq=operation.seq).update(
        state=OpState.FAILED, attempts=operation.attempts + 1, error=words[:500],
        error_class=error_class, error_detail=detail[:10_000], error_reference=reference[:100],
        blocked_on=None if is_ours else waits_for or local_id,
        problem=problems.note(operation, error_class, words, detail),
    )  # fmt: skip
    tell(
        operation.connection, EventKind.FAILED, words, kind=operation.kind,
        local_id=local_id, remote_id=operation.remote_id, detail=detail, reference=reference,
    )  # fmt: skip
