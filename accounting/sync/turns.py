"""What all turns inside one organisation have in common: whom they give way to, what they spare, and whom they wake."""

from __future__ import annotations

from collections.abc import Sequence

from accounting import wakeup
from accounting.enums import Lane, Priority
from accounting.models import Connection
from accounting.port.documents import Kind
from accounting.port.provider import Books
from accounting.sync import due
from accounting.sync.state import may_call


def must_spare(connection: Connection, urgency: int) -> bool:
    """Work that nobody waits for stops while the day's calls are nearly used up: people keep a reserve."""
    if urgency < Priority.RECONCILE:
        return False
    left = connection.day_left
    return left is not None and left <= Connection.DAY_RESERVE


def gather(connection: Connection, books: Books, heads: Sequence[due.Head]) -> tuple[list[due.Head], float]:
    """Those of these heads that go now, and the seconds after which the first of the others does.

    While people save one record after the other, each would cost a call of its own, and the minute's would run out. So
    a write waits for more to go with it, unless it is full."""
    kinds = {head.kind for head in heads if head.lane == Lane.PUSH}
    late = {kind: wait for kind in kinds if (wait := seconds_to_gather(connection, books, kind))}
    now = [head for head in heads if head.lane == Lane.PULL or head.kind not in late]
    return now, min(late.values(), default=0.0)


def seconds_to_gather(connection: Connection, books: Books, kind: Kind) -> float:
    """For how long writes of this kind wait for others to go with them; 0 when they are full, or rare."""
    wait = books.until_next_write(kind)
    if not wait:
        return 0.0
    size = books.batch_size(kind, "create")
    return 0.0 if due.due_pushes(connection).filter(kind=kind)[:size].count() >= size else wait


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
