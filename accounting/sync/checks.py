"""When whose changes are read: each connection by its own clock, so that a thousand do not come at once.

The instant stands in the connection's row. Whoever asks for a check moves it on in the same statement and sends it
along: a message that names another one was overtaken, so that no check is made twice, however long messages wait.
"""

from __future__ import annotations

import datetime as dt
import math
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounting import wakeup
from accounting.models import Connection
from accounting.sync.state import callable_now
from core.transactions import after_commit
from workspaces.scope import all_workspaces

EVERY = dt.timedelta(minutes=5)
LOOKS = 20
"""How often in that time somebody looks what is due: every 15 seconds."""
SOON = dt.timedelta(seconds=15)


@transaction.atomic
def ask_for_due() -> int:
    """Have those connections checked that are due, those that wait longest first, and no more than their share of the
    five minutes. Returns how many."""
    with all_workspaces("regular checks look at every connection"):
        ours = Connection.objects.filter(callable_now())
        share = math.ceil(ours.count() / LOOKS) + 1
        due = ours.filter(Q(check_due_at=None) | Q(check_due_at__lte=Now()))
        first = due.order_by(F("check_due_at").asc(nulls_first=True)).select_for_update(
            skip_locked=True, of=("self",)
        )
        asked = _claim([row.pk for row in first.only("pk")[:share]])
    after_commit(lambda: _send(asked))
    return len(asked)


@transaction.atomic
def go_on(connection: Connection) -> None:
    """Have a check made now, or the rest of one, behind what others wait for; put off where a worker is at it."""
    asked = _claim([connection.pk])
    after_commit(lambda: _send(asked))


def put_off(connection_id: UUID, pause: dt.timedelta = SOON) -> None:
    """Somebody else is at it, or waits for it: the check has time."""
    Connection.objects.filter(pk=connection_id).update(check_due_at=Now() + pause)


def was_overtaken(connection_id: UUID, due: str) -> bool:
    """Whether a later message than the one that names this instant was sent."""
    mine = Connection.objects.filter(pk=connection_id, check_due_at=dt.datetime.fromisoformat(due))
    return not mine.exists()


def _claim(connection_ids: list[UUID]) -> list[Connection]:
    rows = Connection.objects.filter(pk__in=connection_ids)
    rows.update(check_due_at=Now() + EVERY)
    return list(rows.only("workspace_id", "check_due_at"))


def _send(asked: list[Connection]) -> None:
    for connection in asked:
        assert connection.check_due_at is not None
        wakeup.send(
            wakeup.RECONCILE,
            workspace_id=connection.workspace_id,
            connection_id=connection.pk,
            due=connection.check_due_at.isoformat(),
        )
