"""The dry run: what was never sent is compared with what the organisation has, once, and nothing is written.

It takes two kinds of turns. The first reads: every page of every kind, and notes down for each of our records what
would become of it. Then a person decides. The second does what was decided: it links, leaves out, and leaves what is to
be created to the ordinary sending of what was never sent. A worker that dies repeats nothing. Until all is there a
person may pause it, go on, or cancel it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from accounting import wakeup
from accounting.enums import UNDER_WAY, DryRunState, EventKind, Verdict
from accounting.models import Connection, Decision, DryRun
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.queries.unsent import is_going
from accounting.sync import backfill, comparing, deciding_all, lease, stopping, undoing
from accounting.sync.history import tell
from accounting.sync.opening import open_books
from accounting.sync.permissions import may_compare
from accounting.sync.regain import on_refused
from accounting.sync.state import Paused, callable_now, rest_after
from core.transactions import after_commit, forbid_transaction
from workspaces.models import User
from workspaces.scope import all_workspaces

log = structlog.get_logger(__name__)

FORGOTTEN = dt.timedelta(seconds=30)
BETWEEN_TURNS = 2
LONGEST_HELD = 5
"""Seconds. After a longer pause the sweep goes on."""
CALLING_NOBODY = {DryRunState.STOPPING: stopping.stop, DryRunState.UNDOING: undoing.take_back}
"""So nothing keeps them from being done."""
ON_ITS_WAY = (DryRunState.LINKING, DryRunState.DONE)
"""Decided, and perhaps not all there yet."""
OVER = (DryRunState.DONE, DryRunState.STOPPED, DryRunState.UNDONE)


@transaction.atomic
def start(*, connection: Connection, by: User) -> DryRun:
    """Compare anew what was never sent with what the organisation has. What was decided and not done is forgotten. One
    that is under way is left alone and returned."""
    owner = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    running = DryRun.objects.filter(connection=owner, state__in=UNDER_WAY).first()
    if running is not None:
        return running
    Decision.objects.filter(dry_run__connection=owner).delete()
    values = {
        "workspace_id": owner.workspace_id,
        "state": DryRunState.READING,
        "calls": 0,
        "seen": {},
        "problem": "",
        "read_at": None,
        "paused_at": None,
        "started_by": by,
    }
    run, _ = DryRun.objects.update_or_create(connection=owner, defaults=values)
    after_commit(lambda: _go_on(owner))
    return run


@transaction.atomic
def decide(*, run: DryRun, ids: Sequence[UUID], verdict: Verdict, by: User) -> int:
    """Say what is to become of these. Returns how many took it: to be linked there has to be one that it may be, which
    no other of ours is linked to. Nothing once it is being done."""
    if not DryRun.objects.select_for_update(of=("self",)).filter(pk=run.pk, state=DryRunState.READY).exists():
        return 0
    rows = Decision.objects.filter(dry_run=run, is_done=False, pk__in=ids)
    if verdict == Verdict.LINK:
        return sum(_link(row, by) for row in rows.exclude(remote_id=""))
    return rows.update(verdict=verdict, decided_by=by, updated_at=Now())


def _link(row: Decision, by: User) -> bool:
    same = Decision.objects.filter(dry_run=row.dry_run_id, kind=row.kind, remote_id=row.remote_id)
    if same.filter(verdict=Verdict.LINK).exclude(pk=row.pk).exists():
        return False
    row.verdict, row.decided_by = Verdict.LINK, by
    row.save(update_fields=["verdict", "decided_by", "updated_at"])
    return True


@transaction.atomic
def confirm(*, run: DryRun, keeps_ours: bool) -> bool:
    """Do what was decided. Returns False when it is being done already, or there is nothing to do."""
    mine = DryRun.objects.filter(pk=run.pk, state=DryRunState.READY)
    if not mine.update(state=DryRunState.LINKING, keeps_ours=keeps_ours, updated_at=Now()):
        return False
    after_commit(lambda: _go_on(run.connection))
    return True


@transaction.atomic
def pause(*, run: DryRun, by: User) -> bool:
    """Let nothing more of it be done, or sent, until it is resumed. What is on its way arrives. Returns False when
    there is nothing to pause."""
    mine = DryRun.objects.filter(pk=run.pk, state__in=ON_ITS_WAY, paused_at=None)
    if not is_going(run.connection) or not mine.update(paused_at=Now(), updated_at=Now()):
        return False
    tell(run.connection, EventKind.DECIDED, "The run was paused.", by=by)
    return True


@transaction.atomic
def resume(*, run: DryRun, by: User) -> bool:
    """Go on where it was paused. Returns False when it was not."""
    mine = DryRun.objects.filter(pk=run.pk, state__in=ON_ITS_WAY, paused_at__isnull=False)
    if not mine.update(paused_at=None, updated_at=Now()):
        return False
    tell(run.connection, EventKind.DECIDED, "The run goes on.", by=by)
    after_commit(lambda: _go_on(run.connection))
    after_commit(lambda: backfill.go_on(run.connection))
    wakeup.kick(workspace_id=run.workspace_id, connection_id=run.connection_id)
    return True


@transaction.atomic
def cancel(*, run: DryRun, by: User) -> bool:
    """Let nothing further be created or linked. What was stays; what was not stays out of the sync until it is decided.
    Returns False when there is nothing to cancel."""
    mine = DryRun.objects.filter(pk=run.pk, state__in=ON_ITS_WAY)
    if not is_going(run.connection) or not mine.update(
        state=DryRunState.STOPPING, paused_at=Coalesce("paused_at", Now()), updated_at=Now()
    ):
        return False
    tell(run.connection, EventKind.DECIDED, "The run is being cancelled.", by=by)
    after_commit(lambda: _go_on(run.connection))
    return True


@transaction.atomic
def undo(*, run: DryRun, by: User) -> bool:
    """Take back the links that it made, where nobody has built upon them since. Returns False while it is not over."""
    mine = DryRun.objects.filter(pk=run.pk, state__in=OVER)
    if is_going(run.connection) or not mine.update(
        state=DryRunState.UNDOING, paused_at=None, started_by=by, updated_at=Now()
    ):
        return False
    after_commit(lambda: _go_on(run.connection))
    return True


def _go_on(connection: Connection, delay: float = 0) -> None:
    wakeup.send(
        wakeup.DRY_RUN, workspace_id=connection.workspace_id, connection_id=connection.pk, delay=delay
    )


def take_turn(connection_id: UUID) -> None:
    """Read, or do what was decided. Needs the workspace's scope and no transaction."""
    forbid_transaction("comparing with Xero")
    run = DryRun.objects.select_related("connection__workspace").filter(connection=connection_id).first()
    if run is None or not _may_go_on(run):
        return
    pause = float(BETWEEN_TURNS)
    with lease.held(connection_id) as token:
        if token is not None:
            pause = _try(run)
    run.refresh_from_db()
    if run.state not in UNDER_WAY:
        wakeup.kick(workspace_id=run.workspace_id, connection_id=run.connection_id)
    elif run.state in CALLING_NOBODY or (run.paused_at is None and pause <= LONGEST_HELD):
        _go_on(run.connection, delay=pause)


