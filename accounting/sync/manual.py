"""What people ask for by hand: send it now, try again, read the lists again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from accounting import wakeup
from accounting.models import Connection
from accounting.port.documents import Kind
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.queries.panel import operations_in_trouble
from accounting.sync import outbox
from accounting.sync.reference import claim_by_hand, refresh_lists
from accounting.sync.state import Paused, cut_off, end_rest, refuse_stopped
from accounting.sync.tokens import refresh
from core.transactions import after_commit


@transaction.atomic
def send_now(*, workspace_id: UUID, kind: Kind, local_id: UUID) -> None:
    """Send this record, unless both sides agree on it already."""
    outbox.record(workspace_id=workspace_id, kind=kind, local_id=local_id)


@transaction.atomic
def retry_record(*, kind: Kind, local_id: UUID) -> int:
    """Try everything again that failed for this record, and for the one it waits for. Returns how many."""
    return retry(operations_in_trouble(kind, local_id))


@transaction.atomic
def retry(operations: Any) -> int:
    """Try these failed operations again and wake their workers. Returns how many there were."""
    wakes = set(operations.order_by().values_list("workspace_id", "connection_id"))
    count = outbox.retry_failed(operations)
    for workspace_id, connection_id in wakes:
        wakeup.kick(workspace_id=workspace_id, connection_id=connection_id)
    return count


@transaction.atomic
def try_now(connection: Connection) -> None:
    """End the connection's rest and try the next call. If Xero still refuses, it rests for as long as Xero says.

    Raises Paused when it is support or the plan that stopped it: a person's click lifts neither.
    """
    refuse_stopped(connection)
    end_rest(connection)
    wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)


def refresh_token(connection: Connection) -> None:
    """Renew our access now. When Xero refuses for good the connection is cut off, which the card tells.

    Raises NeedsReauth then, Retryable when Xero gave no answer (it is tried again by itself), and Paused while support
    has the connection paused or the plan has no integrations: it is still renewed by itself.
    """
    refuse_stopped(connection)
    grant = connection.grant
    if grant is None:
        raise NeedsReauth("Xero is not connected.")
    try:
        refresh(grant, force=True)
    except NeedsReauth as error:
        cut_off(connection, error)
        raise


def read_lists(connection: Connection) -> str:
    """Read the organisation's lists now. When that fails a worker does it soon, and the reason is returned.

    Raises Paused while support has the connection paused, or the plan has no integrations.
    """
    try:
        refresh_lists(connection)
    except Paused:
        raise
    except ProviderError as error:
        after_commit(lambda: _read_soon(connection))
        return error.message
    connection.refresh_from_db()
    return ""


def read_lists_by_hand(connection: Connection) -> str:
    """The same, for a person who asks for it. Raises ReadAMomentAgo besides."""
    claim_by_hand(connection)
    return read_lists(connection)


def _read_soon(connection: Connection) -> None:
    wakeup.send(wakeup.REFRESH_LISTS, workspace_id=connection.workspace_id, connection_id=connection.pk)
