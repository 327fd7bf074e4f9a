"""Bringing rows in step with the sandbox quickly: real calls and real links, without the queue between."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, cast

from django.utils import timezone

from accounting.enums import Kind
from accounting.models import Connection, Link
from accounting.port.documents import Document
from accounting.port.exchange import Outgoing, RemoteRecord
from accounting.port.provider import Books
from accounting.port.snapshots import dump
from accounting.providers.registry import get_books
from accounting.resources.desk import Desk, open_desk
from accounting.resources.registry import get_resource
from accounting.sync.tokens import fresh_access
from bench.stage import limits_forgotten

BATCH = 50


def put_in_step(connection: Connection, kind: Kind, rows: Sequence[Any]) -> None:
    """Create these rows in the sandbox and link them, as the engine would have done."""
    books = get_books(connection, fresh_access(connection))
    desk = open_desk(connection)
    for start in range(0, len(rows), BATCH):
        limits_forgotten()
        documents = documents_of(desk, kind, rows[start : start + BATCH])
        records = _created(books, kind, list(documents.values()))
        links = [
            _link(connection, pk, ours, theirs)
            for (pk, ours), theirs in zip(documents.items(), records, strict=True)
        ]
        Link.objects.bulk_create(links)


def documents_of(desk: Desk, kind: Kind, rows: Sequence[Any]) -> dict[uuid.UUID, Document]:
    """Our documents of these rows, by id, in order."""
    resource = get_resource(kind)
    records = resource.load([row.pk for row in rows])
    desk.links.clear()
    needs = {need for record in records.values() for need in resource.needs(record)}
    for need in Kind:
        desk.load_links(need, [local_id for wanted, local_id in needs if wanted == need])
    return {row.pk: resource.to_document(records[row.pk], desk) for row in rows}


def _created(books: Books, kind: Kind, documents: list[Document]) -> list[RemoteRecord]:
    elements = [books.encode(kind, "create", Outgoing(document)) for document in documents]
    reply = books.send(books.freeze(kind, "create", elements, str(uuid.uuid4())))
    return [cast(RemoteRecord, result.record) for result in reply.results]


def _link(connection: Connection, pk: uuid.UUID, ours: Document, theirs: RemoteRecord) -> Link:
    return Link(
        workspace_id=connection.workspace_id,
        connection=connection,
        kind=theirs.kind,
        local_id=pk,
        remote_id=theirs.remote_id,
        remote_version=theirs.version,
        base=dump(theirs.document.paired_with(ours)),
        agreed_at=timezone.now(),
    )
