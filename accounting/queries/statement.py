"""The agreement statement for its page, its file and its strip of days. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounting.enums import ConflictState, Reading, Remedy, StatementState
from accounting.models import Conflict, Connection, Statement, StatementDifference
from accounting.providers.registry import record_url
from accounting.queries.records import Record, records_named
from accounting.queries.words import Change, load_names, refs_in, say_changes
from accounting.resources.registry import get_resource
from core.templatetags.display import day
from core.words import listed

DAYS = 28


@dataclass(frozen=True, slots=True)
class Line:
    """One kind in one currency. `ours` and `theirs` are None for what is no money."""

    title: str
    currency: str
    count: int
    ours: Decimal | None
    theirs: Decimal | None
    apart: int
    waiting: int

    @property
    def difference(self) -> Decimal | None:
        return None if self.ours is None or self.theirs is None else self.ours - self.theirs


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the strip and what its last statement found; None where none was made."""

    date: dt.date
    statement: Statement | None

    @property
    def code(self) -> str:
        if self.statement is None:
            return "none"
        return "apart" if self.statement.apart else "agreed"

    @property
    def words(self) -> str:
        """What was found, in words."""
        if self.statement is None:
            return "no statement"
        return f"{self.statement.apart:,} apart" if self.statement.apart else "agreed"


@dataclass(frozen=True, slots=True)
class Apart:
    """A record that was apart, in words. `now` tells what has become of it since: "settled", "waiting" or ""."""

    row: StatementDifference
    record: Record
    fields: tuple[Change, ...]
    url: str
    conflict_id: UUID | None
    now: str

    @property
    def difference(self) -> Decimal | None:
        row = self.row
        return None if row.ours is None or row.theirs is None else row.ours - row.theirs


def statements_of(connection: Connection) -> QuerySet[Statement]:
    """Those that are finished, the newest first."""
    done = Statement.objects.filter(connection=connection, state=StatementState.DONE)
    return done.order_by("-as_of")


def find_statement(connection: Connection, date: dt.date | None) -> Statement | None:
    """The last one of this day, or of all."""
    found = statements_of(connection)
    return (found.filter(day=date) if date else found).first()


def proof_under_way(connection: Connection) -> Statement | None:
    """The full proof that is being made, if one is."""
    return Statement.objects.filter(connection=connection, state=StatementState.RUNNING).first()


def last_proof(connection: Connection) -> Statement | None:
    """The newest finished full proof."""
    return statements_of(connection).filter(reading=Reading.FULL).first()


def strip_of(connection: Connection, until: dt.date) -> list[Day]:
    """The last weeks up to this day, a day each, in one query."""
    since = until - dt.timedelta(days=DAYS - 1)
    found = {row.day: row for row in statements_of(connection).filter(day__gte=since).reverse()}
    dates = (since + dt.timedelta(days=number) for number in range(DAYS))
    return [Day(date, found.get(date)) for date in dates]


def lines_of(statement: Statement) -> list[Line]:
    """What it says per kind and currency."""
    return [
        Line(
            title=f"{get_resource(told['kind']).words.title}s",
            currency=told["currency"],
            count=told["count"],
            ours=_amount(told["ours"]),
            theirs=_amount(told["theirs"]),
            apart=told["apart"],
            waiting=told["waiting"],
        )
        for told in statement.lines
    ]


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def said_at(statement: Statement, zone: dt.tzinfo) -> str:
    """As of when, where the workspace is: "29 Nov 2026, 05:37"."""
    return f"{day(statement.day)}, {statement.as_of.astimezone(zone):%H:%M}"


def counted_words(counts: dict[str, int]) -> str:
    """Each kind that has any: "412 invoices and 1 payment"."""
    return listed([_counted(kind, count) for kind, count in counts.items() if count])


def _counted(kind: str, count: int) -> str:
    return f"{count:,} {get_resource(kind).words.name}{'' if count == 1 else 's'}"


def compared_words(statement: Statement) -> str:
    """What was compared: "12 customers and 412 invoices"."""
    counts: dict[str, int] = {}
    for told in statement.lines:
        counts[told["kind"]] = counts.get(told["kind"], 0) + told["count"]
    return counted_words(counts)


def differences_of(statement: Statement) -> QuerySet[StatementDifference]:
    """What was apart, or on its way back from it, when this one was made; the first found first."""
    end = statement.finished_at
    rows = StatementDifference.objects.filter(connection=statement.connection_id, found_at__lte=end)
    return rows.filter(Q(settled_at=None) | Q(settled_at__gt=end)).order_by("first_day", "pk")


def name_differences(
    connection: Connection, rows: Iterable[StatementDifference], now: Mapping[UUID, str] | None = None
) -> list[Apart]:
    """These in words, in a fixed number of queries a kind; `now` says what has become of them since."""
    found, since = list(rows), now or {}
    records = records_named({(row.kind, row.local_id) for row in found})
    names = load_names(connection.pk, {ref for row in found for ref in refs_in(row.kind, row.fields)})
    conflicts = _conflicts(connection, found)
    return [
        Apart(
            row=row,
            record=records[row.kind, row.local_id],
            fields=tuple(say_changes(row.kind, row.fields, names)),
            url=record_url(connection, row.kind, row.remote_id),
            conflict_id=conflicts.get((row.kind, row.local_id)),
            now="settled" if row.settled_at else since.get(row.pk, ""),
        )
        for row in found
    ]


def _conflicts(connection: Connection, rows: list[StatementDifference]) -> dict[Any, UUID]:
    wanted = [row.local_id for row in rows if row.remedy == Remedy.DECIDE]
    found = Conflict.objects.filter(connection=connection, state=ConflictState.OPEN, local_id__in=wanted)
    return {(row.kind, row.local_id): row.pk for row in found}
