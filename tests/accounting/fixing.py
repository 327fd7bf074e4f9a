"""Putting a cause right as a person does on its page: see what it comes to, do it, look at what became of it."""

from __future__ import annotations

from accounting.models import Operation, Problem
from accounting.sync import fixes
from accounting.sync.fixes import Outcome
from workspaces.models import User


def problem_of(key: str) -> Problem:
    return Problem.objects.get(key=key, closed_at=None)


def first_option(problem: Problem) -> str:
    """What is offered first; a text stays as it is suggested."""
    offer = fixes.offer_of(problem)
    assert offer is not None
    return offer.ask.options[0][0] if offer.ask.options else offer.ask.text


def put_right(
    problem: Problem, by: User, choice: str | None = None, only: Operation | None = None
) -> Outcome:
    """What was shown before is what is done."""
    wanted = {
        "problem": problem,
        "choice": first_option(problem) if choice is None else choice,
        "by": by,
        "only": only.pk if only else None,
    }
    shown = fixes.rehearse(**wanted)
    done = fixes.fix(**wanted)
    assert (shown.promise, shown.changes, shown.done) == (done.promise, done.changes, done.done)
    assert [told for _, told in shown.refused] == [told for _, told in done.refused]
    return done
