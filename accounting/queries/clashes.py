"""What was not sent because something in Xero has its name, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounting.enums import Kind
from accounting.models import Clash
from accounting.port.snapshots import Snapshot
from accounting.providers.registry import record_url
from accounting.queries.records import Record, records_named
from accounting.queries.words import Names, say


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
        yield Taken(row, records[row.kind, row.local_id], ", ".join(_said(row.kind, row.there)), url)


_STATES = {
    "draft": "a draft", "submitted": "awaiting approval", "authorised": "awaiting payment",
    "paid": "paid", "voided": "voided",
}  # fmt: skip


def _said(kind: str, there: Snapshot) -> Iterator[str]:
    names = Names()
    if kind == Kind.CUSTOMER:
        yield from filter(None, (there.get("name"), there.get("reference"), there.get("email")))
        if there.get("archived"):
            yield "archived"
        return
    yield str(there.get("number"))
    yield say("total", there.get("total"), names, there.get("currency") or "")
    yield say("issue_date", there.get("issue_date"), names)
    yield _STATES.get(there.get("state") or "", "")
