"""The net behind the wake-ups: finds connections with work and nobody at it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounting import wakeup
from accounting.enums import ConnectionState, OpState
from accounting.models import Batch, Connection, Operation
from workspaces.scope import all_workspaces


def sweep() -> int:
    """Wake a worker for every active, rested, unattended connection with something to do. Returns how many."""
    due = Q(not_before=None) | Q(not_before__lte=Now())
    with all_workspaces("the sweep looks at every connection"):
        waiting = Operation.objects.filter(due, connection=OuterRef("pk"), state=OpState.PENDING)
        unsettled = Batch.objects.filter(connection=OuterRef("pk"))
        found = list(
            Connection.objects.filter(Exists(waiting) | Exists(unsettled), state=ConnectionState.ACTIVE)
            .filter(Q(lease_until=None) | Q(lease_until__lt=Now()))
            .filter(Q(resume_at=None) | Q(resume_at__lte=Now()))
            .values_list("workspace_id", "pk")
        )
    for workspace_id, connection_id in found:
        wakeup.send(wakeup.DRAIN, workspace_id=workspace_id, connection_id=connection_id)
    return len(found)


def active_connections() -> list[tuple[str, str]]:
    """(workspace, connection) ids of every active connection."""
    with all_workspaces("regular checks look at every connection"):
        rows = Connection.objects.filter(state=ConnectionState.ACTIVE).values_list("workspace_id", "pk")
        return [(str(workspace_id), str(connection_id)) for workspace_id, connection_id in rows]
