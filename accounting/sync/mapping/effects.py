"""What saving choices does to records: told apart from before by looking at the outbox after it was done, and weighed
by the code that sends. Nobody guesses it beforehand: it is done, looked at, and taken back unless a person agreed.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import DatabaseError
from django.db.models import Exists, OuterRef, QuerySet

from accounting.enums import Lane, OpState
from accounting.models import Connection, Exemption, Link, Operation
from accounting.port.documents import Kind
from accounting.queries.allowed import allowed_kinds
from accounting.queries.span import wanted_of
from accounting.queries.unsent import say_count, unsent_of
from accounting.resources.desk import Desk, open_desk
from accounting.resources.needs import Need
from accounting.resources.registry import get_resource, push_order
from accounting.resources.rules import Rules
from accounting.sync.weigh import Plan, lay_out, record_id, weigh

log = structlog.get_logger(__name__)

MOST = 500
"""So many of a kind are weighed. Of more it is said that there are at least as many."""


class What(enum.Enum):
    """What becomes of records: said of one, and of several."""

    AGAIN = "{} will be sent to Xero again.", "{} will be sent to Xero again."
    GO = "{} that waits will go to Xero.", "{} that wait will go to Xero."
    READ = "{} will be read from Xero again.", "{} will be read from Xero again."
    STAY = "{} that Xero does not have stays here.", "{} that Xero does not have stay here."
    OFFER = (
        "{} that was never sent may go. You are asked before it does.",
        "{} that were never sent may go. You are asked before they do.",
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of so many records of a kind; `is_more` tells that there are others that were not looked at."""

    what: What
    kind: Kind
    count: int
    is_more: bool = False

    def __str__(self) -> str:
        told = say_count(self.kind, self.count)
        words = self.what.value[self.count != 1]
        return words.format(f"At least {told}" if self.is_more else told)

    def covers(self, other: Effect) -> bool:
        """Whether who agreed to this one agreed to the other."""
        same = (self.what, self.kind) == (other.what, other.kind)
        return same and self.count >= other.count and self.is_more >= other.is_more


@dataclass(frozen=True, slots=True)
class Before:
    """How a connection stood: its rules, and the operations that were on their way."""

    rules: Rules
    moving: frozenset[int]
    coming: frozenset[int]


def look_before(connection: Connection, rules: Rules) -> Before:
    """Remember what the effects are told from."""
    going, coming = (_moving(connection, lane) for lane in (Lane.PUSH, Lane.PULL))
    return Before(rules, frozenset(going), frozenset(coming))


def effects_since(connection: Connection, before: Before) -> tuple[Effect, ...]:
    """What was done to records since, in a fixed number of queries for each kind. Changes nothing that lasts."""
    desk = open_desk(connection)
    woken: dict[Kind, list[int]] = {}
    for pk, kind in _moving(connection, Lane.PUSH).items():
        if pk not in before.moving:
            woken.setdefault(kind, []).append(pk)
    asked = Counter(kind for pk, kind in _moving(connection, Lane.PULL).items() if pk not in before.coming)
    read = [Effect(What.READ, kind, count) for kind, count in asked.items()]
    found = [*_weighed(desk, woken), *read, *_kept_or_offered(connection, before.rules, desk.rules)]
    return tuple(effect for effect in found if effect.count)


def _moving(connection: Connection, lane: Lane) -> dict[int, Kind]:
    rows = Operation.objects.filter(connection=connection, lane=lane, state=OpState.PENDING)
    return dict(rows.order_by("pk").values_list("pk", "kind"))


def _weighed(desk: Desk, woken: dict[Kind, list[int]]) -> Iterable[Effect]:
    """Parents come first: what waits for one of them goes when that goes."""
    stuck: set[Any] = set()
    for kind in allowed_kinds(desk.connection):
        ids = woken.get(kind, [])
        operations = list(Operation.objects.filter(pk__in=ids[:MOST]).order_by("pk")) if ids else []
        goes = [row for row in _lay_out(desk, kind, operations) if _goes(*row, desk, stuck)]
        again = sum(desk.link(kind, record.pk) is not None for _, record in goes)
        is_more = len(ids) > MOST
        yield Effect(What.AGAIN, kind, again, is_more)
        yield Effect(What.GO, kind, len(goes) - again, is_more)


def _lay_out(desk: Desk, kind: Kind, operations: Sequence[Operation]) -> list[tuple[Operation, Any]]:
    ids = [record_id(operation) for operation in operations]
    records = get_resource(kind).load(ids) if ids else {}
    lay_out(desk, kind, ids, records)
    return [(row, records[record_id(row)]) for row in operations if record_id(row) in records]


def _goes(operation: Operation, record: Any, desk: Desk, stuck: set[Any]) -> bool:
    """Whether it is written, by itself or once what it needs is there. A record that makes us stumble goes nowhere."""
    if desk.exemption(operation.kind, record.pk):
        return False
    try:
        found = weigh(operation, record, desk)
    except DatabaseError:
        raise
    except Exception:
        log.exception("effect_unknown", operation=operation.pk, kind=operation.kind)
        return False
    follows = isinstance(found, Need) and not found.approval and (found.kind, found.local_id) not in stuck
    if not isinstance(found, Plan) and not follows:
        stuck.add((operation.kind, record.pk))
        return False
    return True


def _kept_or_offered(connection: Connection, was: Rules, now: Rules) -> Iterable[Effect]:
    """What the rules let go no more, and what they let go as well: nobody queues that by changing them."""
    for kind in push_order() if was != now else ():
        before, after = (wanted_of(kind, connection, rules) for rules in (was, now))
        kept = _unlinked(connection, kind, before).exclude(pk__in=after.values("pk"))
        yield Effect(What.STAY, kind, kept.count())
        offered = unsent_of(kind, connection, now).exclude(pk__in=before.values("pk"))
        yield Effect(What.OFFER, kind, offered.count())


def _unlinked(connection: Connection, kind: Kind, rows: QuerySet[Any]) -> QuerySet[Any]:
    mine = {"connection": connection.pk, "kind": kind, "local_id": OuterRef("pk")}
    return rows.filter(~Exists(Link.objects.filter(**mine)), ~Exists(Exemption.objects.filter(**mine)))
