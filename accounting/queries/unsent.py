"""What was saved before the connection was made and never reached Xero: how much there is, and what stands in the way.

A record that should be there has a link once it is there, and an operation as long as it is on its way. What has
neither was never sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from django.core.cache import caches
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounting.enums import BackfillState, Blocker, ConnectionState, DryRunState, Lane, OpState, Priority
from accounting.models import Backfill, Clash, Connection, DryRun, Exemption, Link, Operation
from accounting.port.documents import Kind
from accounting.providers.registry import cost_of
from accounting.queries.span import wanted_of
from accounting.resources.registry import get_resource, push_order
from accounting.resources.rules import Rules, rules_of
from core.words import listed

NONE_HOLDS = 60
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """How many records of each kind were never sent."""

    counts: tuple[tuple[Kind, int], ...] = ()

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)

    @property
    def words(self) -> str:
        """Each kind that has any: "2,003 customers and 15,592 invoices"."""
        return listed([say_count(kind, count) for kind, count in self.counts if count])


def say_count(kind: Kind, count: int) -> str:
    """So many records of a kind: "1 customer", "2,003 customers"."""
    name = get_resource(kind).words.name
    return f"{count:,} {name}{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What sending comes to: how many records, and about how many calls of Xero's it costs."""

    unsent: Unsent
    calls: int
    listed: int
    running: Backfill | None
    waiting: int

    @property
    def stage(self) -> str:
        """What is under way: "looking" for names that are taken, then "sending"; "" when neither is."""
        return "looking" if self.running else "sending" if self.waiting else ""

    @property
    def done(self) -> int:
        """How many of those that there were when it began are in Xero by now, or wait for a person."""
        return max(self.running.total - self.unsent.total - self.waiting, 0) if self.running else 0


def unsent_of(kind: Kind, connection: Connection, rules: Rules | None = None) -> QuerySet[Any]:
    """Our records of this kind that should be in Xero (by these rules, else by the connection's), are not, and are not
    on their way, by their ids.

    The connection is named, though a workspace has no other: by it the database finds links and operations, by the
    workspace it would read those of everybody.
    """
    rows = _not_there(kind, connection, rules or rules_of(connection))
    return rows.filter(_is_untouched(kind, connection)).order_by("pk")


def comparable_of(kind: Kind, connection: Connection) -> QuerySet[Any]:
    """Those, and what an earlier run left open until somebody decides, by their ids."""
    left_open = Exemption.objects.filter(of_run=True, **_same(kind, connection))
    rows = _not_there(kind, connection, rules_of(connection))
    return rows.filter(_is_untouched(kind, connection) | Q(Exists(left_open))).order_by("pk")


def _same(kind: Kind, connection: Connection) -> dict[str, Any]:
    return {"connection": connection.pk, "kind": kind, "local_id": OuterRef("pk")}


def _not_there(kind: Kind, connection: Connection, rules: Rules) -> QuerySet[Any]:
    linked = Link.objects.filter(**_same(kind, connection))
    return wanted_of(kind, connection, rules).filter(~Exists(linked))


def _is_untouched(kind: Kind, connection: Connection) -> Q:
    """Neither on its way nor left out."""
    queued = Operation.objects.filter(lane=Lane.PUSH, **_same(kind, connection))
    return Q(~Exists(queued), ~Exists(Exemption.objects.filter(**_same(kind, connection))))


def sendable_of(kind: Kind, connection: Connection) -> QuerySet[Any]:
    """Those with nothing in their way: neither their own name is taken in Xero, nor that of what they belong to."""
    rows = unsent_of(kind, connection).exclude(pk__in=_held(kind))
    for field, parent in get_resource(kind).parents.items():
        rows = rows.exclude(**{f"{field}__in": _held(parent)})
    return rows


def _held(kind: Kind) -> Any:
    return open_clashes().filter(kind=kind).values("local_id")


def open_clashes() -> QuerySet[Clash]:
    """What was not sent because its number, reference or name is taken, and is still not there."""
    linked = Link.objects.filter(kind=OuterRef("kind"), local_id=OuterRef("local_id"))
    return Clash.objects.filter(~Exists(linked)).select_related("connection")


def count_unsent(*kinds: Kind) -> Unsent:
    """How many records of these kinds (of all, if none is named) were never sent. One query a kind and one for the
    connection; nothing is unsent as long as there is no living one to send it to."""
    active = _active()
    if active is None:
        return Unsent()
    return Unsent(tuple((kind, unsent_of(kind, active).count()) for kind in kinds or push_order()))


def count_unsent_or_none(kind: Kind) -> Unsent:
    """Like `count_unsent`, for pages that are opened all day. To know that nothing is unsent every record is looked at,
    so that is believed for a minute; not once the connection was made anew, which is how records come to be unsent."""
    active = _active()
    if active is None:
        return Unsent()
    none, key = caches["process"], f"unsent.none:{kind}:{active.pk}:{active.connected_at}".replace(" ", "T")
    if none.get(key):
        return Unsent()
    found = Unsent(((kind, unsent_of(kind, active).count()),))
    if not found.total:
        none.set(key, True, NONE_HOLDS)
    return found


def _active() -> Connection | None:
    return Connection.objects.filter(state=ConnectionState.ACTIVE).select_related("mapping").first()


def plan_of(connection: Connection) -> Plan:
    """What sending everything that was never sent comes to, and how far it is."""
    unsent = count_unsent()
    return Plan(
        unsent=unsent,
        calls=_calls(connection, dict(unsent.counts)),
        listed=open_clashes().count(),
        running=Backfill.objects.filter(connection=connection, state=BackfillState.RUNNING).first(),
        waiting=count_waiting(connection),
    )


def is_going(connection: Connection) -> bool:
    """Whether anything of a run is still to be done, looked at or sent."""
    if DryRun.objects.filter(connection=connection, state=DryRunState.LINKING).exists():
        return True
    looking = Backfill.objects.filter(connection=connection, state=BackfillState.RUNNING)
    return looking.exists() or bool(count_waiting(connection))


def count_waiting(connection: Connection) -> int:
    """How many of those that were begun are still to go; none once everything that is left waits for a person."""
    moves = ~Q(state__in=(OpState.BLOCKED, OpState.FAILED))
    follows = Q(state=OpState.BLOCKED, blocker=Blocker.DEPENDENCY)
    counts = Operation.objects.filter(connection=connection, lane=Lane.PUSH).aggregate(
        moving=Count("pk", filter=moves),
        waiting=Count("pk", filter=Q(priority=Priority.BACKFILL) & (moves | follows)),
    )
    return int(counts["waiting"]) if counts["moving"] else 0


def _calls(connection: Connection, counts: dict[Kind, int]) -> int:
    """Writes, and before them a look for their names: by name, or through the whole list of what is there."""
    return sum(_calls_for(connection, kind, count) for kind, count in counts.items() if count)


def _calls_for(connection: Connection, kind: Kind, count: int) -> int:
    cost = cost_of(connection, kind)
    writes = ceil(count / cost.batch)
    if cost.names:
        return writes + ceil(count / cost.names)
    if not cost.page:
        return writes
    known = Link.objects.filter(connection=connection, kind=kind).count()
    return writes + ceil((known + 1) / cost.page)
