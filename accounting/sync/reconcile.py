"""Catching what webhooks missed: everything changed since the cursor is read and compared."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import structlog
from django.db import transaction

from accounting.enums import Kind, Priority
from accounting.models import Connection, Link
from accounting.port.documents import FetchReply
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.port.provider import Books
from accounting.resources.base import Desk, open_desk
from accounting.sync import batches, lease
from accounting.sync.apply import Untaken, try_apply
from accounting.sync.opening import open_books
from accounting.sync.pull import request_pull
from accounting.sync.regain import on_refused
from accounting.sync.retry import pause_after
from accounting.sync.state import is_resting, note_success, rest
from core.transactions import forbid_transaction

log = structlog.get_logger(__name__)

OVERLAP = dt.timedelta(minutes=5)
"""Xero's times and the order of its pages are not exact to the second (Xero docs: "If-Modified-Since")."""

FIRST_OVERLAP = dt.timedelta(days=1)

KINDS = (Kind.CUSTOMER, Kind.INVOICE)
"""Payments come with their invoice, whose time of change they move."""


def reconcile(connection_id: UUID) -> bool:
    """Read and apply what changed since the cursors. Returns False when another worker has the connection."""
    forbid_transaction("reconciling")
    connection = Connection.objects.select_related("workspace").filter(pk=connection_id).first()
    if connection is None or not connection.is_active or is_resting(connection):
        return True
    with lease.held(connection_id) as token:
        if token is None:
            return False
        try:
            connection.refresh_from_db()
            _reconcile(connection)
        except lease.LeaseLost:
            log.warning("lease_lost", connection=str(connection.pk))
        except NeedsReauth as error:
            on_refused(connection, error)
        except ProviderError as error:
            rest(connection, pause_after(error, 1))
    return True


def _reconcile(connection: Connection) -> None:
    books = open_books(connection)
    if not _is_settled(connection, books):
        return
    for kind in KINDS:
        _walk(connection, books.changes_since(kind, _since(connection, kind)), kind)


def _is_settled(connection: Connection, books: Books) -> bool:
    """Whether no write of ours is in the air, after one more step of each: what it made there would look like
    somebody else's, and come here a second time."""
    for batch in batches.open_batches(connection):
        batches.carry(connection, books, batch)
    return not batches.open_batches(connection)


def _since(connection: Connection, kind: Kind) -> dt.datetime:
    """From where to read: the cursor less an overlap. At first a day before the connection was made: that moment
    is by our clock, and it stays when the organisation is connected again."""
    text = connection.cursors.get(kind)
    return dt.datetime.fromisoformat(text) - OVERLAP if text else connection.created_at - FIRST_OVERLAP


def _walk(connection: Connection, pages: object, kind: Kind) -> None:
    """Apply page after page; the cursor moves only when all of them are applied, and by Xero's own times: to the
    newest change seen, or to when Xero began to answer, so that a quiet organisation is not read again."""
    newest: dt.datetime | None = None
    desk = open_desk(connection)
    for number, page in enumerate(pages):  # type: ignore[arg-type, var-annotated]
        began = page.at if number == 0 else None
        times = _apply_page(connection, page, kind, desk)
        newest = max([newest, began, *times], key=_or_earliest, default=None)
    note_success(connection)
    if newest is not None:
        _move_cursor(connection, kind, newest)


def _or_earliest(instant: dt.datetime | None) -> dt.datetime:
    return instant or dt.datetime.min.replace(tzinfo=dt.UTC)


def _apply_page(connection: Connection, page: FetchReply, kind: Kind, desk: Desk) -> list[dt.datetime]:
    """What cannot be read or taken is asked for as a pull, which fails visibly and keeps the reason."""
    unreadable = [remote_id for remote_id, _ in page.unreadable]
    wanted = [record.remote_id for record in page.records] + unreadable
    known = {
        link.remote_id: link
        for link in Link.objects.filter(connection=connection, kind=kind, remote_id__in=wanted)
    }
    _ask_for(connection, kind, [remote_id for remote_id in unreadable if remote_id in known])
    for record in page.records:
        link = known.get(record.remote_id)
        if link is None or record.version <= link.remote_version:
            continue
        if isinstance(try_apply(connection, record, desk), Untaken):
            _ask_for(connection, kind, [record.remote_id])
    return [record.version for record in page.records]


@transaction.atomic
def _ask_for(connection: Connection, kind: Kind, remote_ids: list[str]) -> None:
    lease.renew(connection)
    for remote_id in remote_ids:
        request_pull(connection, kind, remote_id, priority=Priority.RECONCILE)


@transaction.atomic
def _move_cursor(connection: Connection, kind: Kind, newest: dt.datetime) -> None:
    lease.renew(connection)
    current = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    current.cursors[kind] = max(newest.isoformat(), current.cursors.get(kind, ""))
    current.save(update_fields=["cursors", "updated_at"])
