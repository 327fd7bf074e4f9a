"""How a kind is added, both ways: read it from top to bottom. Nothing of the engine is changed for it.

Our services become Xero's manual journals, by their narration. A real kind has rooms of its own: docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

import pytest
from django.db.models import QuerySet
from django.db.models.signals import post_save

from accounting import receivers
from accounting.enums import ConflictState
from accounting.models import Conflict, Connection, Link, Operation
from accounting.port.documents import DOCUMENTS, Document, Fact
from accounting.port.exchange import Outgoing, RemoteRecord
from accounting.providers.xero import wire
from accounting.providers.xero.kinds.base import Call, Codec
from accounting.providers.xero.kinds.registry import CODECS
from accounting.queries.comparison import compare
from accounting.queries.panel import record_panel
from accounting.resources.base import Intent, Resource
from accounting.resources.registry import OBSERVED, RESOURCES, Observed
from accounting.resources.rules import Rules
from accounting.resources.words import Named, Words
from accounting.sync.reconcile import reconcile
from catalogue.models import Service
from catalogue.services import archive_service, create_service, update_service
from tests.accounting.conftest import let_any_kind_in
from xero_sandbox.api import resources
from xero_sandbox.handle import Handle
from xero_sandbox.wire import ms_stamp

MEMO = "memo"
Shelf = dict[str, dict[str, Any]]
Sync = Callable[[], None]

# 1. The document: what both sides must agree on, and how one is told from another.


class MemoDoc(Document, frozen=True, kw_only=True):
    kind: ClassVar[str] = MEMO

    narration: Annotated[str, Fact("Narration", decides=True)]
    gone: Annotated[bool, Fact("Deleted")] = False

    @property
    def key(self) -> tuple[str]:
        return (self.narration,)

    @property
    def is_gone(self) -> bool:
        return self.gone


# 2. The resource: what we have, may send, and call it.


class MemoResource(Resource):
    kind = MEMO
    words = Words("memo", "Memo", "Archived", "Deleted in Xero.", "Archived before it was ever sent to Xero.")
    fields_synced = frozenset({"name", "archived_at"})

    def load(self, local_ids: Iterable[UUID]) -> dict[UUID, Service]:
        return {row.pk: row for row in Service.objects.filter(pk__in=list(local_ids))}

    def lock(self, local_id: UUID) -> Service | None:
        return Service.objects.select_for_update(of=("self",)).filter(pk=local_id).first()

    def intent(self, record: Service, link: Link | None, rules: Rules) -> Intent:
        return "upsert" if record.archived_at is None else "remove" if link else "hold"

    def candidates(self, rules: Rules) -> QuerySet[Service]:
        return Service.objects.filter(archived_at=None)

    def to_document(self, record: Service, desk: Any) -> MemoDoc:
        return MemoDoc(narration=record.name, gone=record.archived_at is not None)

    def apply_remote(self, record: Service, theirs: RemoteRecord, desk: Any) -> Service:
        changed = update_service(service=record, by=None, name=theirs.document.narration)
        return archive_service(service=changed, by=None) if theirs.document.is_gone else changed

    def label(self, record: Service) -> str:
        return record.name

    def named(self, local_ids: Iterable[UUID]) -> Iterable[Named]:
        rows = self.load(local_ids).values()
        return [Named(row.pk, row.name, "catalogue:edit_service", row.pk) for row in rows]


# 3. The codec: how Xero writes it, and where it lives there.


class MemoCodec(Codec):
    kind, envelope, id_field, category = MEMO, "ManualJournals", "ManualJournalID", None
    scope, deep_link = "accounting.contacts", "/Journal/View.aspx?invoiceID={id}"
    lister = "get_manual_journals"
    writers = {"create": "create_manual_journals", "update": "update_or_create_manual_journals"}
    writers["remove"] = writers["update"]

    def encode(self, element: Outgoing) -> wire.Json:
        return {"Narration": element.document.narration}

    def remove(self, element: Outgoing) -> wire.Json:
        return {"Status": "DELETED"}

    def decode(self, source: wire.Json) -> MemoDoc:
        gone = wire.text(source, "Status") == "DELETED"
        return MemoDoc(narration=wire.text(source, "Narration"), gone=gone)

    def look_up(self, wanted: Sequence[Any]) -> Sequence[Call]:
        return [self.listing()]

    reading = look_up


# 4. Its endpoint in the sandbox, and the lines in the registries.


def _endpoint(shelf: Shelf) -> resources.Resource:
    def write(sent: Any, writing: Any) -> tuple[Any, list[str]]:
        key = sent.text("ManualJournalID") or str(uuid4())
        stamp = {"ManualJournalID": key, "UpdatedDateUTC": ms_stamp(writing.books.clock.now())}
        shelf[key] = {"Status": "DRAFT"} | shelf.get(key, {}) | sent.data | stamp
        return shelf[key], []

    facts = ("ManualJournals", "accounting.contacts", lambda *_: (list(shelf.values()), None), None)
    return resources.Resource(*facts, write, lambda row, *_: dict(row), "ManualJournalID")


@pytest.fixture
def shelf(connected: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    there: Shelf = {}
    monkeypatch.setitem(resources.RESOURCES, "manualjournals", _endpoint(there))
    monkeypatch.setitem(DOCUMENTS, MEMO, MemoDoc)
    monkeypatch.setitem(RESOURCES, MEMO, MemoResource())
    monkeypatch.setitem(CODECS, MEMO, MemoCodec())
    monkeypatch.setitem(OBSERVED, Service, Observed(MEMO, lambda row: row.pk, "pk"))
    let_any_kind_in()
    post_save.connect(receivers.capture_save, sender=Service, dispatch_uid=MEMO)
    yield there
    post_save.disconnect(sender=Service, dispatch_uid=MEMO)


# 5. What it can do now, without a line in accounting/sync.


@pytest.fixture
def service(connected: Connection, shelf: Shelf, sync: Sync) -> Service:
    made = create_service(workspace=connected.workspace, name="Design", by=None)
    sync()
    return made


def _told(shelf: Shelf) -> list[tuple[str, str]]:
    return [(row["Narration"], row["Status"]) for row in shelf.values()]


def _bookkeeper_writes(shelf: Shelf, handle: Handle, narration: str) -> None:
    (row,) = shelf.values()
    row |= {"Narration": narration, "UpdatedDateUTC": ms_stamp(handle.sandbox.clock.now())}


def test_it_is_created_changed_and_removed(shelf: Shelf, service: Service, sync: Sync) -> None:
    assert _told(shelf) == [("Design", "DRAFT")]
    update_service(service=service, name="Courier", by=None)
    sync()
    assert (_told(shelf), record_panel(MEMO, service).status.label) == ([("Courier", "DRAFT")], "Synced")
    archive_service(service=service, by=None)
    sync()
    assert (_told(shelf), Link.objects.get().state) == ([("Courier", "DELETED")], "tombstoned")


def test_lost_answer_makes_no_second_one(shelf: Shelf, sandbox: Handle, request: Any) -> None:
    sandbox.faults.add("error_500", method="PUT", path="ManualJournals", applied=True)
    request.getfixturevalue("service")
    request.getfixturevalue("sync")()
    assert (_told(shelf), Link.objects.count(), Operation.objects.count()) == ([("Design", "DRAFT")], 1, 0)


def test_bookkeepers_change_comes_here(shelf: Shelf, service: Service, sandbox: Handle) -> None:
    _bookkeeper_writes(shelf, sandbox, "Design, revised")
    assert reconcile(Connection.objects.get().pk)
    service.refresh_from_db()
    assert service.name == "Design, revised"


def test_both_sides_changed_is_a_conflict(
    shelf: Shelf, service: Service, sandbox: Handle, sync: Sync
) -> None:
    _bookkeeper_writes(shelf, sandbox, "Theirs")
    update_service(service=service, name="Ours", by=None)
    sync()
    (section,) = compare(Conflict.objects.get(state=ConflictState.OPEN)).sections
    (row,) = section.rows
    assert (section.title, row.label, row.base, row.theirs) == ("Memo", "Narration", "Design", "Theirs")
