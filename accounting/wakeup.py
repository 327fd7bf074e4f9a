"""Waking a worker. A wake-up is a convenience: the sweep finds what it missed.

Tasks are named, not imported: tasks import the engine, and the engine wakes tasks. A test asserts that
every name here is registered.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from celery import current_app
from django.db.models import Q
from django.db.models.functions import Now

from accounting.models import Connection
from core.transactions import after_commit
from workspaces.scope import scope_by_id

DRAIN = "accounting.drain"
REFRESH_LISTS = "accounting.refresh_lists"
RECONCILE = "accounting.reconcile"
BACKFILL = "accounting.backfill"
TASK_NAMES = (DRAIN, REFRESH_LISTS, RECONCILE, BACKFILL)

STALE_WAKE = dt.timedelta(seconds=5)
LONGEST_COUNTDOWN = 60
EXPIRES = 300 + 3600
"""Seconds after which somebody has asked again, and an hour by which a worker's clock may be ahead of the sender's."""


def kick(*, workspace_id: UUID, connection_id: UUID) -> None:
    """Once the transaction is committed, wake a worker for this connection, unless one was just woken."""
    after_commit(lambda: _wake(workspace_id, connection_id))


def _wake(workspace_id: UUID, connection_id: UUID) -> None:
    with scope_by_id(workspace_id):
        claimed = _claim_wake(connection_id)
    if claimed:
        send(DRAIN, workspace_id=workspace_id, connection_id=connection_id)


def _claim_wake(connection_id: UUID) -> bool:
    """Compare and swap: of many commits at once, one sends the message. A lost message is forgotten in seconds."""
    free = Q(woken_at=None) | Q(woken_at__lt=Now() - STALE_WAKE)
    return Connection.objects.filter(free, pk=connection_id).update(woken_at=Now()) == 1


def later(connection: Connection, seconds: float) -> None:
    """Wake a worker when a pause is over. Long pauses are left to the sweep: a broker is no calendar."""
    if seconds <= LONGEST_COUNTDOWN:
        wake = {"workspace_id": connection.workspace_id, "connection_id": connection.pk}
        after_commit(lambda: send(DRAIN, delay=seconds + 0.1, **wake))


def send(task: str, *, workspace_id: UUID, connection_id: UUID, delay: float = 0, **about: str) -> None:
    """Publish one task by name, to be run after `delay` seconds; what nobody waits for is dropped when it is old."""
    current_app.send_task(
        task,
        kwargs={"workspace_id": str(workspace_id), "connection_id": str(connection_id), **about},
        countdown=delay or None,
        expires=None if task == DRAIN else delay + EXPIRES,
        retry=False,
    )
