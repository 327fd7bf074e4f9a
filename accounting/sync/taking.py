"""A person takes theirs as it stands there now: whatever was to be sent of ours is given up.

The way back from what the remote side refuses: a void whose payment is reconciled there, an edit of what is locked.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounting.enums import FLYING_STATES, WAITING_STATES, EventKind, Lane, LinkState
from accounting.models import Connection, Link, Operation
from accounting.port.documents import Kind, shape_of
from accounting.port.exchange import RemoteRecord
from accounting.resources.desk import open_desk
from accounting.resources.registry import settlements_of
from accounting.sync import apply, exemptions, pairs
from accounting.sync.decide import Outcome
from accounting.sync.deciding import FLYING, CannotDecide, lock_whole
from accounting.sync.history import tell
from workspaces.models import User

TAKEN = "Xero's version was taken. What was to be sent was given up."
MOVED = "It changed in Xero meanwhile. Try again."
LEFT_OUT = "It is left out of the sync. Take it back into the sync first."


def take_theirs(*, connection: Connection, kind: Kind, local_id: UUID, by: User) -> None:
    """Our record becomes what theirs is, with what settles it there; what was never sent against it stays. Reads theirs
    first, in one call. Raises CannotDecide, and ProviderError."""
    found = pairs.linked(connection, kind, local_id)
    theirs = pairs.read(connection, kind, found.remote_id)
    if theirs.document.is_stray or theirs.document.survivor:
        raise CannotDecide(pairs.REMOVED)
    _take(connection, theirs, local_id, by)


@transaction.atomic
def _take(connection: Connection, theirs: RemoteRecord, local_id: UUID, by: User) -> None:
    lock_whole(connection, theirs.kind, local_id)
    link = Link.objects.filter(connection=connection, kind=theirs.kind, local_id=local_id).first()
    if link is None or link.remote_id != theirs.remote_id or link.state == LinkState.TOMBSTONED:
        raise CannotDecide(pairs.NOT_THERE)
    if exemptions.of(link):
        raise CannotDecide(LEFT_OUT)
    for resource in settlements_of(shape_of(link.kind)):
        against = resource.against(local_id)
        _give_up_removals(connection, resource.kind, [row.pk for row in against if resource.is_reversed(row)])
    _waiting(connection, link.kind, [local_id]).delete()
    outcome = apply.take_whole(connection, theirs, open_desk(connection))
    if isinstance(outcome, apply.Untaken):
        raise CannotDecide(outcome.words)
    if outcome in (Outcome.STALE, Outcome.UNKNOWN):
        raise CannotDecide(MOVED)
    tell(
        connection, EventKind.DECIDED, TAKEN,
        kind=link.kind, local_id=local_id, remote_id=link.remote_id, by=by,
    )  # fmt: skip


def _give_up_removals(connection: Connection, kind: Kind, reversed_here: list[UUID]) -> None:
    """What was reversed here and still stands there is taken anew: ours stays reversed, as it was told."""
    pushes = Operation.objects.filter(
        connection=connection, lane=Lane.PUSH, kind=kind, local_id__in=reversed_here
    )
    if pushes.filter(state__in=FLYING_STATES).exists():
        raise CannotDecide(FLYING)
    _waiting(connection, kind, reversed_here).delete()
    links = Link.objects.filter(connection=connection, kind=kind, local_id__in=reversed_here)
    links.filter(state=LinkState.ACTIVE).delete()


def _waiting(connection: Connection, kind: Kind, local_ids: list[UUID]) -> QuerySet[Operation]:
    mine = Operation.objects.filter(connection=connection, lane=Lane.PUSH, kind=kind)
    return mine.filter(local_id__in=local_ids, state__in=WAITING_STATES)
