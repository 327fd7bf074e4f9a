"""The outbox: recording that a record must be pushed, or read, in the transaction that found it out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db.models import Q
from structlog.contextvars import bind_contextvars

from accounting import wakeup
from accounting.enums import (
    FLYING_STATES,
    WAITING_STATES,
    Blocker,
    Change,
    Lane,
    LinkState,
    OpState,
    Priority,
)
from accounting.models import Link, Operation, held
from accounting.port.documents import Kind
from core.transactions import require_transaction

# What failed and waits for a step of one of these records. The upsert beside it must not find a row of its own here.
_TAKE_UP = """
UPDATE accounting_operation
   SET state = 'pending', attempts = 0, not_before = NULL, blocked_on = NULL, event_at = NULL,
       error_class = '', error = '', error_detail = '', error_reference = '', updated_at = statement_timestamp()
 WHERE workspace_id = %(workspace)s AND state = 'failed' AND blocked_on = ANY(%(local_ids)s::uuid[])
   AND (lane = 'pull' OR local_id <> ALL(%(local_ids)s::uuid[]))
"""

# One statement: it finds the workspace's connections itself, so a workspace without one costs no row; a second
# edit merges into the waiting row; what waited for a person's correction, of this record or for this record's sake,
# is tried again.
_RECORD = f"""
WITH taken_up AS ({_TAKE_UP})
INSERT INTO accounting_operation AS o
       (workspace_id, connection_id, lane, kind, local_id, remote_id, change, priority, state, seq,
        attempts, blocker, error_class, error, error_detail, created_at, updated_at)
SELECT c.workspace_id, c.id, 'push', %(kind)s, w.local_id, '', %(change)s, %(priority)s, 'pending', 1,
       0, '', '', '', '', statement_timestamp(), statement_timestamp()
  FROM accounting_connection c CROSS JOIN unnest(%(local_ids)s::uuid[]) AS w(local_id)
 WHERE c.workspace_id = %(workspace)s
ON CONFLICT (connection_id, kind, local_id)
      WHERE lane = 'push' AND state IN ('pending', 'blocked', 'failed')
DO UPDATE SET seq = o.seq + 1, change = EXCLUDED.change, state = 'pending', attempts = 0, not_before = NULL,
      blocker = '', blocked_on = NULL, error_class = '', error = '', error_detail = '', error_reference = '',
      priority = LEAST(o.priority, EXCLUDED.priority), updated_at = statement_timestamp()
RETURNING o.connection_id
"""  # noqa: S608  (made of texts in this file)


def record(
    *,
    workspace_id: UUID,
    kind: Kind,
    local_id: UUID,
    change: Change = Change.UPSERT,
    priority: Priority = Priority.USER,
) -> None:
    """Remember that this record must be pushed. One statement; must be inside the changing transaction.

    A worker is woken after commit, unless one was woken seconds ago. Raises TransactionRequired outside a
    transaction.
    """
    record_many(
        workspace_id=workspace_id,
        kind=kind,
        local_ids=[local_id],
        change=change,
        priority=priority,
    )


def record_many(
    *,
    workspace_id: UUID,
    kind: Kind,
    local_ids: Iterable[UUID],
    change: Change = Change.UPSERT,
    priority: Priority = Priority.USER,
) -> None:
    """Like `record`, for many records of one kind, still in one statement; none for none."""
    require_transaction("recording an operation")
    ids = list(local_ids)
    if not ids:
        return
    wanted: dict[str, Any] = {
        "workspace": workspace_id,
        "kind": str(kind),
        "local_ids": ids,
        "change": str(change),
        "priority": int(priority),
    }
    with database.cursor() as cursor:
        cursor.execute(_RECORD, wanted)
        rows = cursor.fetchall()
    for connection_id in {row[0] for row in rows}:
        bind_contextvars(connection=str(connection_id))
        wakeup.kick(workspace_id=workspace_id, connection_id=connection_id)


def take_up(*, workspace_id: UUID, local_ids: Sequence[UUID]) -> None:
    """These records have moved by themselves, as Xero's changes are applied: what failed because of how they stood
    is tried again. What people do here is noticed by `record`."""
    with database.cursor() as cursor:
        wanted: dict[str, Any] = {"workspace": workspace_id, "local_ids": list(local_ids)}
        cursor.execute(f"{_TAKE_UP} RETURNING connection_id", wanted)
        rows = cursor.fetchall()
    for connection_id in {row[0] for row in rows}:
        wakeup.kick(workspace_id=workspace_id, connection_id=connection_id)


_REQUEST = """
INSERT INTO accounting_operation AS o
       (workspace_id, connection_id, lane, kind, remote_id, change, priority, state, seq, attempts,
        blocker, error_class, error, error_detail, event_at, created_at, updated_at)
