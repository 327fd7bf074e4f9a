"""One worker works off one connection: unfinished writes first, then what people wait for, then the rest."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

import structlog

from accounting import wakeup
from accounting.enums import Lane, Priority
from accounting.models import Batch, Connection
from accounting.port.errors import NeedsReauth, ProviderError, RateLimited
from accounting.port.provider import Books
from accounting.sync import batches, due, lease, turns
from accounting.sync.opening import open_books
from accounting.sync.pull import pull_next
from accounting.sync.push import next_batch
from accounting.sync.regain import on_refused
from accounting.sync.retry import Pause, backoff, pause_after
from accounting.sync.state import Paused, may_call, rest
from core import shutdown
from core.transactions import forbid_transaction

log = structlog.get_logger(__name__)

TURN_SECONDS = 8
TURN_STEPS = 30
"""How long one turn may last: then the worker is free for another organisation, and this one queues again."""


def drain(connection_id: UUID) -> bool:
    """Work off this connection until nothing is due, its turn is over, it may not call, or the worker is told to go.

    Returns whether it had the connection to itself; False means another worker is at it. Needs the workspace's
    scope and no transaction.
    """
    forbid_transaction("draining")
    connection = Connection.objects.select_related("workspace").filter(pk=connection_id).first()
    if connection is None:
        return True
    with lease.held(connection_id) as token:
        if token is None:
            return False
        connection.refresh_from_db()
        left = _take_turn(connection) if may_call(connection) else Left()
    if left.gathers:
        wakeup.once(connection, left.gathers)
    else:
        turns.wake_again(connection, background=left.background)
    return True


@dataclass(frozen=True, slots=True)
class Left:
    """What a turn leaves. `background`: it can be taken up at once, however little anybody waits for it. `gathers`: the
    seconds after which it goes; until then more may come to go with it."""

    background: bool = True
    gathers: float = 0.0


def _take_turn(connection: Connection) -> Left:
    attempts = 1 + Batch.objects.filter(connection=connection, sends__gt=0).count()
    try:
        return Left(gathers=_work(connection))
    except lease.LeaseLost:
        log.warning("lease_lost", connection=str(connection.pk))
    except Paused:
        log.info("paused", connection=str(connection.pk))
    except NeedsReauth as error:
        on_refused(connection, error)
    except RateLimited as error:
        return Left(background=_wait(connection, error))
    except ProviderError as error:
        pause = pause_after(error, attempts)
        rest(connection, pause)
        wakeup.later(connection, pause.seconds)
        log.info("resting", connection=str(connection.pk), seconds=round(pause.seconds, 1), why=pause.reason)
    except Exception:
        log.exception("drain_failed", connection=str(connection.pk))
        rest(connection, Pause(backoff(attempts + 3), "Tandem stumbled; it tries again in a moment."))
    return Left()


def _wait(connection: Connection, error: RateLimited) -> bool:
    """The limit is reached: nothing goes before it allows. When only people's reserve is left the connection does not
    rest: their work may go on, the other waits for the next wake-up. Returns whether it goes on like theirs."""
    pause = pause_after(error, 1)
    if error.problem != "reserve":
        rest(connection, pause)
    wakeup.later(connection, pause.seconds)
    log.info("limited", connection=str(connection.pk), seconds=round(pause.seconds, 1), problem=error.problem)
    return error.problem != "reserve"


def _work(connection: Connection) -> float:
    """Returns the seconds after which what was left to gather goes; 0 when nothing was."""
    if not due.has_work(connection):
        return 0.0
    with open_books(connection) as books:
        return _take_steps(due.Queue(connection), books)


def _take_steps(queue: due.Queue, books: Books) -> float:
    ends = time.monotonic() + TURN_SECONDS
    for _ in range(TURN_STEPS):
        if shutdown.is_under_way() or time.monotonic() > ends:
            break
        left = _step(queue, books)
        if left is not None:
            return left
    return 0.0


def _step(queue: due.Queue, books: Books) -> float | None:
    """One call's worth of work; or where nothing goes now, the seconds after which what gathers does (0: nothing)."""
    connection = queue.connection
    unfinished = batches.open_batches(connection)
    if unfinished:
        batches.carry(connection, books, unfinished[0])
        return None
    heads, gathers = turns.gather(connection, books, queue.look())
    if not heads or turns.must_spare(connection, heads[0].priority):
        return gathers
    books.nobody_waits(heads[0].priority >= Priority.RECONCILE)
    if heads[0].lane == Lane.PULL:
        pull_next(connection, books, heads)
    elif batch := next_batch(connection, books, heads):
        batches.carry(connection, books, batch)
    return None
