"""What all turns inside one organisation have in common: whom they give way to, what they spare, and whom they wake."""

from __future__ import annotations

from accounting import wakeup
from accounting.enums import Priority
from accounting.models import Connection
from accounting.sync import due
from accounting.sync.state import may_call

DAY_RESERVE = 100


def must_spare(connection: Connection, urgency: int) -> bool:
    """Work that nobody waits for stops while the day's calls are nearly used up: people keep a reserve."""
    if urgency < Priority.RECONCILE:
        return False
    left = connection.day_left
    return left is not None and left <= DAY_RESERVE


def somebody_waits(connection: Connection) -> bool:
    """Whether something is due that a person did, here or there."""
    return any(head.priority < Priority.RECONCILE for head in due.Queue(connection).look())


def wake_again(connection: Connection, *, background: bool = True) -> None:
    """Work that came while this turn ended found the lease taken: nobody else will start it now. `background` work
    only where it can be taken up at once."""
    connection.refresh_from_db()
    if not may_call(connection):
        return
    background = background and not must_spare(connection, Priority.BACKFILL)
    if due.has_work(connection) if background else somebody_waits(connection):
        wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)
