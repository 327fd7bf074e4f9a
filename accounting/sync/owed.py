"""What a record of ours owes at the remote side, read when somebody asks: nothing there tells when it moves."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from accounting.enums import LinkState
from accounting.models import Connection, Link
from accounting.port.documents import Kind
from accounting.sync.deciding import CannotDecide
from accounting.sync.opening import open_books
from core.transactions import forbid_transaction

UNLINKED = "It is not linked to anything in Xero, so there is nothing to set beside it."
UNREAD = "Xero did not show it. Try again."


def read_owed(connection: Connection, kind: Kind, local_id: UUID) -> Decimal:
    """In the organisation's currency. One call. Raises ProviderError, and CannotDecide where there is nothing to
    read."""
    forbid_transaction("reading what is owed in Xero")
    mine = Link.objects.filter(connection=connection, kind=kind, local_id=local_id)
    link = mine.filter(state=LinkState.ACTIVE).first()
    if link is None:
        raise CannotDecide(UNLINKED)
    with open_books(connection) as books:
        found = books.fetch(kind, [link.remote_id])
    owed = next((row.document.owes for row in found.records if row.remote_id == link.remote_id), None)
    if owed is None:
        raise CannotDecide(UNREAD)
    return owed
