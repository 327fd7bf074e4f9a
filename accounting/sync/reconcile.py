"""Catching what webhooks missed: everything changed since the cursor is read and compared.

In turns, like all that nobody waits for: a page is read, applied and noted; then whoever waits goes first.
"""

from __future__ import annotations

import datetime as dt
import time
from uuid import UUID

import structlog
from django.db import transaction

from accounting.enums import Priority
from accounting.models import Connection, Link
from accounting.port.documents import Kind
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.port.exchange import FetchReply, RemoteRecord
from accounting.port.provider import Books
from accounting.resources.desk import Desk, open_desk
from accounting.sync import batches, checks, lease, newcomers, silence, turns
from accounting.sync.apply import Untaken, try_apply
from accounting.sync.opening import open_books
from accounting.sync.pull import request_pull
from accounting.sync.regain import on_refused
from accounting.sync.state import Paused, may_call, note_success, rest_after
from accounting.sync.walk import Walk
from core import shutdown
from core.transactions import forbid_transaction

log = structlog.get_logger(__name__)

TURN_SECONDS = 8
TURN_PAGES = 10
"""How long one turn may last: then the worker is free for another organisation, and this one queues again."""

LOOK_UP_EVERY = 50
"""Records of a page after which it is asked whether somebody waits."""

AT_ONCE = dt.timedelta(0)


class GiveWay(Exception):
    """Somebody waits, or the rest of the day's calls is theirs. What is left has time."""


def reconcile(connection_id: UUID) -> bool:
    """Read and apply what changed since the cursors, for one turn; what is left goes on by itself. Returns False when
    another worker has the connection."""
    forbid_transaction("reconciling")
    connection = Connection.objects.select_related("workspace").filter(pk=connection_id).first()
    if connection is None or not may_call(connection):
        return True
    with lease.held(connection_id) as token:
        if token is None:
            checks.put_off(connection_id)
            return False
        connection.refresh_from_db()
        pause = _try_turn(connection)
    turns.wake_again(connection)
    if pause is not None:
        _go_on(connection, pause)
    return True


def _go_on(connection: Connection, pause: dt.timedelta) -> None:
    if pause:
        checks.put_off(connection.pk, pause)
    else:
        checks.go_on(connection)


def _try_turn(connection: Connection) -> dt.timedelta | None:
    """Returns after what pause to go on; None when all is read, or the connection itself says when to go on."""
    try:
        return None if _take_turn(connection) else AT_ONCE
    except GiveWay:
        return checks.SOON
    except lease.LeaseLost:
        log.warning("lease_lost", connection=str(connection.pk))
    except Paused:
        log.info("paused", connection=str(connection.pk))
    except NeedsReauth as error:
        on_refused(connection, error)
    except ProviderError as error:
        return dt.timedelta(seconds=rest_after(connection, error))
    return None


def _take_turn(connection: Connection) -> bool:
    """Whether everything is read."""
    with open_books(connection) as books:
        if not _is_settled(connection, books):
            raise GiveWay
        books.nobody_waits(True)
        return _walk(connection, books)


def _walk(connection: Connection, books: Books) -> bool:
    walk, ends = Walk.of(connection), time.monotonic() + TURN_SECONDS
    for _ in range(TURN_PAGES):
        if walk.kind is None:
            return True
        _give_way(connection)
        _read_page(walk, books)
        if shutdown.is_under_way() or time.monotonic() > ends:
            break
    return walk.kind is None


def _is_settled(connection: Connection, books: Books) -> bool:
    """Whether no write of ours is in the air, after one more step of each: what it made there would look like
    somebody else's, and come here a second time."""
    for batch in batches.open_batches(connection):
        batches.carry(connection, books, batch)
    return not batches.open_batches(connection)


def _give_way(connection: Connection) -> None:
    if turns.somebody_waits(connection) or turns.must_spare(connection, Priority.RECONCILE):
        raise GiveWay


def _read_page(walk: Walk, books: Books) -> None:
    """One call. The place moves when the page is applied, and not before."""
    kind = walk.kind
    assert kind is not None
    page = books.changes(kind, walk.place(kind))
    note_success(walk.connection, page.quota)
    _apply_page(walk.connection, page, kind)
    walk.move(kind, page)


def _apply_page(connection: Connection, page: FetchReply, kind: Kind) -> None:
    """What cannot be read or taken is asked for as a pull, which fails visibly and keeps the reason. Cut short when
    somebody waits: what is applied by then is known when the page is read again."""
    unreadable = [remote_id for remote_id, _ in page.unreadable]
    known = _known(connection, kind, [record.remote_id for record in page.records] + unreadable)
    _ask_for(connection, kind, [remote_id for remote_id in unreadable if remote_id in known])
    desk = open_desk(connection)
    new = [record for record in page.records if _is_news(record, known.get(record.remote_id))]
    silence.note_found(connection, kind, new)
    for number, record in enumerate(new):
        if number and number % LOOK_UP_EVERY == 0:
            _give_way(connection)
        _apply(connection, record, kind, desk)
    newcomers.meet(connection, [row for row in page.records if row.remote_id not in known], desk)


def _known(connection: Connection, kind: Kind, remote_ids: list[str]) -> dict[str, Link]:
    links = Link.objects.filter(connection=connection, kind=kind, remote_id__in=remote_ids)
    return {link.remote_id: link for link in links}


def _is_news(record: RemoteRecord, link: Link | None) -> bool:
    return link is not None and record.version > link.remote_version


def _apply(connection: Connection, record: RemoteRecord, kind: Kind, desk: Desk) -> None:
    if isinstance(try_apply(connection, record, desk), Untaken):
        _ask_for(connection, kind, [record.remote_id])


@transaction.atomic
def _ask_for(connection: Connection, kind: Kind, remote_ids: list[str]) -> None:
    lease.renew(connection)
    for remote_id in remote_ids:
        request_pull(connection, kind, remote_id, priority=Priority.RECONCILE)