VALUES (%(workspace)s, %(connection)s, 'pull', %(kind)s, %(remote_id)s, 'upsert', %(priority)s, 'pending', 1,
        0, '', '', '', '', %(event_at)s, statement_timestamp(), statement_timestamp())
ON CONFLICT (connection_id, kind, remote_id) WHERE lane = 'pull' AND state IN ('pending', 'blocked', 'failed')
DO UPDATE SET seq = o.seq + 1, state = 'pending', attempts = 0, not_before = NULL, blocker = '', error_class = '',
      error = '', error_detail = '', error_reference = '',
      event_at = CASE WHEN o.event_at IS NULL OR EXCLUDED.event_at IS NULL THEN NULL  -- must be read, echo or not
                      ELSE GREATEST(o.event_at, EXCLUDED.event_at) END,
      priority = LEAST(o.priority, EXCLUDED.priority), updated_at = statement_timestamp()
"""


def record_pull(
    *,
    workspace_id: UUID,
    connection_id: UUID,
    kind: Kind,
    remote_id: str,
    event_at: dt.datetime | None = None,
    priority: Priority = Priority.WEBHOOK,
) -> None:
    """Remember that this remote record must be read; many requests for it are one. One statement; must be inside a
    transaction. Without `event_at` it is read whatever we think we know."""
    require_transaction("recording a pull")
    wanted: dict[str, Any] = {
        "workspace": workspace_id,
        "connection": connection_id,
        "kind": str(kind),
        "remote_id": remote_id,
        "priority": int(priority),
        "event_at": event_at,
    }
    with database.cursor() as cursor:
        cursor.execute(_REQUEST, wanted)
    wakeup.kick(workspace_id=workspace_id, connection_id=connection_id)


def record_removal(*, workspace_id: UUID, kind: Kind, local_id: UUID) -> None:
    """Remember that this record is about to be deleted here. What was never sent is cancelled with its delete."""
    require_transaction("recording a removal")
    mine = Operation.objects.filter(lane=Lane.PUSH, kind=kind, local_id=local_id)
    held = list(mine.select_for_update(of=("self",)).order_by("pk"))  # no worker sends it from here on
    link = Link.objects.filter(kind=kind, local_id=local_id).exclude(state=LinkState.TOMBSTONED).first()
    if link is None and not any(row.state in FLYING_STATES for row in held):
        mine.filter(state__in=WAITING_STATES).delete()
        waiting = Operation.objects.filter(blocked_on=local_id, state=OpState.BLOCKED)
        waiting.update(state=OpState.PENDING, blocker="", blocked_on=None, error="")
        take_up(workspace_id=workspace_id, local_ids=[local_id])
        return
    record(workspace_id=workspace_id, kind=kind, local_id=local_id, change=Change.REMOVE)


def unblock(
    connection_id: UUID,
    *,
    waiting_for: Blocker | Sequence[Blocker],
    record_id: UUID | Sequence[UUID] | None = None,
) -> int:
    """Let operations go on that waited for one of these (of one record, of several, or of any). Returns how many there
    were."""
    blockers = [waiting_for] if isinstance(waiting_for, Blocker) else waiting_for
    blocked = Operation.objects.filter(
        Q(connection_id=connection_id, state=OpState.BLOCKED, blocker__in=blockers)
    )
    if record_id is not None:
        ids = [record_id] if isinstance(record_id, UUID) else record_id
        blocked = blocked.filter(blocked_on__in=ids)
    return blocked.update(state=OpState.PENDING, blocker="", blocked_on=None, error="", error_class="")


def on_moved_there(link: Link) -> None:
    """A record stands otherwise at the remote side: approved, paid, open again. What waited for that goes on, what
    was refused because of it is tried again."""
    unblock(link.connection_id, waiting_for=Blocker.APPROVAL, record_id=link.local_id)
    take_up(workspace_id=link.workspace_id, local_ids=[link.local_id])
    wakeup.kick(workspace_id=link.workspace_id, connection_id=link.connection_id)


def retry_failed(operations: Any) -> int:
    """Try what is held up again at a person's wish. What failed to come here is read whatever we think we know:
    it was never taken. Returns how many there were."""
    return int(
        operations.filter(held()).update(
            state=OpState.PENDING,
            blocker="",
            attempts=0,
            not_before=None,
            blocked_on=None,
            event_at=None,
            error="",
            error_class="",
            error_detail="",
            error_reference="",
        )
    )
