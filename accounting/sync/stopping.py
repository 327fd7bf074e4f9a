"""Cancelling a run: what it has done stays, and what it has not done stays out of the sync until a person decides.

A worker does it, alone at the connection: so nothing is sent meanwhile, and one that dies is followed by one that goes
on with what is left.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounting.enums import BackfillState, DryRunState, EventKind, Verdict
from accounting.models import Backfill, Decision, DryRun, Link
from accounting.sync import lease
from accounting.sync.deciding import CannotDecide, lock_whole
from accounting.sync.deciding_all import is_linked, leave_open, leave_out
from accounting.sync.history import tell

STEP = 200
CANCELLED = "The run was cancelled before this was done."


def stop(run: DryRun) -> None:
    """Take out of the sync all that is not there yet, but for what is on its way right now: that arrives."""
    place: UUID | None = None
    while rows := _left(run, place):
        for row in rows:
            _take_out(run, row)
        place = rows[-1].pk
    _finish(run)


def _left(run: DryRun, place: UUID | None) -> list[Decision]:
    linked = Link.objects.filter(
        connection=run.connection_id, kind=OuterRef("kind"), local_id=OuterRef("local_id")
    )
    undone = Q(is_done=False) | Q(verdict=Verdict.CREATE)
    rows = Decision.objects.filter(undone, ~Exists(linked), dry_run=run).order_by("pk")
    return list((rows.filter(pk__gt=place) if place else rows)[:STEP])


@transaction.atomic
def _take_out(run: DryRun, row: Decision) -> None:
    lease.renew(run.connection)
    try:
        with transaction.atomic():
            record = lock_whole(run.connection, row.kind, row.local_id)
            if not is_linked(run, row):
                _leave(run, row, record)
    except CannotDecide:  # it is on its way, or gone
        return
    row.is_done = True
    row.save(update_fields=["is_done", "verdict", "problem", "updated_at"])


def _leave(run: DryRun, row: Decision, record: Any) -> None:
    if row.verdict == Verdict.SKIP:
        leave_out(run, row, record)
        return
    if row.verdict != Verdict.ASK:
        row.verdict, row.problem = Verdict.ASK, CANCELLED
    leave_open(run, row, record)


@transaction.atomic
def _finish(run: DryRun) -> None:
    mine = DryRun.objects.filter(pk=run.pk, state=DryRunState.STOPPING)
    if not mine.update(state=DryRunState.STOPPED, paused_at=None, updated_at=Now()):
        return
    Decision.objects.filter(dry_run=run, is_done=False).update(is_done=True)
    going = Backfill.objects.filter(connection=run.connection_id, state=BackfillState.RUNNING)
    going.update(state=BackfillState.DONE, finished_at=Now())
    tell(run.connection, EventKind.DECIDED, "The run was cancelled. What it had done stays as it is.")
