"""Catching what webhooks missed: everything changed since the cursor is read and compared."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from accounting.enums import Kind, Priority
from accounting.models import Connection, Link
from accounting.port.documents import FetchReply, RemoteRecord
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.providers.registry import get_books
from accounting.resources.base import Desk, open_desk
from accounting.sync import lease
from accounting.sync.apply import apply
from accounting.sync.pull import request_pull
from accounting.sync.retry import pause_after
from accounting.sync.state import cut_off, is_resting, note_success, rest
from accounting.sync.tokens import fresh_access
from core.transactions import forbid_transaction
from invoices.services import InvoiceRefused
from payments.services import PaymentRefused

OVERLAP = dt.timedelta(minutes=5)
"""Xero's times and the order of its pages are not exact to the second (Xero docs: "If-Modified-Since")."""

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
            _reconcile(connection, token)
        except NeedsReauth as error:
            cut_off(connection, error)
        except ProviderError as error:
            rest(connection, pause_after(error, 1))
    return True


def _reconcile(connection: Connection, token: UUID) -> None:
    books = get_books(connection, fresh_access(connection))
    for kind in KINDS:
        _walk(connection, books.changes_since(kind, _since(connection, kind)), kind, token)


def _since(connection: Connection, kind: Kind) -> dt.datetime:
    """From where to read: the cursor less an overlap; at first, the moment of connecting."""
    text = connection.cursors.get(kind)
    start = dt.datetime.fromisoformat(text) if text else connection.connected_at
    return start - OVERLAP


def _walk(connection: Connection, pages: object, kind: Kind, token: UUID) -> None:
    """Apply page after page; the cursor moves only when all of them are applied, and by Xero's own times."""
    newest: dt.datetime | None = None
    desk = open_desk(connection)
    for page in pages:  # type: ignore[attr-defined]
        lease.renew(connection.pk, token)
        newest = max([newest, *_apply_page(connection, page, desk)], key=_or_earliest, default=None)
    note_success(connection)
    if newest is not None:
        _move_cursor(connection, kind, newest)


def _or_earliest(instant: dt.datetime | None) -> dt.datetime:
    return instant or dt.datetime.min.replace(tzinfo=dt.UTC)


def _apply_page(connection: Connection, page: FetchReply, desk: Desk) -> list[dt.datetime]:
    remote_ids = [record.remote_id for record in page.records]
    known = {
        link.remote_id: link for link in Link.objects.filter(connection=connection, remote_id__in=remote_ids)
    }
    for record in page.records:
        link = known.get(record.remote_id)
        if link is not None and record.version > link.remote_version:
            _apply(connection, record, desk)
    return [record.version for record in page.records]


def _apply(connection: Connection, record: RemoteRecord, desk: Desk) -> None:
    """What our side cannot take is asked for as a pull, which fails visibly and keeps the reason."""
    try:
        apply(connection, record, desk)
    except (ProviderError, ValidationError, InvoiceRefused, PaymentRefused):
        with transaction.atomic():
            request_pull(
                connection,
                Kind(record.kind),
                record.remote_id,
                at=record.version,
                priority=Priority.RECONCILE,
            )


@transaction.atomic
def _move_cursor(connection: Connection, kind: Kind, newest: dt.datetime) -> None:
    current = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    current.cursors[kind] = max(newest.isoformat(), current.cursors.get(kind, ""))
    current.save(update_fields=["cursors", "updated_at"])
