"""What every kind must stand, those to come included: a kind without a sample here fails.

A sample says how a person makes, changes and removes one here, and how the bookkeeper does there.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from accounting.enums import ConflictState, Kind, Lane, LinkState
from accounting.models import Conflict, Connection, Link, Operation
from accounting.port.documents import Document, LineDoc, Shown, facts_of, shape_of
from accounting.port.snapshots import load
from accounting.providers.xero.kinds.base import CannotWrite
from accounting.providers.xero.kinds.registry import CODECS, codec_of
from accounting.providers.xero.wire import Unreadable
from accounting.resources.registry import RESOURCES, get_resource
from accounting.sync.compare import inputs
from accounting.sync.pull import request_pull
from accounting.sync.reconcile import reconcile
from catalogue.models import TaxRate
from customers.services import archive_customer, update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice, void_invoice
from payments.models import Payment
from payments.services import reverse_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
Step = Callable[[Any], object]
Theirs = Callable[[Bookkeeper, str], object]


@dataclass(frozen=True, slots=True)
class Sample:
    """`make` fills a field that has a default: older snapshots do not know it.

    `change` and `change_there` are of the same field, to other values; a kind that is never changed has none.
    """

    make: Callable[[Connection, TaxRate], Any]
    remove: Step
    remove_there: Theirs
    change: Step | None = None
    change_there: Theirs | None = None


def _invoice(connection: Connection, gst: TaxRate) -> Invoice:
    return make_invoice(
        connection.workspace,
        status=InvoiceStatus.APPROVED,
        reference="PO 4",
        lines=[make_line(tax_rate=gst)],
    )


def _payment(connection: Connection, gst: TaxRate) -> Payment:
    return make_payment(connection.workspace, invoice=_invoice(connection, gst), reference="Receipt 7")


SAMPLES: dict[str, Sample] = {
    Kind.CUSTOMER: Sample(
        make=lambda connection, gst: make_customer(connection.workspace, city="Nelson"),
        remove=lambda row: archive_customer(customer=row, by=None),
        remove_there=lambda books, key: books.change_contact(key, ContactStatus="ARCHIVED"),
        change=lambda row: update_customer(customer=row, by=None, email="ours@example.com"),
        change_there=lambda books, key: books.change_contact(key, EmailAddress="theirs@example.com"),
    ),
    Kind.INVOICE: Sample(
        make=_invoice,
        remove=lambda row: void_invoice(invoice=row, by=None),
        remove_there=lambda books, key: books.change_invoice(key, Status="VOIDED"),
        change=lambda row: update_invoice(invoice=row, by=None, due_date=dt.date(2026, 9, 1)),
        change_there=lambda books, key: books.change_invoice(key, DueDate="2026-09-09"),
    ),
    Kind.PAYMENT: Sample(
        make=_payment,
        remove=lambda row: reverse_payment(payment=row, by=None),
        remove_there=lambda books, key: books.delete_payment(key),
    ),
}


@pytest.fixture(params=RESOURCES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sample(kind: str) -> Sample:
    assert kind in SAMPLES, (
        f"{kind} has no sample: say here how one is made, changed and removed on both sides"
    )
    return SAMPLES[kind]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def record(kind: str, sample: Sample, connected: Connection, gst: TaxRate, sync: Sync) -> Any:
    """In step with Xero."""
    made = sample.make(connected, gst)
    sync()
    return made


def _link(kind: str) -> Link:
    return Link.objects.get(kind=kind)


def _there(kind: str, sandbox: Handle) -> list[Document]:
    """What the sandbox has of this kind and of no sample before, living or not."""
    codec = codec_of(kind)
    link = {row.remote_id for row in Link.objects.filter(kind=kind)}
    rows = sandbox.dump()[codec.envelope]
    return [codec.decode(row) for row in rows if codec.id_of(row) in link]


def _count(kind: str, sandbox: Handle) -> int:
    return len(sandbox.dump()[codec_of(kind).envelope])


@pytest.mark.parametrize("applied", [True, False])
def test_lost_answer_loses_and_doubles_nothing(
    kind: str,
    sample: Sample,
    connected: Connection,
    gst: TaxRate,
    sandbox: Handle,
    sync: Sync,
    applied: bool,
) -> None:
    before = _count(kind, sandbox)
    path = codec_of(kind).envelope
    sandbox.faults.add("error_500", method="PUT", path=path, applied=applied)
    sample.make(connected, gst)
    for _ in range(4):
        sync()
    assert (_count(kind, sandbox) - before, Operation.objects.count()) == (1, 0)
    assert _link(kind).state == LinkState.ACTIVE


def test_answer_that_cannot_be_read_is_looked_up(
    kind: str,
    sample: Sample,
    connected: Connection,
    gst: TaxRate,
    sandbox: Handle,
    sync: Sync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codec, before = codec_of(kind), _count(kind, sandbox)
    read, failures = type(codec).decode, [Unreadable("a word nobody knows")]

    def decode(self: Any, source: Any) -> Document:
        if failures:
            raise failures.pop()
        return read(self, source)

    sample.make(connected, gst)
    monkeypatch.setattr(type(codec), "decode", decode)
    for _ in range(4):
        sync()
    assert (failures, _count(kind, sandbox) - before, Operation.objects.count()) == ([], 1, 0)


def test_removed_here_is_removed_there(
    kind: str, sample: Sample, record: Any, sandbox: Handle, sync: Sync
) -> None:
    sample.remove(record)
    sync()
    assert [document.is_gone for document in _there(kind, sandbox)] == [True]
    is_over = not shape_of(kind).may_return
    assert (_link(kind).state == LinkState.TOMBSTONED, Operation.objects.count()) == (is_over, 0)


def test_removed_there_is_removed_here(
    kind: str, sample: Sample, record: Any, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    sample.remove_there(bookkeeper, _link(kind).remote_id)
    assert reconcile(connected.pk)
    sync()
    ours = get_resource(kind).find(record.pk)
    assert (get_resource(kind).intent(ours, None), Operation.objects.count()) == ("hold", 0)


def test_changed_on_both_sides_waits_for_a_person(
    kind: str, sample: Sample, record: Any, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    if sample.change is None or sample.change_there is None:
        assert shape_of(kind).is_settlement
        with pytest.raises(CannotWrite):
            CODECS[kind].writer("update")
        return
    sample.change_there(bookkeeper, _link(kind).remote_id)
    sample.change(record)
    sync()
    conflict = Conflict.objects.get(state=ConflictState.OPEN)
    assert (conflict.kind, _link(kind).state) == (kind, LinkState.OUT_OF_SYNC)


def _without_what_came_since(shape: type[Any], snapshot: dict[str, Any]) -> dict[str, Any]:
    """The snapshot as a release kept it that knew only the fields which have no default."""
    kept = dict(snapshot)
    defaults = {item.name: item.default for item in dataclasses.fields(shape)}
    for name, told in facts_of(shape).items():
        if told.shown == Shown.LINES:
            kept[name] = [_without_what_came_since(LineDoc, line) for line in snapshot[name]]
        elif defaults.get(name, dataclasses.MISSING) is not dataclasses.MISSING:
            del kept[name]
    return kept


def test_snapshot_that_knows_less_is_quiet(
    kind: str, record: Any, connected: Connection, sandbox: Handle, sync: Sync
) -> None:
    """As an older release would have kept it: without the fields that have come since."""
    link = _link(kind)
    known, link.base = link.base, _without_what_came_since(shape_of(kind), link.base)
    lost = inputs(kind, {name: known[name] for name in known.keys() - link.base.keys() if known[name]})
    assert lost, f"the sample of a {kind} says nothing in a field that an older release may not have known"
    link.save()
    sandbox.clear_requests()
    with transaction.atomic():
        get_resource(kind).lock(record.pk)
        Operation.objects.create(
            workspace=connected.workspace, connection=connected, lane=Lane.PUSH, kind=kind, local_id=record.pk
        )
    sync()
    assert [call.path for call in sandbox.requests()] == [], "there is nothing to send, nor to look for"
    assert reconcile(connected.pk)
    assert [call.path for call in sandbox.requests() if call.method != "GET"] == []
    assert (Conflict.objects.count(), Operation.objects.count()) == (0, 0)


def test_our_own_change_coming_back_costs_no_read(kind: str, record: Any, connected: Connection) -> None:
    link = _link(kind)
    with transaction.atomic():
        assert not request_pull(connected, kind, link.remote_id, at=link.remote_version)
        assert request_pull(connected, kind, link.remote_id, at=link.remote_version + dt.timedelta(seconds=9))


def test_what_was_merged_there_is_followed(
    kind: str, record: Any, connected: Connection, sandbox: Handle, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """Where a kind can be merged at all; what stands for itself names no survivor."""
    link = _link(kind)
    assert load(kind, link.base).survivor == ""
    if "merged_into" not in link.base:
        return
    other = bookkeeper.create_contact(Name="The one that is left")["ContactID"]
    sandbox.merge_contacts(link.remote_id, other)
    assert reconcile(connected.pk)
    sync()
    assert _link(kind).remote_id == other
