"""Which kinds Xero lets us work on. What it has not allowed so far waits, and nothing else does (ADR 39)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count

from accounting.enums import OpState
from accounting.models import Connection, Operation
from accounting.port.documents import Kind
from accounting.providers.registry import scope_of
from accounting.queries.unsent import say_count
from accounting.resources.registry import get_resource, kinds_read_by_themselves, push_order
from core.words import listed

WAITS = (OpState.PENDING, OpState.BLOCKED)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A kind that Xero must allow, and how much of it waits for that."""

    kind: Kind
    waiting: int

    @property
    def told(self) -> str:
        """How much waits: "3 payments"."""
        return say_count(self.kind, self.waiting)


@dataclass(frozen=True, slots=True)
class Lacks:
    """All that Xero must allow."""

    kinds: tuple[Lacking, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.kinds)

    @property
    def permissions(self) -> int:
        """How many things that is: one permission may be of several kinds."""
        return len({scope_of(each.kind) for each in self.kinds})

    @property
    def names(self) -> str:
        """What is to be allowed: "customers and payments"."""
        return name_all([each.kind for each in self.kinds])

    @property
    def compares_later(self) -> bool:
        """Whether what is lacking is read when both sides are compared."""
        return any(each.kind in kinds_read_by_themselves() for each in self.kinds)


def lacking_in(scopes: Collection[str]) -> tuple[Kind, ...]:
    """The kinds that need something which is not among these scopes."""
    return tuple(kind for kind in push_order() if scope_of(kind) not in scopes)


def lacking_kinds(connection: Connection) -> tuple[Kind, ...]:
    """The kinds that nothing may be done with, as far as is known; none where nobody has let us in. One query, none
    where the connection was read with its grant."""
    return lacking_in(connection.grant.scopes) if connection.grant else ()


def allowed_kinds(connection: Connection) -> tuple[Kind, ...]:
    """All others."""
    lacking = lacking_kinds(connection)
    return tuple(kind for kind in push_order() if kind not in lacking)


def may_read_all(connection: Connection) -> bool:
    """Whether everything can be read that both sides are compared by."""
    return not set(lacking_kinds(connection)) & set(kinds_read_by_themselves())


def lacking_of(connection: Connection) -> Lacks:
    """What Xero must allow, with what waits for it."""
    kinds = lacking_kinds(connection)
    if not kinds:
        return Lacks()
    mine = Operation.objects.filter(connection=connection, kind__in=kinds, state__in=WAITS)
    counts = dict(mine.order_by().values_list("kind").annotate(Count("pk")))
    return Lacks(tuple(Lacking(kind, counts.get(kind, 0)) for kind in kinds))


def name_of(kind: Kind) -> str:
    """Things of this kind, in a sentence: "payments"."""
    return f"{get_resource(kind).words.name}s"


def name_all(kinds: Iterable[Kind]) -> str:
    """Things of these kinds: "customers and payments"."""
    return listed([name_of(kind) for kind in kinds])
