"""What was not sent because something in Xero has its name, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounting.models import Clash
from accounting.port.snapshots import load
from accounting.providers.registry import record_url
from accounting.queries.records import Record, records_named
from accounting.resources.registry import get_resource


@dataclass(frozen=True, slots=True)
class Taken:
    """A record that was not sent, and what stands in its place."""

    clash: Clash
    record: Record
    there: str
    url: str


def name_clashes(clashes: list[Clash]) -> Iterator[Taken]:
    """These with our record's name, and what is there in words."""
    records = records_named({(row.kind, row.local_id) for row in clashes})
    for row in clashes:
        url = record_url(row.connection, row.kind, row.remote_id)
        yield Taken(row, records[row.kind, row.local_id], ", ".join(filter(None, _described(row))), url)


def _described(clash: Clash) -> Iterable[str]:
    return get_resource(clash.kind).describe(load(clash.kind, clash.there))
