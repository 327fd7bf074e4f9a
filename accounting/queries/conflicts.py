"""Records that are out of sync: the list of what waits for a decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils.text import capfirst

from accounting.enums import FLYING_STATES, ConflictState, EventKind, Lane
from accounting.models import Conflict, Operation, SyncEvent
from accounting.queries.records import Record, records_named
from accounting.queries.words import fact_of

LATELY = dt.timedelta(days=1)


def open_conflicts() -> QuerySet[Conflict]:
    """What waits for a decision, the oldest first."""
    return (
        Conflict.objects.filter(state=ConflictState.OPEN).select_related("connection", "link").order_by("pk")
    )


def find_conflict(pk: UUID) -> QuerySet[Conflict]:
    """One conflict, open or settled."""
    return Conflict.objects.filter(pk=pk).select_related("connection", "link", "resolved_by")


def decided_conflicts(ids: Iterable[UUID]) -> list[Conflict]:
    """Those of these conflicts that are settled."""
    settled = Conflict.objects.filter(pk__in=list(ids), state=ConflictState.RESOLVED)
    return list(settled.select_related("connection", "link").order_by("pk"))


def decided_lately() -> QuerySet[Conflict]:
    """What a person decided within a day and was not sent since, the latest first."""
    mine = {"connection": OuterRef("connection"), "kind": OuterRef("kind"), "local_id": OuterRef("local_id")}
    sent = SyncEvent.objects.filter(
        event__in=(EventKind.SENT, EventKind.REMOVED), created_at__gte=OuterRef("resolved_at"), **mine
    )
    flying = Operation.objects.filter(lane=Lane.PUSH, state__in=FLYING_STATES, **mine)
    decided = Conflict.objects.filter(state=ConflictState.RESOLVED, resolved_at__gte=Now() - LATELY)
    can = decided.exclude(memory={}).filter(~Exists(sent), ~Exists(flying))
    return can.select_related("connection", "link", "resolved_by").order_by("-resolved_at")


def name_conflicts(conflicts: list[Conflict]) -> list[tuple[Conflict, Record, str]]:
    """Each conflict with its record and, in words, the fields in which the sides differ."""
    records = records_named({(row.kind, row.local_id) for row in conflicts})
    return [(row, records[row.kind, row.local_id], _differing(row)) for row in conflicts]


def _differing(conflict: Conflict) -> str:
    """In a sentence: "Due date, lines". Sums follow from the rest, so they are told when they stand alone."""
    facts = [fact_of(conflict.kind, name) for name in conflict.fields]
    told = [fact for fact in facts if not fact.computed] or facts
    return capfirst(", ".join(fact.label.lower() for fact in told))


def next_open(conflict: Conflict) -> Conflict | None:
    """The conflict to go on with after this one, in the order of the list; from its end back to its beginning."""
    others = open_conflicts().exclude(pk=conflict.pk)
    return others.filter(pk__gt=conflict.pk).first() or others.first()
