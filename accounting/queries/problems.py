"""What needs a person: one row a cause, with how many records and how much money it holds up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from accounting.enums import ConflictState, ErrorClass, Lane, Verdict
from accounting.models import Conflict, Link, Newcomer, Operation, Problem, held
from accounting.port.meanings import WATCHED, Fix, Fixer, Meaning
from accounting.providers.registry import meaning_of
from accounting.queries.causes import FAULT, UNKNOWN, meaning_of_failure
from accounting.queries.lessons import taught_meaning
from accounting.queries.records import Record, records_named
from accounting.resources.registry import get_resource, push_order
from workspaces.models import Workspace

FEW = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed operation, with its record's name. `words` are Xero's own, where it said anything; `fixer` says who
    can put it right, where that is known; `todo` and `page` what is done in the record, where something is."""

    operation: Operation
    record: Record | None
    title: str
    words: str
    fixer: str
    is_ours: bool
    todo: str = ""
    page: str = ""


TODO = {Fix.MEND: "Edit", Fix.REVERSE_PAYMENTS: "See its payments"}
"""What is done in a record, as a button says it."""


@dataclass(slots=True)
class Trouble:
    """One cause with what it holds up: how many of which kind, how much money in each currency, and a few of the
    records. `words` say what to do, `said` are Xero's own; `fix` names what is done on its page, where something is."""

    problem: Problem
    meaning: Meaning
    title: str
    counts: dict[str, int] = field(default_factory=dict)
    money: dict[str, Decimal] = field(default_factory=dict)
    few: list[Failure] = field(default_factory=list)
    is_pull: bool = False
    fix: str = ""

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def more(self) -> int:
        """How many records there are besides the few."""
        return self.count - len(self.few)

    @property
    def fixer(self) -> str:
        return "" if self.meaning is UNKNOWN else self.meaning.fixer

    @property
    def reference(self) -> str:
        """By which Xero's support finds one of its answers."""
        return self.few[0].operation.error_reference if self.few else ""

    @property
    def is_chosen(self) -> bool:
        """Whether another choice in the settings puts it right."""
        return self.meaning.fixer == Fixer.SUPER_USER

    @property
    def is_watched(self) -> bool:
        """Whether it is looked at again by itself, because only somebody in Xero can put it right."""
        return self.meaning.fix in WATCHED

    @property
    def is_ours(self) -> bool:
        return self.problem.error_class == ErrorClass.INTERNAL

    @property
    def said(self) -> str:
        return said_more(self.problem.words, self.problem.detail)

    @property
    def amounts(self) -> list[tuple[str, Decimal]]:
        """The money by currency, the largest amount first."""
        return sorted(self.money.items(), key=lambda pair: -pair[1])

    @property
    def held(self) -> list[str]:
        """What it holds up, as "37 invoices"."""
        return [_counted(kind, self.counts[kind]) for kind in push_order() if self.counts.get(kind)]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records need somebody."""

    failed: int
    out_of_sync: int
    unmatched: int


def count_trouble() -> Counts:
    """What needs attention and what needs a decision."""
    return Counts(
        failed=Operation.objects.filter(held()).count(),
        out_of_sync=Conflict.objects.filter(state=ConflictState.OPEN).count(),
        unmatched=Newcomer.objects.filter(verdict=Verdict.ASK).count(),
    )


def list_trouble(workspace: Workspace) -> list[Trouble]:
    """What needs a person, one a cause: what holds up most money in the workspace's currency first, then what is
    oldest. A fixed number of queries."""
    problems = Problem.objects.annotate(count=Count("operations", filter=held("operations__")))
    rows = {row.pk: _trouble(row) for row in problems.filter(closed_at=None, count__gt=0)}
    _count_held(rows)
    return sorted(rows.values(), key=lambda row: _rank(row, workspace.currency))


def trouble_of(problem: Problem) -> Trouble:
    """One of them, held up or not."""
    row = _trouble(problem)
    _count_held({problem.pk: row})
    return row


def show_few(rows: Sequence[Trouble]) -> None:
    """Name a few of the records that each holds up, the newest first."""
    newest = Window(
        RowNumber(), partition_by=[F("problem")], order_by=[F("updated_at").desc(), F("pk").desc()]
    )
    ids = [row.problem.pk for row in rows]
    found = Operation.objects.filter(held(), problem__in=ids).annotate(place=newest).filter(place__lte=FEW)
    by_problem: dict[UUID | None, list[Failure]] = {}
    for failure in name_failures(list(found.order_by("place"))):
        by_problem.setdefault(failure.operation.problem_id, []).append(failure)
    for row in rows:
        row.few = by_problem.get(row.problem.pk, [])


def held_by(problem: Problem) -> QuerySet[Operation]:
    """What it holds up, newest first."""
    return Operation.objects.filter(held(), problem=problem).order_by("-updated_at", "-pk")


def currencies_held(problem: Problem) -> set[str]:
    """The currencies of the records that it holds up."""
    by_kind: dict[str, list[UUID]] = {}
    for kind, local_id in held_by(problem).exclude(local_id=None).values_list("kind", "local_id"):
        by_kind.setdefault(kind, []).append(local_id)
    resources = [(get_resource(kind), ids) for kind, ids in by_kind.items()]
    found = {each.currency(record) for each, ids in resources for record in each.load(ids).values()}
    return found - {""}


def title_of(problem: Problem) -> str:
    """The cause in a few words, with what is at fault; of what nobody has seen before, the words themselves."""
    return _title(problem, meaning_of_problem(problem))


def _title(problem: Problem, meaning: Meaning) -> str:
    if meaning is UNKNOWN or meaning is FAULT:
        return problem.words
    cause = f"{meaning.cause[0].upper()}{meaning.cause[1:]}"
    return f"{cause}: {problem.subject}" if problem.subject else cause


def meaning_of_problem(problem: Problem) -> Meaning:
    """What it means for the people here."""
    return meaning_of_failure(problem.error_class, problem.words, problem.detail)


def _trouble(problem: Problem) -> Trouble:
    meaning = meaning_of_problem(problem)
    return Trouble(problem, meaning, _title(problem, meaning))


def _rank(row: Trouble, currency: str) -> tuple[Decimal, Decimal, dt.datetime]:
    return (
        -row.money.get(currency, Decimal(0)),
        -sum(row.money.values(), Decimal(0)),
        row.problem.first_seen_at,
    )


def _count_held(rows: dict[UUID, Trouble]) -> None:
    """Fill in the counts and the money: one query for all kinds, and one a kind that stands for money."""
    mine = Operation.objects.filter(held(), problem__in=list(rows)).order_by()
    for problem_id, kind, lane, count in mine.values_list("problem", "kind", "lane").annotate(
        count=Count("pk")
    ):
        row = rows[problem_id]
        row.counts[kind] = row.counts.get(kind, 0) + count
        row.is_pull = lane == Lane.PULL
    for kind in {kind for row in rows.values() for kind in row.counts}:
        for problem_id, currency, amount in _worth(mine, kind):
            rows[problem_id].money[currency] = rows[problem_id].money.get(currency, Decimal(0)) + amount


def _worth(mine: QuerySet[Operation], kind: str) -> Iterable[tuple[UUID, str, Decimal]]:
    """The problem, a currency, and how much of it is held up in records of this kind."""
    every = get_resource(kind).worth()
    if every is None:
        return ()
    linked = Link.objects.filter(
        connection=OuterRef("connection"), kind=kind, remote_id=OuterRef("remote_id")
    )
    its_own = every.filter(pk=OuterRef("ours"))
    rows: QuerySet[Any] = mine.filter(kind=kind).annotate(
        ours=Coalesce("local_id", Subquery(linked.values("local_id")[:1]))
    )
    rows = rows.annotate(
        worth=Subquery(its_own.values("worth")[:1]), worth_in=Subquery(its_own.values("worth_in")[:1])
    )
    return rows.exclude(worth=None).values_list("problem", "worth_in").annotate(amount=Sum("worth"))


def _counted(kind: str, count: int) -> str:
    return f"{count:,} {get_resource(kind).words.name}{'' if count == 1 else 's'}"


def name_failures(operations: Sequence[Operation]) -> list[Failure]:
    """These operations with their records' names; a pull is named by what it is linked to."""
    linked = _linked([row for row in operations if row.lane == Lane.PULL])
    keys = {row.pk: (row.kind, row.local_id or linked.get((row.kind, row.remote_id))) for row in operations}
    records = records_named(set(keys.values()))
    return [_failure(row, records.get(keys[row.pk])) for row in operations]


