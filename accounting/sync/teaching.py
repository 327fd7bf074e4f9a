"""An administrator teaches what a message means: at once all that is held up by it is told so, in every workspace.

What is known by its own words becomes a problem of the taught cause, with its age, and nobody is mailed anew.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounting.enums import EventKind
from accounting.models import Lesson, Operation, Problem, held
from accounting.queries.causes import UNKNOWN, Cause, cause_of
from accounting.queries.lessons import forget_lessons, say_taught, taught_meaning
from accounting.sync.history import tell
from workspaces.scope import all_workspaces

AT_ONCE = 500
EXPLAINED = "Tandem's support explained what Xero said: {}"


def teach(*, lesson: Lesson) -> int:
    """Keep it, new or changed, and apply it to what is stored. Returns how many problems are told otherwise."""
    before = Lesson.objects.filter(pk=lesson.pk).values_list("key", flat=True).first()
    lesson.save()
    forget_lessons()
    return apply_lessons(before or "")


def unteach(*, lesson: Lesson) -> int:
    """Xero's words are told as they are again. Returns of how many problems."""
    key = lesson.key
    lesson.delete()
    forget_lessons()
    return apply_lessons(key)


def apply_lessons(former: str = "") -> int:
    """Tell open problems as they are taught by now: those that nobody knew, those of a taught key, and of the `former`
    key of a lesson. Returns how many changed."""
    with all_workspaces("what is taught holds for every workspace"):
        keys = {UNKNOWN.key, former, *Lesson.objects.values_list("key", flat=True)}
        found = Problem.objects.filter(~Q(detail=""), key__in=keys, closed_at=None)
        return sum(map(_tell_anew, found.select_related("connection").order_by("pk")[:AT_ONCE]))


def _tell_anew(problem: Problem) -> bool:
    cause = cause_of(problem.error_class, problem.words, problem.detail)
    words = say_taught(problem.words, problem.detail)
    if cause.key == UNKNOWN.key and problem.key != UNKNOWN.key:
        words = f"Xero says: {problem.detail}"[:500]
    if (cause, words) == (Cause(problem.key, problem.subject), problem.words):
        return False
    try:
        with transaction.atomic():
            _move(problem, cause, words)
    except (
        IntegrityError
    ):  # something failed for this very cause at the same moment: the next sweep looks again
        return False
    return True


def _move(problem: Problem, cause: Cause, words: str) -> None:
    """Operations before problems, like everybody."""
    mine = Operation.objects.filter(problem=problem)
    mine.filter(held()).update(error=words)
    alike = Problem.objects.filter(
        connection=problem.connection_id, key=cause.key, subject=cause.subject, closed_at=None
    ).exclude(pk=problem.pk)
    other = alike.first()
    if other is not None:
        mine.update(problem=other)
        problem.delete()
        return
    problem.key, problem.subject, problem.words = cause.key, cause.subject, words
    problem.save(update_fields=["key", "subject", "words", "updated_at"])
    if (meaning := taught_meaning(problem.detail)) is not None:
        tell(problem.connection, EventKind.SUPPORT, EXPLAINED.format(meaning.cause), detail=problem.detail)
