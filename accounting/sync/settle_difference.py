"""A person settles what a statement found apart, by one press."""

from __future__ import annotations

from django.db import transaction

from accounting.enums import EventKind, Priority, Remedy
from accounting.models import StatementDifference
from accounting.resources.registry import get_resource
from accounting.sync import outbox
from accounting.sync.history import tell
from accounting.sync.pull import request_pull
from workspaces.models import User


@transaction.atomic
def settle_difference(*, difference: StatementDifference, by: User) -> None:
    """Send ours, or read theirs again, whichever its remedy is; it is settled once both say the same. What waits for a
    decision or was refused is settled elsewhere, and nothing is done. The record's history tells who pressed."""
    if difference.remedy == Remedy.SEND:
        _send(difference)
        _tell(difference, "It was found apart from Xero. Tandem's version is sent.", by)
    elif difference.remedy in (Remedy.READ, Remedy.WAIT):
        request_pull(difference.connection, difference.kind, difference.remote_id, priority=Priority.USER)
        _tell(difference, "It was found apart from Xero. Xero's version is read again.", by)


def _tell(difference: StatementDifference, words: str, by: User) -> None:
    tell(
        difference.connection, EventKind.DECIDED, words,
        kind=difference.kind, local_id=difference.local_id, remote_id=difference.remote_id, by=by,
    )  # fmt: skip


def _send(difference: StatementDifference) -> None:
    """Ours as it is; where it was deleted here, its removal."""
    workspace_id, kind, local_id = difference.workspace_id, difference.kind, difference.local_id
    if get_resource(kind).find(local_id) is None:
        outbox.record_removal(workspace_id=workspace_id, kind=kind, local_id=local_id)
    else:
        outbox.record(workspace_id=workspace_id, kind=kind, local_id=local_id)
