"""What waits for a step of ours is taken up by that step: nobody has to say *Try again*."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounting.enums import ErrorClass, Kind, Lane, OpState
from accounting.models import Connection, Link, Operation
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from customers.models import Customer
from customers.services import archive_customer, restore_customer, update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, reopen_invoice, update_invoice
from payments.models import Payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
Tell = Callable[[Kind, object], None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """115.00, in step with Xero."""
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


@pytest.fixture
def tell(connected: Connection, sync: Sync) -> Tell:
    """Xero tells that these records have changed, and a worker sees to it."""

    def run(kind: Kind, *records: Customer | Invoice) -> None:
        with transaction.atomic():
            for record in records:
                at = timezone.now() + dt.timedelta(minutes=1)
                request_pull(connected, kind, _remote_id(record), at=at)
        sync()

    return run


def _remote_id(record: Customer | Invoice) -> str:
    return Link.objects.get(local_id=record.pk).remote_id


def test_payment_on_a_reopened_invoice_is_taken_up_by_approving(
    invoice: Invoice, bookkeeper: Bookkeeper, tell: Tell, sync: Sync
) -> None:
    reopen_invoice(invoice=invoice, by=None)
    bookkeeper.pay(_remote_id(invoice), 40)
    tell(Kind.INVOICE, invoice)
    failed = Operation.objects.get(lane=Lane.PULL)
    assert (failed.state, failed.error_class) == (OpState.FAILED, ErrorClass.PERMANENT)
    told = "INV-0001 is draft. The payment of NZD 40.00 can be recorded once it is approved."
    assert failed.error == f"Xero's change could not be taken over: {told}"

    approve_invoice(invoice=invoice, by=None)
    sync()

    invoice.refresh_from_db()
    assert (Payment.objects.get().amount, invoice.amount_paid) == (40, 40)
    assert Operation.objects.count() == 0


@pytest.mark.long
def test_payment_on_a_reopened_invoice_is_taken_up_by_approving_it_changed(
    invoice: Invoice, bookkeeper: Bookkeeper, tell: Tell, sync: Sync
) -> None:
    """Our write and the read of what waited go together; neither hides the other."""
    reopen_invoice(invoice=invoice, by=None)
    bookkeeper.pay(_remote_id(invoice), 40)
    tell(Kind.INVOICE, invoice)

    update_invoice(invoice=invoice, by=None, reference="PO 7")
    approve_invoice(invoice=invoice, by=None)
    sync()

    invoice.refresh_from_db()
    assert (invoice.amount_paid, bookkeeper.invoice(_remote_id(invoice))["Reference"]) == (40, "PO 7")
    assert Operation.objects.count() == 0


def test_payment_taken_up_is_on_the_invoices_page_at_once(
    invoice: Invoice, bookkeeper: Bookkeeper, tell: Tell, sync: Sync, staff_client: Client
) -> None:
    reopen_invoice(invoice=invoice, by=None)
    bookkeeper.pay(_remote_id(invoice), 40)
    tell(Kind.INVOICE, invoice)
    approve_invoice(invoice=invoice, by=None)
    sync()

    slug = invoice.workspace.slug
    page = staff_client.get(f"/w/{slug}/invoices/{invoice.pk}/").content.decode()

    found = ["NZ$40.00" in page, "NZ$75.00" in page, 'data-sync="needs_attention"' in page]
    assert found == [True, True, False]


def test_name_that_was_taken_here_is_taken_up_once_it_is_free(
    connected: Connection, sync: Sync, bookkeeper: Bookkeeper, tell: Tell
) -> None:
    """The step is another customer's: that one stood in the way."""
    first, second = (make_customer(connected.workspace, name=name) for name in ("First", "Second"))
    sync()
    bookkeeper.change_contact(_remote_id(first), Name="Elsewhere")
    bookkeeper.change_contact(_remote_id(second), Name="First")
    tell(Kind.CUSTOMER, second)
    assert Operation.objects.get().blocked_on == first.pk

    update_customer(customer=first, by=None, name="Free")

    assert Operation.objects.get(lane=Lane.PULL).state == OpState.PENDING
    sync()
    second.refresh_from_db()
    assert second.name == "First"


def test_name_that_was_taken_here_is_taken_up_when_xero_frees_it(
    connected: Connection, sync: Sync, bookkeeper: Bookkeeper, tell: Tell
) -> None:
    """Two contacts swapped names there, and we hear of them in the wrong order."""
    first, second = (make_customer(connected.workspace, name=name) for name in ("First", "Second"))
    sync()
    bookkeeper.change_contact(_remote_id(first), Name="Elsewhere")
    bookkeeper.change_contact(_remote_id(second), Name="First")

    tell(Kind.CUSTOMER, second)
    tell(Kind.CUSTOMER, first)
    sync()  # the wake-up that the first brought

    assert [Customer.objects.get(pk=row.pk).name for row in (first, second)] == ["Elsewhere", "First"]
    assert Operation.objects.count() == 0


@pytest.mark.long
def test_number_that_was_taken_here_is_taken_up_once_it_is_free(
    invoice: Invoice, connected: Connection, bookkeeper: Bookkeeper, tell: Tell, sync: Sync
) -> None:
    draft = make_invoice(connected.workspace, number="BK-1")
    bookkeeper.change_invoice(_remote_id(invoice), InvoiceNumber="BK-1")
    tell(Kind.INVOICE, invoice)
    assert Operation.objects.get(lane=Lane.PULL).blocked_on == draft.pk

    update_invoice(invoice=draft, by=None, number="OWN-1")
    sync()

    invoice.refresh_from_db()
    assert invoice.number == "BK-1"


def test_draft_in_the_way_that_is_deleted_lets_the_number_in(
    invoice: Invoice, connected: Connection, bookkeeper: Bookkeeper, tell: Tell, sync: Sync
) -> None:
    draft = make_invoice(connected.workspace, number="BK-1")
    bookkeeper.change_invoice(_remote_id(invoice), InvoiceNumber="BK-1")
    tell(Kind.INVOICE, invoice)

    with transaction.atomic():
        draft.delete()
    sync()

    invoice.refresh_from_db()
    assert invoice.number == "BK-1"


def test_invoice_of_an_archived_customer_is_sent_once_the_customer_is_restored(
    connected: Connection, gst: TaxRate, sync: Sync, sandbox: Handle
) -> None:
    customer = make_customer(connected.workspace)
    archive_customer(customer=customer, by=None)
    sync()
    invoice = make_invoice(
        connected.workspace, customer=customer, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    sync()
    failed = Operation.objects.get(local_id=invoice.pk)
    assert (failed.state, failed.blocked_on) == (OpState.FAILED, customer.pk)
    assert failed.error.endswith("Change that, and this is sent by itself.")

    restore_customer(customer=customer, by=None)
    sync()

    assert Operation.objects.count() == 0
    assert [row["InvoiceNumber"] for row in sandbox.dump()["Invoices"] if row["Type"] == "ACCREC"][-1] == (
        invoice.number
    )


def test_fault_of_ours_is_not_tried_again_by_every_save(invoice: Invoice) -> None:
    Operation.objects.create(
        workspace=invoice.workspace,
        connection=Connection.objects.get(),
        lane=Lane.PULL,
        kind=Kind.INVOICE,
        remote_id=_remote_id(invoice),
        state=OpState.FAILED,
        error="Xero's record could not be read.",
        error_class=ErrorClass.INTERNAL,
    )

    update_invoice(invoice=invoice, by=None, due_date=dt.date(2026, 12, 1))

    assert Operation.objects.get(lane=Lane.PULL).state == OpState.FAILED
