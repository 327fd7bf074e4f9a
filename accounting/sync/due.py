"""What may go now: the questions a drain asks the outbox at every step. All are answered by index, so that the
length of the queue does not matter."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounting.enums import FLYING_STATES, Kind, Lane, OpState
from accounting.models import Batch, Connection, Operation
from accounting.resources.registry import PUSH_ORDER


def due_pushes(connection: Connection) -> Any:
    """Pushes that may go now: due, and with no earlier write of the same record in the air."""
    flying = Operation.objects.filter(
        connection=connection,
        lane=Lane.PUSH,
        kind=OuterRef("kind"),
        local_id=OuterRef("local_id"),
        state__in=FLYING_STATES,
    )
    waiting = Operation.objects.filter(connection=connection, lane=Lane.PUSH, state=OpState.PENDING)
    return waiting.filter(Q(not_before=None) | Q(not_before__lte=Now())).exclude(Exists(flying))


def has_work(connection: Connection) -> bool:
    """Whether anything could be done for this connection now.

    Asked kind by kind: for a plain "is there any" Postgres may walk through a large neighbour's rows.
    """
    if any(most_urgent(connection, lane) is not None for lane in Lane):
        return True
    return Batch.objects.filter(connection=connection).exists()


def kinds_due(connection: Connection) -> list[Kind]:
    """The kinds with due pushes: those a person waits for first, and among equals in the order Xero needs."""
    due = due_pushes(connection)
    urgency = {kind: _first_priority(due.filter(kind=kind)) for kind in PUSH_ORDER}
    kinds = [kind for kind in PUSH_ORDER if urgency[kind] is not None]
    return sorted(kinds, key=lambda kind: urgency[kind] or 0)


def _first_priority(due: Any) -> int | None:
    return cast("int | None", due.order_by("priority", "pk").values_list("priority", flat=True).first())


def most_urgent(connection: Connection, lane: Lane) -> int | None:
    """The best priority among what is due in this lane; None when nothing is."""
    pulls = Operation.objects.filter(connection=connection, lane=Lane.PULL, state=OpState.PENDING)
    due = due_pushes(connection) if lane == Lane.PUSH else pulls
    firsts = [_first_priority(due.filter(kind=kind)) for kind in PUSH_ORDER]
    return min((first for first in firsts if first is not None), default=None)
