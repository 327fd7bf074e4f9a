"""Putting a cause right: the settings once, then each record that needs it, then all of it is tried again.

A preview is the same, done and undone (ADR 28). Each record is a transaction of its own: one that cannot be put right
holds up no other, and if it ends in between, what is left is still held up by its cause.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from accounting import wakeup
from accounting.models import Operation, Problem
from accounting.port.documents import Kind
from accounting.port.meanings import Meaning
from accounting.queries.problems import Failure, held_by, meaning_of_problem, name_failures, title_of
from accounting.resources.desk import Desk, open_desk
from accounting.resources.registry import get_resource
from accounting.sync import outbox
from accounting.sync.asked import tell_asked
from accounting.sync.fixes.base import Ask, CannotFix, Remedy
from accounting.sync.fixes.registry import REMEDIES
from accounting.sync.mapping import Change
from core.refusals import Refused
from workspaces.models import User

AT_ONCE = 100
"""How many records are put right by one press: a page waits for it."""
NOTHING = "There is nothing to choose from (any more). Put it right in Xero, then try again."
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Offer:
    """How a cause can be put right here."""

    remedy: Remedy
    ask: Ask


@dataclass(slots=True)
class Outcome:
    """What a fix comes to: what it promises, the settings that change, and of each record what becomes of it or why
    it stays held up. `left` are those beyond what is done at once."""

    promise: str
    changes: list[Change] = field(default_factory=list)
    mended: list[tuple[Failure, str]] = field(default_factory=list)
    refused: list[tuple[Failure, str]] = field(default_factory=list)
    done: int = 0
    left: int = 0


class _Undone(Exception):
    def __init__(self, result: Any) -> None:
        self.result = result


def name_fix(meaning: Meaning) -> str:
    """What is done on the page of a cause of this meaning; "" where it is put right elsewhere."""
    remedy = REMEDIES.get(meaning.fix)
    return remedy.title if remedy else ""


def offer_of(problem: Problem) -> Offer | None:
    """How it can be put right from its page; None where that is done in the record itself, or in Xero."""
    remedy = REMEDIES.get(meaning_of_problem(problem).fix)
    ask = remedy.ask(problem, problem.connection) if remedy else None
    return Offer(remedy, ask) if remedy and ask else None


def fix(*, problem: Problem, choice: str, by: User, only: int | None = None) -> Outcome:
    """Put it right by this choice, for all that it holds up or for one operation, and try that again. The history of
    each record tells what became of it and who did it. Raises CannotFix."""
    return _carry_out(problem, choice, by, only, undo=False)


def rehearse(*, problem: Problem, choice: str, by: User, only: int | None = None) -> Outcome:
    """What `fix` would come to: it is done, and undone. Raises CannotFix."""
    return _carry_out(problem, choice, by, only, undo=True)


@dataclass(frozen=True, slots=True)
class _Job:
    """One press, or its rehearsal."""

    remedy: Remedy
    problem: Problem
    choice: str
    by: User
    undo: bool


def _carry_out(problem: Problem, choice: str, by: User, only: int | None, *, undo: bool) -> Outcome:
    offer = offer_of(problem)
    if offer is None:
        raise CannotFix(NOTHING)
    if offer.remedy.one_by_one and only is None:
        raise CannotFix("Each needs an answer of its own.")
    outcome = Outcome(offer.remedy.promise.format(offer.ask.say(choice)))
    job = _Job(offer.remedy, problem, choice, by, undo)
    held = held_by(problem) if only is None else held_by(problem).filter(pk=only)
    failures = name_failures(list(held[:AT_ONCE]))
    outcome.left = max(held.count() - AT_ONCE, 0)
    outcome.changes = _settle(job)
    _mend_all(job, failures, outcome)
    outcome.done = len(failures) - len(outcome.refused)
    if not undo:
        _go_on(job, [failure.operation for failure in failures], outcome)
    return outcome


def _settle(job: _Job) -> list[Change]:
    try:
        return _try(
            lambda: job.remedy.settle(job.problem, job.problem.connection, job.choice, job.by), job.undo
        )
    except ValidationError as refused:
        raise CannotFix(" ".join(refused.messages)) from refused


def _mend_all(job: _Job, failures: Sequence[Failure], outcome: Outcome) -> None:
    desk = open_desk(job.problem.connection)
    for failure in failures:
        try:
            told = _try(partial(_mend, job, failure.operation, desk), job.undo)
        except Refused as refused:
            outcome.refused.append((failure, str(refused)))
        except ValidationError as refused:
            outcome.refused.append((failure, " ".join(refused.messages)))
        else:
            if told:
                outcome.mended.append((failure, told))


def _mend(job: _Job, operation: Operation, desk: Desk) -> str:
    """The record as it is now, locked; nothing where it is gone, or only over there."""
    record = get_resource(operation.kind).lock(operation.local_id) if operation.local_id else None
    if record is None:
        return ""
    desk.load_links(Kind(operation.kind), [record.pk])
    told = job.remedy.mend(job.problem, operation.kind, record, job.choice, desk, job.by)
    if told:
        tell_asked([operation], f"{job.remedy.title}: {told}.", by=job.by)
    return told


def _go_on(job: _Job, operations: Sequence[Operation], outcome: Outcome) -> None:
    """All but those that could not be put right are tried again; who was told nothing of its own is told that."""
    refused = {failure.operation.pk for failure, _ in outcome.refused}
    mended = {failure.operation.pk for failure, _ in outcome.mended}
    tried = [each for each in operations if each.pk not in refused]
    words = f"{job.remedy.title}, for all that was held up by: {title_of(job.problem)}"
    _try_again(job, tried, [each for each in tried if each.pk not in mended], words)


def _try(step: Callable[[], T], undo: bool) -> T:
    try:
        with transaction.atomic():
            result = step()
            if undo:
                raise _Undone(result)
            return result
    except _Undone as undone:
        return undone.result  # type: ignore[no-any-return]


@transaction.atomic
def _try_again(job: _Job, tried: Sequence[Operation], untold: Sequence[Operation], words: str) -> None:
    outbox.retry_failed(Operation.objects.filter(pk__in=[each.pk for each in tried]))
    tell_asked(untold, words, by=job.by)
    wakeup.kick(workspace_id=job.problem.workspace_id, connection_id=job.problem.connection_id)
