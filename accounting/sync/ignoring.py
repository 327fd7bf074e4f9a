"""A person leaves a record out of the sync, and takes it back."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounting.enums import EventKind, LinkState, Until
from accounting.models import Connection, Exemption, Link
from accounting.port.documents import Kind
from accounting.sync import exemptions
from accounting.sync.deciding import CannotDecide, lock_whole
from accounting.sync.history import tell
from workspaces.models import User


@transaction.atomic
def ignore(
    *,
    connection: Connection,
    kind: Kind,
    local_id: UUID,
    until: Until,
    day: dt.date | None = None,
    reason: str = "",
    by: User,
) -> None:
    """Leave our record out of the sync: until it changes on either side, until that day, or for good. Raises
    CannotDecide."""
    record = lock_whole(connection, kind, local_id)
    apart = Link.objects.filter(
        connection=connection, kind=kind, local_id=local_id, state=LinkState.OUT_OF_SYNC
    )
    if apart.exists():
        raise CannotDecide("It is out of sync. Decide first which version is right.")
    exemption = exemptions.exempt(connection, kind, record, until=until, day=day, reason=reason, by=by)
    tell(
        connection, EventKind.DECIDED, f"{exemption.words} {reason}".strip(),
        kind=kind, local_id=local_id, by=by,
    )  # fmt: skip


@transaction.atomic
def take_back(*, connection: Connection, kind: Kind, local_id: UUID, by: User) -> None:
    """Bring a record back that was left out or unlinked: it goes to Xero, and what changed there meanwhile is read.
    Raises CannotDecide."""
    lock_whole(connection, kind, local_id)
    mine = Exemption.objects.select_for_update(of=("self",)).select_related("connection")
    exemption = mine.filter(connection=connection, kind=kind, local_id=local_id).first()
    if exemption is None:
        raise CannotDecide("It is in the sync already.")
    words = "To be created in Xero." if exemption.until == Until.DECISION else "Taken back into the sync."
    exemptions.lift(exemption, by=by, words=words)
