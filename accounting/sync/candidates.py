"""What in Xero our record may be: found by a person's words, and set beside ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounting.models import Connection, Link
from accounting.port.documents import Document, Kind
from accounting.port.exchange import RemoteRecord
from accounting.resources.desk import open_desk
from accounting.sync.compare import agrees, put_in
from accounting.sync.deciding import document_of, load
from accounting.sync.opening import open_books
from core.transactions import forbid_transaction

Differing = tuple[str, Any, Any]
AN_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of theirs that ours could be linked to. `taken_by` is our record that it is linked to already;
    `differing` are the fields in which the two say something else, each as (field, ours, theirs)."""

    theirs: RemoteRecord
    taken_by: UUID | None
    differing: tuple[Differing, ...]


def search(connection: Connection, kind: Kind, local_id: UUID, text: str) -> list[Candidate]:
    """Theirs that these words find, or the address of a page of Xero's. One call.

    Raises ProviderError, and CannotDecide when ours cannot be set beside them.
    """
    forbid_transaction("searching in Xero")
    named = AN_ID.findall(text)
    with open_books(connection) as books:
        found = books.fetch(kind, named[-1:]) if named else books.search(kind, text)
    return _beside_ours(connection, kind, local_id, list(_whole(found.records)))


def _whole(records: Iterable[RemoteRecord]) -> Iterable[RemoteRecord]:
    """What stands for itself: neither of another kind nor merged into another."""
    return (row for row in records if not row.document.is_stray and not row.document.survivor)


def _beside_ours(
    connection: Connection, kind: Kind, local_id: UUID, theirs: Sequence[RemoteRecord]
) -> list[Candidate]:
    ours = document_of(kind, load(kind, local_id), open_desk(connection))
    ids = [row.remote_id for row in theirs]
    linked = Link.objects.filter(connection=connection, kind=kind, remote_id__in=ids)
    taken = dict(linked.values_list("remote_id", "local_id"))
    return [Candidate(row, taken.get(row.remote_id), apart(ours, row.document)) for row in theirs]


def apart(ours: Document, theirs: Document) -> tuple[Differing, ...]:
    """The fields in which the two say something else, of those that people put in: (field, ours, theirs)."""
    mine, other = put_in(ours), put_in(theirs.paired_with(ours))
    return tuple(
        (name, mine[name], other[name])
        for name in mine
        if name in other and not agrees(mine[name], other[name])
    )
