"""Records of theirs that one of ours may be, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounting.models import Connection, Exemption, Link
from accounting.port.exchange import RemoteRecord
from accounting.providers.registry import record_url
from accounting.queries.records import Record, records_named
from accounting.queries.words import Change, load_names, refs_in, say_changes
from accounting.resources.registry import get_resource

Found = tuple[RemoteRecord, UUID | None, tuple[tuple[str, Any, Any], ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of theirs in words: what it is, our record that has it already, and what it says otherwise than ours
    (`before` is ours, `after` theirs)."""

    remote_id: str
    told: str
    url: str
    taken_by: Record | None
    differing: list[Change]


def name_choices(connection: Connection, kind: str, found: Iterable[Found]) -> list[Choice]:
    """These in words, in a few queries for all."""
    rows = list(found)
    changes = [change for _, _, differing in rows for change in differing]
    names = load_names(connection.pk, refs_in(kind, changes))
    takers = records_named({(kind, taker) for _, taker, _ in rows if taker})
    resource = get_resource(kind)
    return [
        Choice(
            remote_id=theirs.remote_id,
            told=", ".join(filter(None, resource.describe(theirs.document))),
            url=record_url(connection, kind, theirs.remote_id),
            taken_by=takers.get((kind, taker)),
            differing=say_changes(kind, differing, names),
        )
        for theirs, taker, differing in rows
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be decided about one record: whether it is linked, and what keeps it out of the sync."""

    is_linked: bool
    exemption: Exemption | None


def standing_of(connection: Connection, kind: str, local_id: UUID) -> Standing:
    """How this record stands now, in two queries."""
    mine = {"connection": connection, "kind": kind, "local_id": local_id}
    return Standing(
        is_linked=Link.objects.filter(**mine).exists(),
        exemption=Exemption.objects.filter(**mine).select_related("made_by").first(),
    )
