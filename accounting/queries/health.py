"""How a connection's sync does, for the people who run Tandem."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone

from accounting.enums import OpState
from accounting.models import Batch, Connection, Operation, unpaused
from accounting.queries.allowed import lacking_kinds


@dataclass(frozen=True, slots=True)
class Checkup:
    """One connection's queue, and a sentence for everything that is stuck."""

    connection: Connection
    told: str
    oldest_pending: dt.datetime | None
    complaints: tuple[str, ...]
    unplanned_since: dt.datetime | None = None


def check_up(connection: Connection, patience: dt.timedelta) -> Checkup:
    """How the connection does; what waits for longer than `patience` with nobody to wait for is stuck."""
    mine = Operation.objects.filter(connection=connection).order_by()
    rows = mine.values_list("state").annotate(Count("pk"), Min("created_at")).order_by("state")
    states = {state: (count, oldest) for state, count, oldest in rows}
    pending = states.get(OpState.PENDING)
    return Checkup(
        connection=connection,
        told=", ".join(f"{count} {state}" for state, (count, _) in states.items()),
        oldest_pending=pending[1] if pending else None,
        complaints=tuple(_complaints(connection, timezone.now() - patience)),
        unplanned_since=connection.unplanned_since,
    )


def _complaints(connection: Connection, before: dt.datetime) -> Iterator[str]:
    """Nothing is stuck while a connection rests, is paused waits for a person to reconnect, or is not in
    the plan; nor is what Xero must allow first."""
    resting = connection.resume_at is not None and connection.resume_at > timezone.now()
    if not connection.is_active or resting or connection.is_stopped:
        return
    mine = Operation.objects.filter(connection=connection)
    mine = mine.exclude(kind__in=lacking_kinds(connection))
    waiting = mine.filter(unpaused(), state=OpState.PENDING, updated_at__lt=before, not_before=None).count()
    if waiting:
        yield f"{waiting} operations wait and no worker takes them: do worker and beat run?"
    batches = Batch.objects.filter(connection=connection, updated_at__lt=before).count()
    if batches:
        yield f"{batches} stored writes are not settled."
    if connection.lease_until and connection.lease_until < before:
        yield "A worker died while it held the lease, and nobody came after it."
