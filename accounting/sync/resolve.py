"""A person's decision about a record that is out of sync. It re-bases in the same transaction, so it closes."""

from __future__ import annotations

from django.db import transaction

from accounting import wakeup
from accounting.enums import ConflictState, Kind, Resolution
from accounting.models import Conflict, Link
from accounting.port.documents import RemoteRecord
from accounting.port.snapshots import load
from accounting.resources.base import open_desk
from accounting.sync import apply, conflicts, outbox
from workspaces.models import User


class CannotResolve(Exception):
    """It cannot be settled like this. The message says why, in a sentence for people."""


class ConflictClosed(CannotResolve):
    """It was settled meanwhile."""


@transaction.atomic
def resolve(*, conflict: Conflict, choice: Resolution, by: User) -> None:
    """Keep ours (and send it) or take theirs (and write it here). Raises ConflictClosed when it is settled already,
    CannotResolve when our side cannot take theirs.

    If Xero's version has moved on since it was read, the next look finds that out and opens a new conflict:
    nothing is overwritten unseen.
    """
    current = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
    if current.state != ConflictState.OPEN:
        raise ConflictClosed("This was settled meanwhile.")
    link = Link.objects.select_for_update(of=("self",)).select_related("connection").get(pk=current.link_id)
    if choice == Resolution.KEEP_OURS:
        _keep_ours(current, link, by)
    else:
        _take_theirs(current, link, by)
    wakeup.kick(workspace_id=link.workspace_id, connection_id=link.connection_id)


def _keep_ours(conflict: Conflict, link: Link, by: User) -> None:
    """Theirs becomes the base, so that ours is the only change left; then it is sent."""
    Link.objects.filter(pk=link.pk).update(
        base=conflict.theirs, otherwise={}, remote_version=conflict.remote_version
    )
    conflicts.close(link, Resolution.KEEP_OURS, by=by)
    outbox.record(workspace_id=link.workspace_id, kind=Kind(link.kind), local_id=link.local_id, force=True)


def _take_theirs(conflict: Conflict, link: Link, by: User) -> None:
    document = load(conflict.kind, conflict.theirs)
    theirs = RemoteRecord(conflict.kind, link.remote_id, conflict.remote_version, document)
    conflicts.close(link, Resolution.TAKE_THEIRS, by=by)
    outcome = apply.try_apply(link.connection, theirs, open_desk(link.connection), force=True)
    if isinstance(outcome, apply.Untaken):
        raise CannotResolve(outcome.words)
