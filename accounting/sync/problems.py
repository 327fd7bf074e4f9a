"""Why something needs a person, one problem a cause: noted when something fails, closed when nothing is held up.

An operation names its problem until it is through, also while it is tried again. A problem is locked after all that an
operation is locked with, and whoever closes problems waits for nobody.
"""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from accounting.enums import EventKind
from accounting.models import Operation, Problem, held
from accounting.queries.causes import cause_of
from accounting.queries.problems import title_of
from accounting.sync.history import tell
from workspaces.scope import all_workspaces

AT_ONCE = 500


def note(operation: Operation, error_class: str, words: str, detail: str) -> UUID:
    """The open problem of what failed in these words, made if there is none; the operation's row is to name it. Must be
    inside the transaction in which it fails."""
    cause = cause_of(error_class, words, detail)
    said = {"words": words[:500], "detail": detail[:10_000], "error_class": error_class}
    open_ones = Problem.objects.filter(
        connection_id=operation.connection_id, key=cause.key, subject=cause.subject, closed_at=None
    )
    if (known := _seen_again(open_ones, said)) is not None:
        return known
    try:
        with transaction.atomic():
            return Problem.objects.create(
                workspace_id=operation.workspace_id, connection_id=operation.connection_id,
                key=cause.key, subject=cause.subject, first_seen_at=Now(), last_seen_at=Now(), **said,
            ).pk  # fmt: skip
    except IntegrityError:  # somebody else has met it at this moment
        known = _seen_again(open_ones, said)
        if known is None:
            raise
        return known


def _seen_again(open_ones: object, said: dict[str, str]) -> UUID | None:
    """Locks it, so that nobody closes it before this transaction has ended."""
    rows = Problem.objects.filter(pk__in=open_ones.values("pk"), closed_at=None)  # type: ignore[attr-defined]
    found = rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True).first()
    if found is not None:
        Problem.objects.filter(pk=found).update(last_seen_at=Now(), **said)
    return found


def keep_up() -> None:
    """Note what nobody noted, and close what holds nothing up any more, in every workspace."""
    with all_workspaces("problems of every workspace are looked after"):
        _note_missed()
        close_cured()


@transaction.atomic
def _note_missed() -> None:
    """Failures of an older release, which knew no problems."""
    missed = Operation.objects.filter(held(), problem=None).select_for_update(of=("self",), skip_locked=True)
    for operation in missed.order_by("pk")[:AT_ONCE]:
        found = note(operation, operation.error_class, operation.error, operation.error_detail)
        Operation.objects.filter(pk=operation.pk).update(problem=found)


@transaction.atomic
def close_cured() -> int:
    """Close the problems that no operation names any more. Returns how many.

    Looked at twice: only once it is locked can nobody find it open and hang something on it.
    """
    unnamed = Problem.objects.filter(
        ~Exists(Operation.objects.filter(problem=OuterRef("pk"))), closed_at=None
    )
    found = unnamed.select_for_update(of=("self",), no_key=True, skip_locked=True)
    locked = list(found.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    cured = list(unnamed.filter(pk__in=locked).select_related("connection"))
    for problem in cured:
        tell(problem.connection, EventKind.RESOLVED, f"Put right: {title_of(problem)}"[:500])
    Problem.objects.filter(pk__in=[row.pk for row in cured]).update(closed_at=Now())
    return len(cured)
