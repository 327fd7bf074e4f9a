"""What failed and needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounting.enums import ConflictState, ErrorClass, Kind, Lane, OpState
from accounting.models import Conflict, Link, Operation
from accounting.port.meanings import Fixer
from accounting.providers.registry import meaning_of
from accounting.queries.records import Record, records_named


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


def _linked(pulls: list[Operation]) -> dict[tuple[str, str], UUID]:
    if not pulls:
        return {}
    links = Link.objects.filter(remote_id__in=[row.remote_id for row in pulls])
    return {(link.kind, link.remote_id): link.local_id for link in links}


def _problem(operation: Operation, record: Record | None) -> Problem:
    return Problem(
        operation=operation,
        record=record,
        title=record.name if record else f"{Kind(operation.kind).label} in Xero",
        words=operation.error_detail if operation.error_detail != operation.error else "",
        fixer=_fixer(operation),
        is_ours=operation.error_class == ErrorClass.INTERNAL,
    )


def _fixer(operation: Operation) -> str:
    if operation.error_class == ErrorClass.INTERNAL:
        return Fixer.SUPPORT
    meaning = meaning_of(operation.error_detail)
    return meaning.fixer if meaning else ""
