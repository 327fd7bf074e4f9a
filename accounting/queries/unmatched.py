"""What was made in Xero and is linked to nothing here, with what of ours it may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounting.enums import Mark, Verdict
from accounting.models import Connection, Link, Newcomer, NewcomerRule
from accounting.providers.registry import record_url
from accounting.queries.records import Key, Record, records_named
from accounting.queries.unsent import unsent_of
from accounting.resources.registry import get_resource, kinds_that_own

SHOWN = {"": (Verdict.ASK,), "coming": (Verdict.LINK, Verdict.CREATE), "left": (Verdict.SKIP,)}
RULES = {
    Verdict.CREATE: "What belongs to it is made here, now and later.",
    Verdict.SKIP: "What belongs to it stays in Xero, now and later.",
}
FOUND = 20
"""How many of ours a search names."""

Owner = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One of ours that it may be, and by what the two were found."""

    record: Record
    why: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """One of theirs in words: what it belongs to (`owner_here` where that is linked), what belongs to it (`owned`: how
    many that wait), and what a rule says becomes of those, in a sentence."""

    newcomer: Newcomer
    url: str
    owner: str
    owner_here: Record | None
    owned: int
    can_own: bool
    rule: str
    suggestion: Suggestion | None


def unmatched(connection: Connection, show: str = "") -> QuerySet[Newcomer]:
    """Those to be decided, "coming" or "left", owners first, then what comes to most."""
    rows = _unlinked(connection).filter(verdict__in=SHOWN.get(show, SHOWN[""]))
    return rows.order_by("owner_kind", F("worth").desc(nulls_last=True), "id")


def _unlinked(connection: Connection) -> QuerySet[Newcomer]:
    linked = Link.objects.filter(
        connection=OuterRef("connection"), kind=OuterRef("kind"), remote_id=OuterRef("remote_id")
    )
    return Newcomer.objects.filter(~Exists(linked), connection=connection)


def count_unmatched(connection: Connection) -> dict[str, int]:
    """How many there are of each group that can be shown. One query."""
    sums = {name or "waiting": Count("pk", filter=Q(verdict__in=told)) for name, told in SHOWN.items()}
    return dict(_unlinked(connection).aggregate(**sums))


def name_unmatched(
    connection: Connection, newcomers: Sequence[Newcomer], suggested: Mapping[UUID, tuple[UUID, Mark]]
) -> list[Unmatched]:
    """These in words, in a fixed number of queries a kind. `suggested` is what of ours each may be, and by what."""
    owners = _owners_of(connection, newcomers)
    owned, remembered = _owned_by(connection, newcomers), _remembered(connection, newcomers)
    kinds = {row.pk: row.kind for row in newcomers}
    named = records_named({(kinds[pk], local_id) for pk, (local_id, _) in suggested.items()})
    return [
        Unmatched(
            newcomer=row,
            url=record_url(connection, row.kind, row.remote_id),
            owner=owners.get((row.owner_kind, row.owner_id), ("", None))[0],
            owner_here=owners.get((row.owner_kind, row.owner_id), ("", None))[1],
            owned=owned[row.kind, row.remote_id],
            can_own=row.kind in kinds_that_own(),
            rule=remembered.get((row.kind, row.remote_id), ""),
            suggestion=_told(row, suggested, named),
        )
        for row in newcomers
    ]


def _told(
    row: Newcomer, suggested: Mapping[UUID, tuple[UUID, Mark]], named: Mapping[Key, Record]
) -> Suggestion | None:
    if row.pk not in suggested:
        return None
    local_id, why = suggested[row.pk]
    return Suggestion(named[row.kind, local_id], str(why.label))


def _owners_of(connection: Connection, rows: Iterable[Newcomer]) -> dict[Owner, tuple[str, Record | None]]:
    """Ours where it is linked, else the newcomer's own words."""
    ids = {row.owner_id for row in rows if row.owner_id}
    told: dict[Owner, tuple[str, Record | None]] = {
        (row.kind, row.remote_id): (row.told, None)
        for row in Newcomer.objects.filter(connection=connection, remote_id__in=ids)
    }
    links = list(Link.objects.filter(connection=connection, remote_id__in=ids))
    records = records_named({(link.kind, link.local_id) for link in links})
    for link in links:
        record = records[link.kind, link.local_id]
        told[link.kind, link.remote_id] = (record.name, record)
    return told


def _owned_by(connection: Connection, rows: Iterable[Newcomer]) -> Counter[Owner]:
    ids = [row.remote_id for row in rows if row.kind in kinds_that_own()]
    waiting = unmatched(connection).order_by().filter(owner_id__in=ids)
    counted = waiting.values_list("owner_kind", "owner_id").annotate(count=Count("pk"))
    return Counter({(kind, remote_id): count for kind, remote_id, count in counted})


def _remembered(connection: Connection, rows: Iterable[Newcomer]) -> dict[Owner, str]:
    ids = [row.remote_id for row in rows if row.kind in kinds_that_own()]
    rules = NewcomerRule.objects.filter(connection=connection, owner_id__in=ids)
    return {(rule.owner_kind, rule.owner_id): RULES[Verdict(rule.verdict)] for rule in rules}


def ours_like(connection: Connection, kind: str, text: str) -> list[Record]:
    """Those of ours, linked to nothing, whose marks have this text in them; the first few."""
    wanted, resource = text.casefold(), get_resource(kind)
    found = [
        record.pk
        for record in unsent_of(kind, connection)
        if any(wanted in told.casefold() for _, told in resource.marks(record))
    ][:FOUND]
    named = records_named({(kind, pk) for pk in found})
    return [named[kind, pk] for pk in found]
