"""Doing what a dry run came to, and a person confirmed: each decision by itself, owners before what they own."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When
from django.db.models.functions import Now

from accounting.enums import DryRunState, EventKind, Priority, Until, Verdict
from accounting.models import Decision, DryRun, Exemption, Link
from accounting.port.documents import Kind
from accounting.port.exchange import RemoteRecord
from accounting.port.provider import Books
from accounting.port.snapshots import load
from accounting.resources.registry import kinds_read_by_themselves, push_order
from accounting.sync import backfill, exemptions, lease, pairs
from accounting.sync.deciding import CannotDecide, lock_whole
from accounting.sync.history import tell

STEP = 50
CHANGED_THERE = "Changed in Xero since it was compared. Look again."
CHANGED_HERE = "Changed here since it was compared. Look again."


class Interrupted(Exception):
    """A person paused the run, or cancelled it."""


def carry_out(run: DryRun, books: Books) -> None:
    """Do all that is decided; what changed since it was compared comes back to a person, and what is undecided stays
    out of the sync until somebody says what it is. Raises ProviderError before anything is done, and Interrupted."""
    _ask_about_what_changed(run, books)
    while _step(run):
        lease.renew(run.connection)
    _finish(run)


def _ask_about_what_changed(run: DryRun, books: Books) -> None:
    """One page of changes for each kind, at most a few calls: what was read is not read again."""
    assert run.read_at is not None
    for kind in kinds_read_by_themselves():
        place: str | None = run.read_at.isoformat()
        while place is not None:
            page = books.changes(kind, place)
            for record in page.records:
                moved = _open(run, Verdict.LINK).filter(kind=kind, remote_id=record.remote_id)
                moved.exclude(remote_version__gte=record.version).update(
                    verdict=Verdict.ASK, problem=CHANGED_THERE
                )
            place = page.next


def _open(run: DryRun, *verdicts: Verdict) -> Any:
    return Decision.objects.filter(dry_run=run, is_done=False, verdict__in=verdicts)


def _step(run: DryRun) -> bool:
    order = Case(
        *[When(kind=kind, then=Value(place)) for place, kind in enumerate(push_order())],
        output_field=IntegerField(),
    )
    rows = list(_open(run, Verdict.LINK, Verdict.SKIP, Verdict.ASK).order_by(order, "id")[:STEP])
    for row in rows:
        _do(run, row)
    return bool(rows)


@transaction.atomic
def _do(run: DryRun, row: Decision) -> None:
    """One decision with all it changes. What cannot be done is a question for a person again."""
    lease.renew(run.connection)
    if not _still_goes(run).exists():
        raise Interrupted
    try:
        with transaction.atomic():
            record = lock_whole(run.connection, row.kind, row.local_id)
            if not is_linked(run, row):
                _DEEDS[Verdict(row.verdict)](run, row, record)
    except CannotDecide as refused:
        row.problem, row.verdict = str(refused)[:300], Verdict.ASK
        _hold_back(run, row)
    row.is_done = True
    row.save(update_fields=["is_done", "verdict", "problem", "updated_at"])


def _still_goes(run: DryRun) -> Any:
    return DryRun.objects.filter(pk=run.pk, state=DryRunState.LINKING, paused_at=None)


def is_linked(run: DryRun, row: Decision) -> bool:
    """Whether somebody has linked it by hand, or it was sent, since it was compared: then that stands."""
    mine = Link.objects.filter(connection=run.connection, kind=row.kind, local_id=row.local_id)
    return mine.exists()


def _link(run: DryRun, row: Decision, record: Any) -> None:
    if record.updated_at > row.local_version:
        raise CannotDecide(CHANGED_HERE)
    assert row.remote_version is not None
    theirs = RemoteRecord(row.kind, row.remote_id, row.remote_version, load(row.kind, row.there))
    pairs.join(
        run.connection,
        theirs,
        record,
        keep_ours=run.keeps_ours,
        by=run.started_by,
        priority=Priority.BACKFILL,
    )


def leave_out(run: DryRun, row: Decision, record: Any) -> None:
    """Take it out of the sync for good, as decided. Its record is locked."""
    exemptions.exempt(
        run.connection,
        row.kind,
        record,
        until=Until.GOOD,
        reason="Left out in the dry run.",
        by=run.started_by,
    )
    _tell(run, row.kind, record, "Left out of the sync, as decided in the dry run.")


def leave_open(run: DryRun, row: Decision, record: Any) -> None:
    """Keep it out of the sync until somebody says what it is. Its record is locked."""
    exemptions.exempt(run.connection, row.kind, record, until=Until.DECISION, of_run=True, by=run.started_by)


_DEEDS = {Verdict.LINK: _link, Verdict.SKIP: leave_out, Verdict.ASK: leave_open}


def _hold_back(run: DryRun, row: Decision) -> None:
    """Unless it is gone, or on its way: what arrives there is linked by itself."""
    try:
        with transaction.atomic():
            leave_open(run, row, lock_whole(run.connection, row.kind, row.local_id))
    except CannotDecide:
        return


def _tell(run: DryRun, kind: Kind, record: Any, words: str) -> None:
    tell(run.connection, EventKind.DECIDED, words, kind=kind, local_id=record.pk, by=run.started_by)


def _let_go(run: DryRun) -> None:
    """What an earlier run left open, and is to be created now."""
    left_open = Exemption.objects.filter(
        connection=run.connection, of_run=True, kind=OuterRef("kind"), local_id=OuterRef("local_id")
    )
    rows = Decision.objects.filter(Exists(left_open), dry_run=run, verdict=Verdict.CREATE)
    for kind in push_order():
        ids = list(rows.filter(kind=kind).values_list("local_id", flat=True))
        if ids:
            exemptions.send_again(run.connection, kind, ids)


@transaction.atomic
def _finish(run: DryRun) -> None:
    """What is to be created goes the way of all that was never sent, behind what people do."""
    lease.renew(run.connection)
    if _still_goes(run).update(state=DryRunState.DONE, updated_at=Now()):
        _let_go(run)
        Decision.objects.filter(dry_run=run, verdict=Verdict.CREATE).update(is_done=True)
        backfill.start(connection=run.connection, by=run.started_by)