def _linked(pulls: list[Operation]) -> dict[tuple[str, str], UUID]:
    if not pulls:
        return {}
    links = Link.objects.filter(remote_id__in=[row.remote_id for row in pulls])
    return {(link.kind, link.remote_id): link.local_id for link in links}


def _failure(operation: Operation, record: Record | None) -> Failure:
    fix = meaning_of_failure(operation.error_class, operation.error, operation.error_detail).fix
    page = get_resource(operation.kind).pages.get(fix, "") if record and record.page else ""
    return Failure(
        operation=operation,
        record=record,
        title=record.name if record else f"{get_resource(operation.kind).words.title} in Xero",
        words=said_more(operation.error, operation.error_detail),
        fixer=fixer_of(operation),
        is_ours=operation.error_class == ErrorClass.INTERNAL,
        todo=TODO.get(fix, "") if page else "",
        page=page,
    )


def said_more(shown: str, detail: str) -> str:
    """Xero's own words, unless what is shown holds them already."""
    return "" if detail in shown else detail


def fixer_of(operation: Operation) -> str:
    """Who can put this failure right, as far as that is known; else nothing."""
    if operation.error_class == ErrorClass.INTERNAL:
        return Fixer.SUPPORT
    meaning = meaning_of(operation.error_detail) or taught_meaning(operation.error_detail)
    return meaning.fixer if meaning else ""
