"""Sending what was saved before the connection was made, behind everything that people do meanwhile.

In steps of a hundred records, each in one transaction that moves the place to go on from: a worker that dies loses
nothing and repeats nothing. What is queued is pushed like any other change; what is taken in Xero already is listed
for a person instead.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounting import wakeup
from accounting.enums import BackfillState, Priority, Taken
from accounting.models import Backfill, Clash, Connection
from accounting.port.documents import Kind
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import dump
from accounting.queries.unsent import count_unsent, sendable_of
from accounting.resources.registry import push_order
from accounting.sync import lease, outbox, turns
from accounting.sync.opening import open_books
from accounting.sync.permissions import may_compare
from accounting.sync.regain import on_refused
from accounting.sync.state import Paused, callable_now, rest_after
from accounting.sync.taken import Look
from core import shutdown
from core.transactions import after_commit, forbid_transaction
from workspaces.models import User
from workspaces.scope import all_workspaces

log = structlog.get_logger(__name__)

STEP = 100
TURN_SECONDS = 8
FORGOTTEN = dt.timedelta(seconds=30)
BETWEEN_TURNS = 2
"""Seconds in which the organisation is free for the work that people wait for."""
LONGEST_HELD = 5
"""A message for later holds a place of a worker until then. After a longer pause the sweep goes on."""


@transaction.atomic
def start(*, connection: Connection, by: User | None) -> Backfill:
    """Begin to send everything that was never sent, or begin anew: what was in the way is looked at again.

    One that is under way is left alone and returned.
    """
    owner = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    running = Backfill.objects.filter(connection=owner, state=BackfillState.RUNNING).first()
    if running is not None:
        return running
    Clash.objects.filter(connection=owner).delete()
    values = {
        "workspace_id": owner.workspace_id,
        "state": BackfillState.RUNNING,
        "kind": push_order()[0],
        "after": None,
        "total": count_unsent().total,
        "started_at": timezone.now(),
        "finished_at": None,
        "started_by": by,
    }
    backfill, _ = Backfill.objects.update_or_create(connection=owner, defaults=values)
    after_commit(lambda: go_on(owner))
    return backfill


def go_on(connection: Connection, delay: float = 0) -> None:
    """Have a worker go on with it after so many seconds."""
    wakeup.send(
        wakeup.BACKFILL, workspace_id=connection.workspace_id, connection_id=connection.pk, delay=delay
    )


def take_turn(connection_id: UUID) -> None:
    """Queue what was never sent for as long as one turn lasts, and see to it that another follows. Needs the
    workspace's scope and no transaction."""
    forbid_transaction("sending what was never sent")
    connection = Connection.objects.select_related("workspace").filter(pk=connection_id).first()
    if connection is None or not may_compare(connection) or not _is_running(connection):
        return
    pause = float(BETWEEN_TURNS)
    with lease.held(connection_id) as token:
        if token is not None:
            pause = _try_turn(connection)
    if not _is_running(connection):
        turns.wake_again(connection)
    elif pause <= LONGEST_HELD:
        go_on(connection, delay=pause)


def wake_forgotten() -> int:
    """Go on with those whose last step was a while ago and that nobody is at: their wake-up was lost. Returns how
    many."""
    free = Q(connection__lease_until=None) | Q(connection__lease_until__lt=Now())
    with all_workspaces("the sweep looks at every connection"):
        left = Backfill.objects.filter(
            free,
            callable_now("connection__"),
            state=BackfillState.RUNNING,
            connection__dry_run__paused_at=None,
            updated_at__lt=Now() - FORGOTTEN,
        )
        found = [row.connection for row in left.select_related("connection")]
    for connection in found:
        go_on(connection)
    return len(found)


def _is_running(connection: Connection) -> bool:
    mine = Backfill.objects.filter(connection=connection, state=BackfillState.RUNNING)
    return mine.filter(connection__dry_run__paused_at=None).exists()


def _try_turn(connection: Connection) -> float:
    """Returns how many seconds to leave until the next turn."""
    try:
        _work(connection)
    except NeedsReauth as error:
        on_refused(connection, error)
    except lease.LeaseLost:
        log.warning("lease_lost", connection=str(connection.pk))
    except Paused:
        log.info("paused", connection=str(connection.pk))
    except ProviderError as error:
        return rest_after(connection, error)
    return BETWEEN_TURNS


def _work(connection: Connection) -> None:
    with open_books(connection) as books:
        books.nobody_waits(True)
        _take_steps(connection, Look(books))


def _take_steps(connection: Connection, look: Look) -> None:
    ends = time.monotonic() + TURN_SECONDS
    while not shutdown.is_under_way() and time.monotonic() < ends:
        backfill = Backfill.objects.select_related("connection__mapping").get(connection=connection)
        if not _is_running(connection):
            return
        step(backfill, look)


def step(backfill: Backfill, look: Look) -> None:
    """Look at the next hundred records, and queue those of them that nothing stands in the way of."""
    kind = backfill.kind
    rows = sendable_of(kind, backfill.connection)
    if backfill.after:
        rows = rows.filter(pk__gt=backfill.after)
    records = list(rows[:STEP])
    taken = look.taken(kind, records) if records else {}
    _note(backfill, kind, records, taken)


@transaction.atomic
def _note(
    backfill: Backfill, kind: Kind, records: Sequence[Any], taken: dict[UUID, tuple[Taken, RemoteRecord]]
) -> None:
    """Whoever moves the place to go on from does the step; a second worker at the same place does nothing."""
    mine = Backfill.objects.filter(
        pk=backfill.pk,
        state=BackfillState.RUNNING,
        started_at=backfill.started_at,
        kind=kind,
        after=backfill.after,
    )
    if not records:
        mine.update(**_next_kind(kind), updated_at=Now())
        return
    if not mine.update(after=records[-1].pk, updated_at=Now()):
        return
    Clash.objects.bulk_create(
        [_clash(backfill, kind, pk, *found) for pk, found in taken.items()], ignore_conflicts=True
    )
    free = [record.pk for record in records if record.pk not in taken]
    outbox.record_many(
        workspace_id=backfill.workspace_id, kind=kind, local_ids=free, priority=Priority.BACKFILL
    )


def _next_kind(kind: Kind) -> dict[str, Any]:
    kinds = push_order()
    place = kinds.index(kind) + 1
    if place == len(kinds):
        return {"state": BackfillState.DONE, "finished_at": Now()}
    return {"kind": kinds[place], "after": None}


def _clash(backfill: Backfill, kind: Kind, local_id: UUID, taken: Taken, there: RemoteRecord) -> Clash:
    return Clash(
        workspace_id=backfill.workspace_id,
        connection_id=backfill.connection_id,
        kind=kind,
        local_id=local_id,
        taken=taken,
        remote_id=there.remote_id,
        there=dump(there.document),
    )
