"""The net behind the wake-ups: finds connections with work and nobody at it."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from accounting import wakeup
from accounting.enums import Blocker, Lane, OpState
from accounting.models import Batch, Connection, Operation, unpaused
from accounting.sync.state import callable_now
from workspaces.scope import all_workspaces

LISTS_LIVE = dt.timedelta(days=1)
LISTS_ASKED = dt.timedelta(hours=1)
LISTS_AT_ONCE = 50
JUST_WOKEN = dt.timedelta(seconds=2)
"""Workers that were away meet an hour of sweeps at once: one of them wakes, the others find that it was done."""


def sweep() -> int:
    """Wake a worker for every connection that may be called and has something to do, that nobody is at and nobody has
    just woken. Returns how many."""
    due = Q(not_before=None) | Q(not_before__lte=Now())
    with all_workspaces("the sweep looks at every connection"):
        _free_forgotten()
        waiting = Operation.objects.filter(due, unpaused(), connection=OuterRef("pk"), state=OpState.PENDING)
        unsettled = Batch.objects.filter(connection=OuterRef("pk"))
        found = list(
            Connection.objects.filter(Exists(waiting) | Exists(unsettled), callable_now())
            .filter(Q(lease_until=None) | Q(lease_until__lt=Now()))
            .filter(Q(woken_at=None) | Q(woken_at__lt=Now() - JUST_WOKEN))
            .values_list("workspace_id", "pk")
        )
        Connection.objects.filter(pk__in=[pk for _, pk in found]).update(woken_at=Now())
    for workspace_id, connection_id in found:
        wakeup.send(wakeup.DRAIN, workspace_id=workspace_id, connection_id=connection_id)
    return len(found)


def wake_stale_lists() -> int:
    """Have the lists read that were read more than a day ago, those that are oldest first and a few at a time: so
    each connection keeps its own hour. Returns how many."""
    asked = Q(lists_asked_at=None) | Q(lists_asked_at__lt=Now() - LISTS_ASKED)
    old = Q(reference_data_at=None) | Q(reference_data_at__lt=Now() - LISTS_LIVE)
    with all_workspaces("regular checks look at every connection"):
        due = Connection.objects.filter(asked, old, callable_now())
        oldest = due.order_by(F("reference_data_at").asc(nulls_first=True))[:LISTS_AT_ONCE]
        found = list(oldest.values_list("workspace_id", "pk"))
        Connection.objects.filter(pk__in=[pk for _, pk in found]).update(lists_asked_at=Now())
    for workspace_id, connection_id in found:
        wakeup.send(wakeup.REFRESH_LISTS, workspace_id=workspace_id, connection_id=connection_id, daily="yes")
    return len(found)


def _free_forgotten() -> int:
    """An operation was blocked at the very moment when what it waited for came to its end: nobody will free it.
    Let it look again."""
    awaited = Operation.objects.filter(
        connection=OuterRef("connection"), lane=Lane.PUSH, local_id=OuterRef("blocked_on")
    )
    forgotten = Operation.objects.filter(~Exists(awaited), state=OpState.BLOCKED, blocker=Blocker.DEPENDENCY)
    return forgotten.update(state=OpState.PENDING, blocker="", blocked_on=None, error="", error_class="")
