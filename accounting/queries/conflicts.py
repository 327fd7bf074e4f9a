"""Records that are out of sync: the list of what waits for a decision."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils.text import capfirst

from accounting.enums import ConflictState
from accounting.models import Conflict
from accounting.queries.records import Record, records_named
from accounting.queries.words import fact_of


def open_conflicts() -> QuerySet[Conflict]:
    """What waits for a decision, the oldest first."""
    return (
        Conflict.objects.filter(state=ConflictState.OPEN).select_related("connection", "link").order_by("pk")
    )


def find_conflict(pk: UUID) -> QuerySet[Conflict]:
    """One conflict, open or settled."""
    return Conflict.objects.filter(pk=pk).select_related("connection", "link", "resolved_by")


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
