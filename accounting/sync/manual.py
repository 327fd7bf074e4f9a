"""What people ask for by hand: send it now, try again, read the lists again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from accounting import wakeup
from accounting.enums import EventKind
from accounting.models import Connection, Operation, Problem, held
from accounting.port.documents import Kind
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.queries.panel import operations_in_trouble
from accounting.queries.problems import held_by, title_of
from accounting.queries.setup import failed_operations
from accounting.sync import outbox
from accounting.sync.asked import tell_asked
from accounting.sync.history import tell
from accounting.sync.reference import claim_by_hand, refresh_lists
from accounting.sync.state import Paused, cut_off, end_rest, refuse_stopped
from accounting.sync.tokens import refresh
from core.transactions import after_commit
from workspaces.models import User

SENT_BY_HAND = "Sent to Xero by hand."
RETRIED = "Tried again by hand."
RETRIED_ALIKE = "Tried again by hand, with all that was held up by the same: {}"
RETRIED_ALL = "Tried again by hand, with everything that needed attention."


@transaction.atomic
def send_now(*, connection: Connection, kind: Kind, local_id: UUID, by: User | None) -> None:
    """Send this record, unless both sides agree on it already. The record's history tells who asked for it."""
    outbox.record(workspace_id=connection.workspace_id, kind=kind, local_id=local_id)
    tell(connection, EventKind.DECIDED, SENT_BY_HAND, kind=kind, local_id=local_id, by=by)


@transaction.atomic
def retry_record(*, kind: Kind, local_id: UUID, by: User | None) -> int:
    """Try everything again that failed for this record, and for the one it waits for. Returns how many."""
    return retry(operations_in_trouble(kind, local_id), by=by)


@transaction.atomic
def retry(
    operations: Any, *, by: User | None, words: str = RETRIED, event: EventKind = EventKind.DECIDED
) -> int:
    """Try what is held up of these operations again and wake their workers. The history of each record tells, in these
    `words`, who asked for it. Returns how many there were."""
    ours = operations.filter(held()).select_for_update(of=("self",)).order_by("pk")
    asked = list(ours)
    count = outbox.retry_failed(Operation.objects.filter(pk__in=[each.pk for each in asked]))
    tell_asked(asked, words, by=by, event=event)
    for workspace_id, connection_id in {(each.workspace_id, each.connection_id) for each in asked}:
        wakeup.kick(workspace_id=workspace_id, connection_id=connection_id)
    return count


def retry_alike(*, problem: Problem, by: User) -> int:
    """Try all again that this problem holds up. Returns how many."""
    return retry(held_by(problem), by=by, words=RETRIED_ALIKE.format(title_of(problem)))


def retry_all(*, by: User) -> int:
    """Try everything again that needs somebody in the workspace. Returns how many."""
    return retry(failed_operations(), by=by, words=RETRIED_ALL)


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
