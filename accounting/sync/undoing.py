"""Taking back the links that a run made: all that nobody has built upon since. Nothing in Xero changes by it.

What belongs to another is parted before it. What cannot be taken back stays linked, and says why.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from accounting.enums import DryRunState, EventKind, Verdict
from accounting.models import Decision, DryRun, Link, SyncEvent
from accounting.resources.registry import get_resource, kinds_read_by_themselves
from accounting.resources.rules import rules_of
from accounting.sync import lease, pairs
from accounting.sync.deciding import CannotDecide, lock_whole
from accounting.sync.history import tell

REASON = "The links of the run were taken back."
EDITED = "Stays linked: it was edited here or in Xero since."
NEEDED = "Stays linked: something in Xero belongs to it."
GONE_ON = (EventKind.RECEIVED, EventKind.RESOLVED, EventKind.REMOVED)


def take_back(run: DryRun) -> None:
    """Unlink what the run linked. A worker that dies is followed by one that goes on with what is left."""
    for kind in reversed(kinds_read_by_themselves()):
        rows = _made_by(run).filter(kind=kind, problem="")
        for row in rows.order_by("pk"):
            _take_back(run, row)
    _finish(run)


def _made_by(run: DryRun) -> Any:
    return Decision.objects.filter(dry_run=run, verdict=Verdict.LINK, is_done=True)


@transaction.atomic
def _take_back(run: DryRun, row: Decision) -> None:
    lease.renew(run.connection)
    try:
        with transaction.atomic():
            _unlink(run, row)
    except CannotDecide as refused:
        row.problem = str(refused)[:300]
    else:
        row.verdict, row.problem = Verdict.ASK, REASON
    row.save(update_fields=["verdict", "problem", "updated_at"])


def _unlink(run: DryRun, row: Decision) -> None:
    record = lock_whole(run.connection, row.kind, row.local_id)
    mine = Link.objects.filter(connection=run.connection, kind=row.kind, local_id=row.local_id)
    if not mine.filter(remote_id=row.remote_id).exists() or _has_gone_on(row, record):
        raise CannotDecide(EDITED)
    if _is_needed(run, row):
        raise CannotDecide(NEEDED)
    pairs.unlink(
        connection=run.connection,
        kind=row.kind,
        local_id=row.local_id,
        reason=REASON,
        of_run=True,
        by=run.started_by,
    )


def _has_gone_on(row: Decision, record: Any) -> bool:
    """Of what was sent only an edit counts: the rest is what the run itself sent, our reference above all."""
    since = SyncEvent.objects.filter(kind=row.kind, local_id=row.local_id, created_at__gt=row.updated_at)
    return record.updated_at > row.updated_at or since.filter(event__in=GONE_ON).exists()


def _is_needed(run: DryRun, row: Decision) -> bool:
    """Whether a record that is linked belongs to this one: there it would belong to nobody of ours."""
    rules = rules_of(run.connection)
    for kind in kinds_read_by_themselves():
        linked = Link.objects.filter(connection=run.connection, kind=kind, local_id=OuterRef("pk"))
        for path, parent in get_resource(kind).parents.items():
            if parent == row.kind:
                rows = get_resource(kind).candidates(rules).filter(Exists(linked), **{path: row.local_id})
                if rows.exists():
                    return True
    return False


@transaction.atomic
def _finish(run: DryRun) -> None:
    mine = DryRun.objects.filter(pk=run.pk, state=DryRunState.UNDOING)
    if mine.update(state=DryRunState.UNDONE, updated_at=Now()):
        tell(run.connection, EventKind.DECIDED, REASON, by=run.started_by)
