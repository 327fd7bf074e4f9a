"""The workspace's connection, and what is still to be chosen for it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from babel import Locale
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounting.enums import Blocker, ConnectionState, Limit, OpState
from accounting.models import (
    ConnectAttempt,
    Connection,
    Link,
    Operation,
    held,
)
from accounting.queries.allowed import Lacks, lacking_of
from accounting.queries.connections import connection_of_workspace
from accounting.queries.cutoffs import way_out
from accounting.queries.missing import missing_setup
from accounting.queries.unsent import Unsent, count_unsent
from core.clock import database_now
from workspaces.models import User


@dataclass(frozen=True, slots=True)
class Queue:
    """How many operations stand where. `incomplete` are drafts that a person has to complete before they can go."""

    waiting: int = 0
    sending: int = 0
    blocked: int = 0
    failed: int = 0
    incomplete: int = 0

    @property
    def moving(self) -> int:
        """How many go by themselves as soon as they can."""
        return self.waiting + self.sending + self.blocked

    @property
    def total(self) -> int:
        return self.moving + self.failed + self.incomplete


SHORT_REST = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rest:
    """A pause in the calls. `limit` says which of Xero's limits was reached, if it was one."""

    words: str
    until: dt.datetime
    limit: str
    is_long: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What the settings page shows of the connection to one provider."""

    connection: Connection | None
    state: str
    country: str
    queue: Queue
    linked: int
    rest: Rest | None
    missing: tuple[str, ...]
    unsent: Unsent = field(default_factory=Unsent)
    way_out: str = ""
    lacks: Lacks = field(default_factory=Lacks)

    @property
    def is_connected(self) -> bool:
        return self.state == ConnectionState.ACTIVE


def connection_card() -> Card:
    """The connection with its queue and what is still to be chosen."""
    connection = connection_of_workspace()
    if connection is None:
        return Card(None, "", "", Queue(), 0, None, ())
    is_active = connection.is_active
    return Card(
        connection=connection,
        state=connection.state,
        country=country_name(connection.country),
        queue=queue_of(connection),
        linked=Link.objects.filter(connection=connection).count(),
        rest=rest_of(connection) if is_active and not connection.is_stopped else None,
        missing=tuple(missing_setup(connection)) if is_active else (),
        unsent=count_unsent() if is_active else Unsent(),
        way_out=way_out(connection.cutoff),
        lacks=lacking_of(connection) if is_active else Lacks(),
    )


def country_name(code: str) -> str:
    """A country's name in English; the code where it is unknown."""
    return Locale("en").territories.get(code.upper(), code)


def queue_of(connection: Connection) -> Queue:
    """How many operations of the connection stand where, in one query."""
    count: Counter[str] = Counter()
    rows = Operation.objects.filter(connection=connection).values_list("state", "blocker")
    for state, blocker, number in rows.annotate(count=Count("pk")).order_by():
        count[blocker if blocker == Blocker.INCOMPLETE else state] += number
    stored = count[OpState.IN_FLIGHT]
    # What was stored to be sent waits like the rest.
    resting = bool(stored) and (rest_of(connection) is not None or connection.is_stopped)
    return Queue(
        waiting=count[OpState.PENDING] + (stored if resting else 0),
        sending=count[OpState.UNCERTAIN] + (0 if resting else stored),
        blocked=count[OpState.BLOCKED],
        failed=count[OpState.FAILED],
        incomplete=count[Blocker.INCOMPLETE],
    )


def rest_of(connection: Connection) -> Rest | None:
    """Why and until when no call is made; None while calls are made."""
    if connection.resume_at is None or connection.resume_at <= timezone.now():
        return None
    words = connection.resume_reason or "Xero asked us to wait a moment."
    is_long = connection.resume_at - timezone.now() > SHORT_REST
    return Rest(
        words,
        connection.resume_at,
        Limit(connection.resume_limit).label if connection.resume_limit else "",
        is_long,
    )


def attempts_of(user: User) -> QuerySet[ConnectAttempt]:
    """This person's connects, finished or not."""
    return ConnectAttempt.objects.filter(user=user).select_related("workspace", "grant")


def is_open(attempt: ConnectAttempt) -> bool:
    """Whether an organisation can still be chosen: they came back from Xero, in time, and have not chosen yet."""
    in_time = attempt.expires_at > database_now()
    return attempt.grant is not None and attempt.finished_at is None and in_time


def failed_operations() -> QuerySet[Operation]:
    """What needs a person, newest first."""
    return Operation.objects.filter(held()).order_by("-updated_at", "-pk")
