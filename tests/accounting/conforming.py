"""One sample of each kind: how a person makes, changes and removes it here, and how the bookkeeper does there.

The last one is the kind of `test_a_new_kind.py`: what holds for it holds without a word about it in the engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from accounting.enums import Kind
from accounting.models import Conflict, Connection, Link, Operation
from accounting.port.documents import Document
from accounting.providers.xero.kinds.registry import codec_of
from accounting.resources.registry import RESOURCES
from accounting.sync import manual
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from catalogue.services import archive_service, create_service, update_service
from credit.models import Allocation, CreditNote
from credit.services.allocations import remove_allocation
from credit.services.notes import update_credit_note, void_credit_note
from credit.services.refunds import reverse_refund
from customers.services import archive_customer, update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice, void_invoice
from payments.models import Payment
from payments.services import reverse_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.test_a_new_kind import MEMO, shelf
from tests.factories.credit import make_allocation, make_credit_note, make_refund
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "kind", "make", "record", "sample", "shelf"]

Sync = Callable[[], None]
Make = Callable[[], Any]
Step = Callable[[Any], object]
Theirs = Callable[[Bookkeeper, str], object]
Merge = Callable[[Handle, str, str], None]

LATER = dt.timedelta(seconds=9)


@dataclass(frozen=True, slots=True)
class Sample:
    """`make` says something in a field that has a default: a snapshot of an older release does not know it.

    `change` and `change_there` are of the same field, to other values; a kind that is never changed has none.
    `merge_there` takes the ids of the loser and of the survivor; a kind that is never merged has none.
    """

    make: Callable[[Connection, TaxRate], Any]
    remove: Step
    remove_there: Theirs
    change: Step | None = None
    change_there: Theirs | None = None
    merge_there: Merge | None = None


def _invoice(connection: Connection, gst: TaxRate) -> Invoice:
    return make_invoice(
        connection.workspace,
        status=InvoiceStatus.APPROVED,
        reference="PO 4",
        lines=[make_line(tax_rate=gst)],
    )


def _note(connection: Connection, gst: TaxRate) -> CreditNote:
    return make_credit_note(connection.workspace, reference="PO 4", lines=[make_line(tax_rate=gst)])


def _allocation(connection: Connection, gst: TaxRate) -> Allocation:
    note = _note(connection, gst)
    lines = [make_line(tax_rate=gst)]
    invoice = make_invoice(connection.workspace, status="approved", customer=note.customer, lines=lines)
    return make_allocation(note, invoice)


def _payment(connection: Connection, gst: TaxRate) -> Payment:
    return make_payment(connection.workspace, invoice=_invoice(connection, gst), reference="Receipt 7")


SAMPLES: dict[str, Sample] = {
    Kind.CUSTOMER: Sample(
        make=lambda connection, gst: make_customer(connection.workspace, city="Nelson"),
        remove=lambda row: archive_customer(customer=row, by=None),
        remove_there=lambda books, key: books.change_contact(key, ContactStatus="ARCHIVED"),
        change=lambda row: update_customer(customer=row, by=None, email="ours@example.com"),
        change_there=lambda books, key: books.change_contact(key, EmailAddress="theirs@example.com"),
        merge_there=lambda sandbox, loser, winner: sandbox.merge_contacts(loser, winner),
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
    Kind.CREDIT_NOTE: Sample(
        make=_note,
        remove=lambda row: void_credit_note(credit_note=row, by=None),
        remove_there=lambda books, key: books.change_credit_note(key, Status="VOIDED"),
        change=lambda row: update_credit_note(credit_note=row, by=None, reference="Ours"),
        change_there=lambda books, key: books.change_credit_note(key, Reference="Theirs"),
    ),
    Kind.ALLOCATION: Sample(
        make=_allocation,
        remove=lambda row: remove_allocation(allocation=row, by=None),
        remove_there=lambda books, key: books.take_off(*key.split("/")[1::2]),
    ),
    Kind.REFUND: Sample(
        make=lambda connection, gst: make_refund(_note(connection, gst), reference="Back"),
        remove=lambda row: reverse_refund(refund=row, by=None),
        remove_there=lambda books, key: books.delete_payment(key),
    ),
    MEMO: Sample(
        make=lambda connection, gst: create_service(workspace=connection.workspace, name="Design", by=None),
        remove=lambda row: archive_service(service=row, by=None),
        remove_there=lambda books, key: books.write("ManualJournals", ManualJournalID=key, Status="DELETED"),
        change=lambda row: update_service(service=row, by=None, name="Ours"),
        change_there=lambda books, key: books.write(
            "ManualJournals", ManualJournalID=key, Narration="Theirs"
        ),
    ),
}


only_changed = pytest.mark.parametrize(
    "kind", [kind for kind, sample in SAMPLES.items() if sample.change], indirect=True
)
only_merged = pytest.mark.parametrize(
    "kind", [kind for kind, sample in SAMPLES.items() if sample.merge_there], indirect=True
)


@pytest.fixture(params=[*RESOURCES, MEMO])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind there is, and the one that only the tests have."""
    if request.param == MEMO:
        request.getfixturevalue("shelf")
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
def make(sample: Sample, connected: Connection, gst: TaxRate) -> Make:
    """Makes one here, not sent yet."""
    return lambda: sample.make(connected, gst)


@pytest.fixture
def record(make: Make, sync: Sync) -> Any:
    """In step with Xero."""
    made = make()
    sync()
    return made


def link_of(kind: str) -> Link:
    return Link.objects.get(kind=kind)


def all_there(kind: str, bookkeeper: Bookkeeper) -> dict[str, Document]:
    """Everything Xero has of this kind, living or not, by its id: in its own list, or in that of what shows it."""
    codec = codec_of(kind)
    name = codec.feed().method.removeprefix("get_").title().replace("_", "")
    rows = codec.elements({name: bookkeeper.read_all(name)})
    return {codec.id_of(row): codec.decode(row) for row in rows}


def one_there(kind: str, bookkeeper: Bookkeeper) -> Document:
    """What Xero has of the only record that is linked."""
    return all_there(kind, bookkeeper)[link_of(kind).remote_id]


def is_gone_there(kind: str, bookkeeper: Bookkeeper) -> bool:
    """Whether the only record that is linked is removed there, or shown no more."""
    there = all_there(kind, bookkeeper).get(link_of(kind).remote_id)
    return there is None or there.is_gone


def tell(connected: Connection, kind: str, after: dt.timedelta = LATER) -> bool:
    """Xero says that the record has changed, so long after what we know. Returns whether it is to be read."""
    link = link_of(kind)
    with transaction.atomic():
        return request_pull(connected, kind, link.remote_id, at=link.remote_version + after)


def send_again(sandbox: Handle, kind: str, record: Any, sync: Sync) -> None:
    """As a person asks for it, whether or not there is anything to send."""
    sandbox.clear_requests()
    manual.send_now(connection=link_of(kind).connection, kind=kind, local_id=record.pk, by=None)
    sync()


def writes(sandbox: Handle) -> list[str]:
    return [call.path for call in sandbox.requests() if call.method != "GET"]


def work_until_quiet(sandbox: Handle, sync: Sync) -> None:
    """What was to go wrong did, and everything came to an end all the same."""
    for _ in range(5):
        sync()
    assert sandbox.faults.waiting() == []
    assert (Operation.objects.count(), Conflict.objects.count()) == (0, 0)
