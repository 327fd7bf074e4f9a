"""The net behind the wake-ups: finds connections with work and nobody at it."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounting import wakeup
from accounting.enums import Blocker, ConnectionState, Lane, OpState
from accounting.models import Batch, Connection, Operation
from workspaces.scope import all_workspaces

JUST_WOKEN = dt.timedelta(seconds=2)
"""Workers that were away meet an hour of sweeps at once: one of them wakes, the others find that it was done."""


def sweep() -> int:
    """Wake a worker for every active, rested, unattended connection with something to do that nobody has just woken.
    Returns how many."""
    due = Q(not_before=None) | Q(not_before__lte=Now())
    with all_workspaces("the sweep looks at every connection"):
        _free_forgotten()
        waiting = Operation.objects.filter(due, connection=OuterRef("pk"), state=OpState.PENDING)
        unsettled = Batch.objects.filter(connection=OuterRef("pk"))
        found = list(
            Connection.objects.filter(Exists(waiting) | Exists(unsettled), state=ConnectionState.ACTIVE)
            .filter(Q(lease_until=None) | Q(lease_until__lt=Now()))
            .filter(Q(resume_at=None) | Q(resume_at__lte=Now()))
            .filter(Q(woken_at=None) | Q(woken_at__lt=Now() - JUST_WOKEN))
            .values_list("workspace_id", "pk")
        )
        Connection.objects.filter(pk__in=[pk for _, pk in found]).update(woken_at=Now())
    for workspace_id, connection_id in found:
        wakeup.send(wakeup.DRAIN, workspace_id=workspace_id, connection_id=connection_id)
    return len(found)


def _free_forgotten() -> int:
    """An operation was blocked at the very moment when what it waited for came to its end: nobody will free it.
    Let it look again."""
    awaited = Operation.objects.filter(
        connection=OuterRef("connection"), lane=Lane.PUSH, local_id=OuterRef("blocked_on")
    )
    forgotten = Operation.objects.filter(~Exists(awaited), state=OpState.BLOCKED, blocker=Blocker.DEPENDENCY)
    return forgotten.update(state=OpState.PENDING, blocker="", blocked_on=None, error="", error_class="")


def active_connections() -> list[tuple[str, str]]:
    """(workspace, connection) ids of every active connection."""
    with all_workspaces("regular checks look at every connection"):
        rows = Connection.objects.filter(state=ConnectionState.ACTIVE).values_list("workspace_id", "pk")
        return [(str(workspace_id), str(connection_id)) for workspace_id, connection_id in rows]
