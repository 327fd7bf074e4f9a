"""The agreement statement: what both sides say of every linked record, per kind and currency, and what is apart.

Made from what is known: it costs no call. Records are looked at in pages; what seems apart is looked at a second time
by itself, with our record and its link held, so that nothing that moves meanwhile is taken for a difference.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounting.enums import Lane, LinkState, Reading, Remedy, StatementState
from accounting.models import Connection, Link, Operation, Statement, StatementDifference
from accounting.port.documents import Kind
from accounting.queries.unsent import unsent_of
from accounting.resources.registry import push_order
from accounting.sync import links
from accounting.sync.agreement import Look, Verdict, look_at
from core.clock import database_now, day_in
from core.money import ZERO, cents

PAGE = 500
KEPT = dt.timedelta(days=400)
LIVING = (LinkState.ACTIVE, LinkState.OUT_OF_SYNC)


@dataclass(slots=True)
class Line:
    """What one kind comes to in one currency. Amounts are those of records that agree or are apart."""

    count: int = 0
    ours: Decimal = ZERO
    theirs: Decimal = ZERO
    apart: int = 0
    waiting: int = 0
    is_money: bool = False

    def add(self, look: Look) -> None:
        if look.verdict == Verdict.WAITING:
            self.waiting += 1
            return
        self.count += 1
        self.apart += look.verdict == Verdict.APART
        if look.ours is not None or look.theirs is not None:
            self.is_money = True
            self.ours += look.ours or ZERO
            self.theirs += look.theirs or ZERO

    def told(self, kind: Kind, currency: str) -> dict[str, Any]:
        amounts = [str(cents(amount)) if self.is_money else None for amount in (self.ours, self.theirs)]
        return {
            "kind": kind,
            "currency": currency,
            "count": self.count,
            "ours": amounts[0],
            "theirs": amounts[1],
            "apart": self.apart,
            "waiting": self.waiting,
        }


@dataclass(slots=True)
class _Sum:
    """Everything that was looked at."""

    lines: dict[tuple[Kind, str], Line] = field(default_factory=dict)

    def add(self, look: Look) -> None:
        self.lines.setdefault((look.link.kind, look.currency), Line()).add(look)

    def told(self) -> list[dict[str, Any]]:
        order = push_order()
        keys = sorted(self.lines, key=lambda key: (order.index(key[0]), key[1]))
        return [self.lines[key].told(*key) for key in keys]

    def count(self, name: str) -> int:
        return sum(getattr(line, name) for line in self.lines.values())


def make(*, connection: Connection, by: Any = None) -> Statement:
    """Look at everything that is linked, as it is known now, and note what is apart. No call is made."""
    now = database_now()
    day = day_in(connection.workspace.zone, now)
    statement = Statement(connection=connection, workspace_id=connection.workspace_id, day=day, asked_by=by)
    return complete(statement, as_of=now)


def complete(statement: Statement, *, as_of: dt.datetime) -> Statement:
    """Fill in what a statement says as of this instant, and keep it. What a full proof has just found differing stands
    in it, though it is being read by now."""
    connection, total = statement.connection, _Sum()
    found = _found_there(statement)
    for look in _all_looks(statement, as_of, found):
        total.add(look)
    _settle_rest(connection, as_of, except_for=found)
    statement.as_of, statement.lines = as_of, total.told()
    statement.unsent = _unsent(connection)
    statement.apart, statement.waiting = total.count("apart"), total.count("waiting")
    statement.agreeing = total.count("count") - statement.apart
    statement.state, statement.finished_at = StatementState.DONE, database_now()
    statement.save()
    Statement.objects.filter(connection=connection, as_of__lt=as_of - KEPT).delete()
    return statement


def _found_there(statement: Statement) -> dict[tuple[str, Any], StatementDifference]:
    """What this full proof has found in Xero."""
    if statement.reading != Reading.FULL:
        return {}
    mine = _open(statement.connection).filter(checked_at__gte=statement.as_of)
    return {(row.kind, row.local_id): row for row in mine}


def _all_looks(statement: Statement, as_of: dt.datetime, found: dict[Any, Any]) -> Iterator[Look]:
    for kind in push_order():
        for page in pages_of(statement.connection, kind):
            for look in look_at(statement.connection, kind, page):
                there = found.get((kind, look.link.local_id))
                yield _as_found(look, there) if there else _surely(statement, look, as_of)


def pages_of(connection: Connection, kind: Kind) -> Iterator[list[Link]]:
    """The living links of this kind, in pages, by their ids."""
    mine = Link.objects.filter(connection=connection, kind=kind, state__in=LIVING).order_by("pk")
    page = list(mine[:PAGE])
    while page:
        for link in page:
            link.connection = connection
        yield page
        page = list(mine.filter(pk__gt=page[-1].pk)[:PAGE]) if len(page) == PAGE else []


def _as_found(look: Look, there: StatementDifference) -> Look:
    return Look(look.link, Verdict.APART, there.currency, there.ours, there.theirs)


def _surely(statement: Statement, look: Look, at: dt.datetime) -> Look:
    """What seems apart, looked at by itself; it is noted when it is."""
    return look if look.verdict != Verdict.APART else _look_held(statement, look.link, at)


@transaction.atomic
def _look_held(statement: Statement, found: Link, at: dt.datetime) -> Look:
    """With record and link held, in the order in which everybody locks: neither moves while both are read."""
    _, link = links.lock(found)
    if link is None or link.state not in LIVING:
        return Look(found, Verdict.AGREES)
    (look,) = look_at(statement.connection, link.kind, [link])
    if look.verdict == Verdict.APART:
        note(statement, look, at=at, reading=Reading.KNOWN)
    return look


def note(statement: Statement, look: Look, *, at: dt.datetime, reading: Reading) -> StatementDifference:
    """Keep that this one is apart. The day on which it was first found so stays until it is settled."""
    connection, link = statement.connection, look.link
    says: dict[str, Any] = {
        "remote_id": link.remote_id,
        "currency": look.currency,
        "ours": look.ours,
        "theirs": look.theirs,
        "fields": [list(said) for said in look.fields],
        "words": look.words[:500],
        "remedy": look.remedy,
        "checked_at": at,
    }
    first = {"first_day": statement.day, "found_at": at, "found_by": reading}
    row, _ = StatementDifference.objects.update_or_create(
        connection=connection,
        kind=link.kind,
        local_id=link.local_id,
        settled_at=None,
        defaults=says,
        create_defaults={**says, **first, "workspace_id": connection.workspace_id},
    )
    return row


def _open(connection: Connection) -> Any:
    return StatementDifference.objects.filter(connection=connection, settled_at=None)


def _settle_rest(connection: Connection, as_of: dt.datetime, *, except_for: dict[Any, Any]) -> None:
    """What was apart and was not found so this time is settled, or on its way."""
    rows = [
        row
        for row in _open(connection).filter(checked_at__lt=as_of)
        if (row.kind, row.local_id) not in except_for
    ]
    for row, look in looks_of(connection, rows):
        if look is None or look.verdict == Verdict.AGREES:
            row.settled_at = max(as_of, row.found_at)
        elif look.verdict == Verdict.WAITING:
            row.remedy = Remedy.WAIT
        row.checked_at = as_of
        row.save(update_fields=["settled_at", "remedy", "checked_at", "updated_at"])


def looks_of(
    connection: Connection, rows: Iterable[StatementDifference]
) -> Iterator[tuple[StatementDifference, Look | None]]:
    """How these stand now; None where the two are linked no more. A fixed number of queries a kind."""
    by_kind: dict[Kind, dict[Any, StatementDifference]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, {})[row.local_id] = row
    for kind, wanted in by_kind.items():
        mine = Link.objects.filter(connection=connection, kind=kind, local_id__in=wanted, state__in=LIVING)
        looks = {look.link.local_id: look for look in look_at(connection, kind, list(mine))}
        yield from ((row, looks.get(local_id)) for local_id, row in wanted.items())


def standing_now(connection: Connection, rows: Iterable[StatementDifference]) -> dict[UUID, str]:
    """What has become of these since they were found: "settled", "waiting", or "" of those that are still apart, whose
    remedy is set to what settles them by now. Nothing is written."""
    said = {}
    for row, look in looks_of(connection, [row for row in rows if row.settled_at is None]):
        verdict = look.verdict if look else Verdict.AGREES
        said[row.pk] = _SINCE[verdict]
        if look is not None and verdict == Verdict.APART:
            row.remedy = look.remedy
    return said


_SINCE = {Verdict.AGREES: "settled", Verdict.WAITING: "waiting", Verdict.APART: ""}


def _unsent(connection: Connection) -> dict[Kind, int]:
    """How many of each kind should be in Xero and are not: never sent, on their way, or refused."""
    linked = Link.objects.filter(connection=connection, kind=OuterRef("kind"), local_id=OuterRef("local_id"))
    queued = Operation.objects.filter(~Exists(linked), connection=connection, lane=Lane.PUSH)
    going = Counter(queued.order_by().values_list("kind", flat=True))
    counts = {kind: unsent_of(kind, connection).count() + going[kind] for kind in push_order()}
    return {kind: count for kind, count in counts.items() if count}