def _may_go_on(run: DryRun) -> bool:
    if run.state in CALLING_NOBODY:
        return True
    return run.state in UNDER_WAY and run.paused_at is None and may_compare(run.connection)


def _try(run: DryRun) -> float:
    """Returns how many seconds to leave until the next turn."""
    try:
        if work := CALLING_NOBODY.get(DryRunState(run.state)):
            work(run)
            return BETWEEN_TURNS
        with open_books(run.connection) as books:
            if run.state == DryRunState.READING:
                comparing.compare(run, books)
            else:
                deciding_all.carry_out(run, books)
    except NeedsReauth as error:
        on_refused(run.connection, error)
    except (lease.LeaseLost, Paused, deciding_all.Interrupted):
        log.info("dry_run_stopped", connection=str(run.connection_id))
    except ProviderError as error:
        return _wait(run, error)
    return BETWEEN_TURNS


def _wait(run: DryRun, error: ProviderError) -> float:
    DryRun.objects.filter(pk=run.pk).update(problem=error.message[:300], updated_at=Now())
    return rest_after(run.connection, error)


def wake_forgotten() -> int:
    """Go on with those whose wake-up was lost. Returns how many."""
    free = Q(connection__lease_until=None) | Q(connection__lease_until__lt=Now())
    with all_workspaces("the sweep looks at every connection"):
        goes_on = Q(callable_now("connection__"), paused_at=None) | Q(state__in=list(CALLING_NOBODY))
        left = DryRun.objects.filter(free, goes_on, state__in=UNDER_WAY, updated_at__lt=Now() - FORGOTTEN)
        found = [row.connection for row in left.select_related("connection")]
    for connection in found:
        _go_on(connection)
    return len(found)
