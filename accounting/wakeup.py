"""Waking a worker. A wake-up is a convenience: the sweep finds what it missed.

Tasks are named, not imported: tasks import the engine, and the engine wakes tasks. A test asserts that
every name here is registered.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from celery import current_app
from django.db import connection as database
from django.db.models.functions import Now

from accounting.models import Connection
from core.transactions import after_commit
from workspaces.scope import scope_by_id

DRAIN = "accounting.drain"
REFRESH_LISTS = "accounting.refresh_lists"
RECONCILE = "accounting.reconcile"
BACKFILL = "accounting.backfill"
STATEMENT = "accounting.statement"
DRY_RUN = "accounting.dry_run"
PROOF = "accounting.proof"
TASK_NAMES = (DRAIN, REFRESH_LISTS, RECONCILE, BACKFILL, STATEMENT, DRY_RUN, PROOF)

STALE_WAKE = dt.timedelta(seconds=5)
LONGEST_COUNTDOWN = 60
EXPIRES = 300 + 3600
"""Seconds after which somebody has asked again, and an hour by which a worker's clock may be ahead of the sender's."""


def kick(*, workspace_id: UUID, connection_id: UUID) -> None:
    """Once the transaction is committed, wake a worker for this connection, unless one was just woken."""
    after_commit(lambda: _wake(workspace_id, connection_id))


def _wake(workspace_id: UUID, connection_id: UUID) -> None:
    with scope_by_id(workspace_id):
        claimed = _claim_wake(workspace_id, connection_id)
    if claimed:
        send(DRAIN, workspace_id=workspace_id, connection_id=connection_id)


# Every save asks this, so it is not put together anew each time.
_CLAIM = """
UPDATE accounting_connection SET woken_at = statement_timestamp()
 WHERE id = %s AND workspace_id = %s AND (woken_at IS NULL OR woken_at < statement_timestamp() - %s)
"""


def _claim_wake(workspace_id: UUID, connection_id: UUID) -> bool:
    """Compare and swap: of many commits at once, one sends the message. A lost message is forgotten in seconds."""
    with database.cursor() as cursor:
        cursor.execute(_CLAIM, [connection_id, workspace_id, STALE_WAKE])
        return bool(cursor.rowcount)


def later(connection: Connection, seconds: float) -> None:
    """Wake a worker when a pause is over. Long pauses are left to the sweep: a broker is no calendar."""
    if seconds <= LONGEST_COUNTDOWN:
        wake = {"workspace_id": connection.workspace_id, "connection_id": connection.pk}
        after_commit(lambda: send(DRAIN, delay=seconds + 0.1, **wake))


def once(connection: Connection, seconds: float) -> None:
    """Wake a worker when so many seconds have gone by, fewer than `STALE_WAKE`, and none before: whoever saves
    meanwhile is waited for."""
    Connection.objects.filter(pk=connection.pk).update(woken_at=Now())
    later(connection, seconds)


def send(task: str, *, workspace_id: UUID, connection_id: UUID, delay: float = 0, **about: str) -> None:
    """Publish one task by name, to be run after `delay` seconds; what nobody waits for is dropped when it is old."""
    current_app.send_task(
        task,
        kwargs={"workspace_id": str(workspace_id), "connection_id": str(connection_id), **about},
        countdown=delay or None,
        expires=None if task == DRAIN else delay + EXPIRES,
        retry=False,
    )
