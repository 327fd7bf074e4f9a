"""What failed and needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from accounting.enums import ConflictState, ErrorClass, Lane, OpState
from accounting.models import Conflict, Link, Operation
from accounting.port.meanings import Fixer
from accounting.providers.registry import meaning_of
from accounting.queries.records import Record, records_named
from accounting.resources.registry import get_resource


@dataclass(frozen=True, slots=True)
class Problem:
    """One failed operation, with its record's name. `words` are Xero's own, where it said anything; `fixer` says who
    can put it right, where that is known."""

    operation: Operation
    record: Record | None
    title: str
    words: str
    fixer: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures that are told in the same words, so that what mends one mends all. `count` is of all of them, of
    which this page may show a part."""

    problems: tuple[Problem, ...]
    count: int

    @property
    def first(self) -> Problem:
        return self.problems[0]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records need somebody."""

    failed: int
    out_of_sync: int


def count_trouble() -> Counts:
    """What needs attention and what needs a decision."""
    return Counts(
        failed=Operation.objects.filter(state=OpState.FAILED).count(),
        out_of_sync=Conflict.objects.filter(state=ConflictState.OPEN).count(),
    )


def name_problems(operations: Sequence[Operation]) -> list[Problem]:
    """These operations with their records' names; a pull is named by what it is linked to."""
    linked = _linked([row for row in operations if row.lane == Lane.PULL])
    keys = {row.pk: (row.kind, row.local_id or linked.get((row.kind, row.remote_id))) for row in operations}
    records = records_named(set(keys.values()))
    return [_problem(row, records.get(keys[row.pk])) for row in operations]


def group_problems(problems: Sequence[Problem]) -> list[Cause]:
    """These by their cause, in the order in which the causes come. One query counts all that are alike."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.operation.lane, problem.operation.error), []).append(problem)
    counts = _count_alike({error for _, error in groups})
    return [Cause(tuple(rows), counts.get(key, len(rows))) for key, rows in groups.items()]


def _count_alike(errors: set[str]) -> dict[tuple[str, str], int]:
    rows = Operation.objects.filter(state=OpState.FAILED, error__in=errors).order_by()
    counted = rows.values_list("lane", "error").annotate(count=Count("pk"))
    return {(lane, error): count for lane, error, count in counted}


def alike(operation: Operation) -> QuerySet[Operation]:
    """Everything that failed in the same words as this one."""
    return Operation.objects.filter(state=OpState.FAILED, lane=operation.lane, error=operation.error)


def _linked(pulls: list[Operation]) -> dict[tuple[str, str], UUID]:
    if not pulls:
        return {}
    links = Link.objects.filter(remote_id__in=[row.remote_id for row in pulls])
    return {(link.kind, link.remote_id): link.local_id for link in links}


def _problem(operation: Operation, record: Record | None) -> Problem:
    return Problem(
        operation=operation,
        record=record,
        title=record.name if record else f"{get_resource(operation.kind).words.title} in Xero",
        words=said_more(operation.error, operation.error_detail),
        fixer=fixer_of(operation),
        is_ours=operation.error_class == ErrorClass.INTERNAL,
    )


def said_more(shown: str, detail: str) -> str:
    """Xero's own words, unless what is shown holds them already."""
    return "" if detail in shown else detail


def fixer_of(operation: Operation) -> str:
    """Who can put this failure right, as far as that is known; else nothing."""
    if operation.error_class == ErrorClass.INTERNAL:
        return Fixer.SUPPORT
    meaning = meaning_of(operation.error_detail)
    return meaning.fixer if meaning else ""
