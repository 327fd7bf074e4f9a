"""Forms and other callers that ask twice get one record: what the first call made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db.models.functions import Now

from core.tickets import SentBefore, Ticket
from core.transactions import require_transaction
from workspaces.models import Submission, WorkspaceOwned
from workspaces.scope import all_workspaces, current_workspace_id

Record = TypeVar("Record", bound=WorkspaceOwned)
KEPT = dt.timedelta(days=2)


def once(make: Callable[..., Record]) -> Callable[..., Record]:
    """The service takes a `ticket` as well, and answers the same ticket with the record it made first.

    Raises SentBefore when that ticket was used with other content, or when what it made is deleted. It belongs
    inside `transaction.atomic`: whoever comes second waits for the first to commit, and a first that is rolled back
    leaves the ticket free. Without a ticket every call makes a record.
    """

    @wraps(make)
    def guarded(*, ticket: Ticket | None = None, **arguments: Any) -> Record:
        if ticket is None:
            return make(**arguments)
        require_transaction(make.__name__)
        submission, is_first = Submission.objects.get_or_create(
            workspace_id=current_workspace_id(), token=ticket.token, defaults={"digest": ticket.digest}
        )
        if not is_first:
            return _made_by(submission, ticket)
        record = make(**arguments)
        submission.target_kind, submission.target_id = record._meta.label_lower, record.pk
        submission.save(update_fields=["target_kind", "target_id", "updated_at"])
        return record

    return guarded


def _made_by(submission: Submission, ticket: Ticket) -> Any:
    try:
        record = apps.get_model(submission.target_kind).objects.get(pk=submission.target_id)
    except ObjectDoesNotExist as error:
        raise SentBefore(
            "This form was sent before, and what it made is deleted by now. Save again to make it anew."
        ) from error
    if submission.digest != ticket.digest:
        raise SentBefore(
            f"This form was sent before and made {record}. Open that one to change it, "
            "or save again to make another."
        )
    return record


def forget_old_submissions() -> int:
    """Drop what is older than two days: no form is sent again after that. Returns how many."""
    with all_workspaces("old submissions are dropped everywhere"):
        return Submission.objects.filter(created_at__lt=Now() - KEPT).delete()[0]
