"""Taking one of our records out of the sync, and back into it.

While it is out nothing of it goes either way. What would have gone waits with it, and what changed there is read again
once it is back, so that nothing is lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounting.enums import WAITING_STATES, Blocker, EventKind, Lane, OpState, Until
from accounting.models import Connection, Exemption, Link, Operation
from accounting.port.documents import Kind
from accounting.port.exchange import RemoteRecord
from accounting.sync import outbox
from accounting.sync.history import tell
from core.transactions import require_transaction
from workspaces.days import today
from workspaces.models import User, Workspace
from workspaces.scope import all_workspaces, scope


def exempt(
    connection: Connection,
    kind: Kind,
    record: Any,
    *,
    until: Until,
    day: dt.date | None = None,
    reason: str = "",
    of_run: bool = False,
    by: User | None,
) -> Exemption:
    """Take this locked record out of the sync. What waits to be sent waits on; what failed to come is read again when
    it is back. One `of_run` is compared again by the next. Must be inside a transaction."""
    require_transaction("taking a record out of the sync")
    values = {
        "workspace_id": connection.workspace_id,
        "until": until,
        "day": day,
        "since": record.updated_at,
        "reason": reason,
        "of_run": of_run,
        "made_by": by,
    }
    exemption, _ = Exemption.objects.update_or_create(
        connection=connection, kind=kind, local_id=record.pk, defaults=values
    )
    _hold(exemption)
    return exemption


def _hold(exemption: Exemption) -> None:
    mine = Operation.objects.filter(connection_id=exemption.connection_id, kind=exemption.kind)
    mine.filter(lane=Lane.PUSH, local_id=exemption.local_id, state__in=WAITING_STATES).update(
        **_held(exemption)
    )
    there = Link.objects.filter(
        connection_id=exemption.connection_id, kind=exemption.kind, local_id=exemption.local_id
    )
    mine.filter(lane=Lane.PULL, remote_id__in=there.values("remote_id"), state=OpState.FAILED).delete()


def _held(exemption: Exemption) -> dict[str, Any]:
    return {
        "state": OpState.BLOCKED,
        "blocker": Blocker.EXEMPT,
        "blocked_on": exemption.local_id,
        "error": exemption.words,
        "error_class": "",
        "error_detail": "",
        "error_reference": "",
        "problem": None,
    }


def still_stands(exemption: Exemption | None, record: Any) -> bool:
    """Whether it keeps this record of ours, as it is now, from going out. One that an edit has ended is gone then."""
    if exemption is None:
        return False
    if exemption.until == Until.CHANGE and record.updated_at > exemption.since:
        _end(exemption, "Changed here, so it is kept in step again.")
        _read_again(exemption)
        return False
    return True


def of(link: Link) -> Exemption | None:
    """What keeps the record of this link out, if anything does."""
    return Exemption.objects.filter(
        connection_id=link.connection_id, kind=link.kind, local_id=link.local_id
    ).first()


def is_ended_by(exemption: Exemption, theirs: RemoteRecord, link: Link) -> bool:
    """Whether this version of theirs brings the record back: it changes something where that was waited for."""
    return exemption.until == Until.CHANGE and theirs.version > link.remote_version


def end_by_theirs(exemption: Exemption) -> None:
    """It is over, because theirs has changed and was taken."""
    _end(exemption, "Changed in Xero, so it is kept in step again.")


def lift(exemption: Exemption, *, by: User | None, words: str = "Taken back into the sync.") -> None:
    """Bring the record back: what waited goes on, what it is there is read, and where it was never sent it is. Must be
    inside a transaction."""
    require_transaction("taking a record back into the sync")
    _end(exemption, words, by=by)
    _read_again(exemption)
    outbox.record(workspace_id=exemption.workspace_id, kind=exemption.kind, local_id=exemption.local_id)


def _end(exemption: Exemption, words: str, *, by: User | None = None) -> None:
    """It is over, and so is the waiting of everything that it held up."""
    drop(exemption)
    tell(
        exemption.connection, EventKind.DECIDED, words,
        kind=exemption.kind, local_id=exemption.local_id, by=by,
    )  # fmt: skip


def _read_again(exemption: Exemption) -> None:
    """What changed there meanwhile was passed over."""
    link = Link.objects.filter(
        connection_id=exemption.connection_id, kind=exemption.kind, local_id=exemption.local_id
    ).first()
    if link is not None:
        outbox.record_pull(
            workspace_id=link.workspace_id,
            connection_id=link.connection_id,
            kind=link.kind,
            remote_id=link.remote_id,
        )


def drop(exemption: Exemption) -> None:
    """Forget it, and let go on what it held up."""
    exemption.delete()
    outbox.unblock(exemption.connection_id, waiting_for=Blocker.EXEMPT, record_id=exemption.local_id)


def send_again(connection: Connection, kind: Kind, local_ids: Sequence[UUID]) -> None:
    """These were left open by a run and are to be created after all: from now on they are what was never sent. Must be
    inside a transaction."""
    require_transaction("taking records back into the sync")
    mine = {"connection": connection, "kind": kind, "local_id__in": local_ids}
    Operation.objects.filter(lane=Lane.PUSH, state__in=WAITING_STATES, **mine).delete()
    Exemption.objects.filter(of_run=True, **mine).delete()
    outbox.unblock(connection.pk, waiting_for=Blocker.EXEMPT, record_id=local_ids)


def lift_due() -> int:
    """Bring back what was left out until a day that has come where its workspace is. Returns how many."""
    with all_workspaces("days come in every workspace"):
        dated = Exemption.objects.filter(until=Until.DAY)
        owners = list(Workspace.objects.filter(pk__in=dated.values("workspace")))
    return sum(_lift_due_of(workspace) for workspace in owners)


def _lift_due_of(workspace: Workspace) -> int:
    lifted = 0
    with scope(workspace):
        for exemption in Exemption.objects.filter(until=Until.DAY, day__lte=today(workspace)):
            with transaction.atomic():
                lift(exemption, by=None, words="The day has come, so it is kept in step again.")
            lifted += 1
    return lifted
