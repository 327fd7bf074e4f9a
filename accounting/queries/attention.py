"""What every page of a workspace tells about its sync: what needs a person, and that nothing goes to Xero now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounting.enums import ConflictState, ConnectionState, Provider
from accounting.models import Conflict, Connection, Operation, held
from accounting.queries.logged import named_in_logs
from accounting.queries.plan import say_lost
from accounting.queries.setup import queue_of
from plans.enums import Feature
from plans.queries import lost_at
from workspaces.models import Workspace
from workspaces.queries import super_users_of

LONG_REST = dt.timedelta(minutes=3)
"""A connection that rests for less is nobody's concern: it is over before anybody has asked why."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Why nothing goes either way. `until` is set when it ends by itself; else one of `fixers` has to reconnect, or,
    where it is `by_support`, Tandem's support to resume it, or, where it is `by_plan`, one of `fixers` to see to the
    plan; then so many `changes` wait."""

    words: str
    until: dt.datetime | None = None
    fixers: tuple[str, ...] = ()
    by_support: bool = False
    by_plan: bool = False
    changes: int = 0

    @property
    def is_pause(self) -> bool:
        """Whether nothing is broken."""
        return self.until is not None or self.by_support or self.by_plan


@dataclass(frozen=True, slots=True)
class Attention:
    """Whether there is a connection, how many records need a person, what is wrong with the connection itself, if
    anything is, and how many of its choices hold no more."""

    is_connected: bool = False
    waiting: int = 0
    outage: Outage | None = None
    broken: int = 0


def attention_of(workspace: Workspace) -> Attention:
    """What the workspace's pages tell. One query, and one more for the names when somebody has to act; where the
    plan has no integrations, one more for what waits."""
    connection = named_in_logs(_read())
    if connection is None:
        return Attention()
    return Attention(
        is_connected=connection.state != ConnectionState.DISCONNECTED,
        waiting=connection.failed_count + connection.open_count,
        outage=_outage(connection, workspace),
        broken=len(connection.broken) if connection.is_active else 0,
    )


def _read() -> Any:
    rows = Connection.objects.filter(provider=Provider.XERO)
    failed = Operation.objects.filter(held(), workspace=OuterRef("workspace"))
    open_ones = Conflict.objects.filter(connection=OuterRef("pk"), state=ConflictState.OPEN)
    wanted = ("state", "state_reason", "tenant_name", "resume_at", "resume_reason", "paused_at", "broken")
    counts = {"failed_count": _count(failed), "open_count": _count(open_ones)}
    return rows.only(*wanted).annotate(unplanned=lost_at(Feature.INTEGRATIONS), **counts).first()


def _count(rows: Any) -> Any:
    counted = rows.order_by().values("workspace").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def _outage(connection: Any, workspace: Workspace) -> Outage | None:
    if connection.unplanned and connection.state != ConnectionState.DISCONNECTED:
        return _unplanned(connection, workspace)
    if connection.state != ConnectionState.ACTIVE:
        return None if connection.was_left_here else _cut_off(connection, workspace)
    if connection.is_paused:
        return Outage(Connection.PAUSED, by_support=True)
    if connection.resume_at is None or connection.resume_at - timezone.now() <= LONG_REST:
        return None
    return Outage(connection.resume_reason or "Xero takes no calls right now.", until=connection.resume_at)


def _unplanned(connection: Any, workspace: Workspace) -> Outage:
    return Outage(
        say_lost(connection.unplanned),
        fixers=tuple(map(str, super_users_of(workspace))),
        by_plan=True,
        changes=queue_of(connection).moving,
    )


def _cut_off(connection: Connection, workspace: Workspace) -> Outage:
    words = connection.state_reason or "Xero no longer lets us in."
    return Outage(words, fixers=tuple(map(str, super_users_of(workspace))))
