"""What did not arrive: it is tried again, or a person is told."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounting import wakeup
from accounting.enums import ErrorClass, EventKind, Lane, OpState
from accounting.models import Batch, Connection, Operation
from accounting.port.errors import ProviderError
from accounting.queries.lessons import say_taught
from accounting.sync import lease, problems, reference
from accounting.sync.history import tell
from accounting.sync.retry import backoff, class_of

Item = dict[str, Any]
MOST_ATTEMPTS = 5
NO_STEP_FORWARD = (
    "Xero took it {} times without an error, and yet it is not there. Look for it in Xero, then try again."
)


def fail(
    operation: Operation,
    error_class: ErrorClass,
    words: str,
    detail: str,
    error_reference: str = "",
    *,
    waits_for: UUID | None = None,
) -> None:
    """A person must look, or `waits_for`, another record of ours, must move. A newer edit that waits makes this moot:
    it may well be the correction."""
    newer = Operation.objects.filter(
        connection_id=operation.connection_id, lane=Lane.PUSH, kind=operation.kind,
        local_id=operation.local_id, state__in=[OpState.PENDING, OpState.BLOCKED, OpState.FAILED],
    ).exclude(pk=operation.pk)  # fmt: skip
    if newer.exists():
        operation.delete()
        return
    words = say_taught(words, detail)
    Operation.objects.filter(pk=operation.pk).update(
        state=OpState.FAILED, batch=None, attempts=operation.attempts + 1, blocker="",
        error_class=error_class, error=words[:500], error_detail=detail[:10_000],
        error_reference=error_reference[:100], blocked_on=waits_for,
        problem=problems.note(operation, error_class, words, detail),
    )  # fmt: skip
    if reference.names_lists(detail):
        reference.ask(operation.connection)
    tell(
        operation.connection,
        EventKind.FAILED,
        words,
        kind=operation.kind,
        local_id=operation.local_id,
        detail=detail,
        reference=error_reference,
    )


@transaction.atomic
def give_back(batch: Batch, items: list[Item]) -> None:
    """These elements were surely not applied: they wait again, to be sent under a new key. Where a newer edit
    waits already, that one carries the newest state.

    One that was answered, and not refused, and yet is not there was no step forward: it is tried a few times, at
    growing distance, then a person is told.
    """
    for item in items:
        operation = Operation.objects.filter(pk=item["operation"], batch=batch).first()
        if operation is None:
            continue
        waiting = Operation.objects.filter(
            connection_id=operation.connection_id, lane=operation.lane, kind=operation.kind,
            local_id=operation.local_id, state__in=[OpState.PENDING, OpState.BLOCKED, OpState.FAILED],
        )  # fmt: skip
        if waiting.exists():
            operation.delete()
        elif "answer" in item:
            _try_later(operation, item["answer"])
        else:
            Operation.objects.filter(pk=operation.pk).update(state=OpState.PENDING, batch=None, error="")


def _try_later(operation: Operation, answer: str) -> None:
    attempts = operation.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        fail(operation, ErrorClass.INTERNAL, NO_STEP_FORWARD.format(attempts), answer)
        return
    wait = dt.timedelta(seconds=backoff(attempts + 2))
    Operation.objects.filter(pk=operation.pk).update(
        state=OpState.PENDING, batch=None, error="", attempts=attempts, not_before=Now() + wait
    )
    wakeup.later(operation.connection, wait.total_seconds())


@transaction.atomic
def refuse(connection: Connection, batch: Batch, error: ProviderError) -> None:
    """Xero refused the whole request, and there is but one element in it: that one fails, with Xero's words."""
    lease.renew(connection)
    for operation in Operation.objects.select_for_update(of=("self",)).filter(batch=batch):
        fail(operation, class_of(error), error.message, error.detail, error.reference)
    batch.delete()
