"""What the bookkeeper does in Xero comes here: by webhook, by the regular check, once, and never as an echo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from accounting.enums import EventKind, Kind, Lane, LinkState, OpState, Priority
from accounting.models import Connection, Link, Operation, SyncEvent
from accounting.resources.registry import kinds_read_by_themselves
from accounting.sync.pull import request_pull
from accounting.sync.reconcile import reconcile
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync, sandbox: Handle) -> Invoice:
    """115.00, in step with Xero."""
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    sandbox.clear_requests()
    return made


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


def _remote_id(invoice: Invoice) -> str:
    return Link.objects.get(kind=Kind.INVOICE, local_id=invoice.pk).remote_id


@pytest.fixture
def told(connected: Connection, invoice: Invoice, sync: Sync) -> Sync:
    """Xero tells that the invoice has changed just now, and a worker sees to it."""

    def tell() -> None:
        with transaction.atomic():
            request_pull(
                connected, Kind.INVOICE, _remote_id(invoice), at=timezone.now() + dt.timedelta(minutes=1)
            )
        sync()
        invoice.refresh_from_db()

    return tell


def _reads(sandbox: Handle) -> int:
    return len([call for call in sandbox.requests() if call.method == "GET"])


def test_payment_in_xero_appears_with_amount_date_and_reference(
    invoice: Invoice, bookkeeper: Bookkeeper, told: Sync
) -> None:
    bookkeeper.pay(_remote_id(invoice), 115, reference="stmt 7")
    told()
    payment = Payment.objects.get()
    assert (payment.amount, payment.date, payment.reference) == (Decimal(115), dt.date(2026, 3, 5), "stmt 7")
    assert invoice.is_paid
    assert Operation.objects.count() == 0


def test_part_payment_in_xero_leaves_the_rest_due(
    invoice: Invoice, bookkeeper: Bookkeeper, told: Sync
) -> None:
    bookkeeper.pay(_remote_id(invoice), 15)
    told()
    assert (invoice.is_part_paid, invoice.amount_due) == (True, Decimal(100))


def test_payment_deleted_in_xero_is_reversed_here(
    invoice: Invoice, bookkeeper: Bookkeeper, told: Sync
) -> None:
    payment = bookkeeper.pay(_remote_id(invoice), 115)
    told()
    bookkeeper.delete_payment(payment["PaymentID"])
    told()
    assert Payment.objects.get().is_reversed
    assert invoice.amount_due == Decimal(115)
    assert Link.objects.get(kind=Kind.PAYMENT).state == LinkState.TOMBSTONED


def test_same_payment_waiting_here_is_linked_not_doubled(
    invoice: Invoice, bookkeeper: Bookkeeper, told: Sync, sandbox: Handle
) -> None:
    bookkeeper.pay(_remote_id(invoice), 115, reference="")
    record_payment(invoice=invoice, amount=Decimal(115), date=ISSUED_ON, by=None)
    Operation.objects.update(priority=Priority.BACKFILL)
    told()
    assert Payment.objects.count() == 1
    assert len(sandbox.dump()["Payments"]) == 1


def test_change_in_xero_is_written_here_with_history(
    invoice: Invoice, bookkeeper: Bookkeeper, told: Sync
) -> None:
    bookkeeper.change_price(_remote_id(invoice), 200)
    told()
    assert (invoice.total, invoice.lines.get().unit_amount) == (Decimal("230.00"), Decimal(200))
    event = SyncEvent.objects.get(event=EventKind.RECEIVED)
    assert ["total", "115", "230"] in event.changes


def test_line_added_in_xero_comes_here(invoice: Invoice, bookkeeper: Bookkeeper, told: Sync) -> None:
    remote = bookkeeper.invoice(_remote_id(invoice))["LineItems"][0]
    kept = {
        key: remote[key]
        for key in ("LineItemID", "Description", "Quantity", "UnitAmount", "AccountCode", "TaxType")
    }
    new = {
        "Description": "Extra",
        "Quantity": 1,
        "UnitAmount": 10,
        "AccountCode": "200",
        "TaxType": "ZERORATED",
    }
    bookkeeper.change_invoice(_remote_id(invoice), LineItems=[kept, new])
    told()
    assert [(row.description, row.tax_percent) for row in invoice.lines.all()] == [
        ("Design", Decimal(15)),
        ("Extra", Decimal(0)),
    ]
    assert invoice.total == Decimal("125.00")


def test_voided_in_xero_is_voided_here(invoice: Invoice, bookkeeper: Bookkeeper, told: Sync) -> None:
    bookkeeper.change_invoice(_remote_id(invoice), Status="VOIDED")
    told()
    assert invoice.status == InvoiceStatus.VOIDED
    assert Link.objects.get(kind=Kind.INVOICE).state == LinkState.TOMBSTONED


def test_contact_renamed_in_xero_is_renamed_here(
    invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    link = Link.objects.get(kind=Kind.CUSTOMER)
    bookkeeper.change_contact(link.remote_id, Name="Renamed Ltd", EmailAddress="new@example.com")
    with transaction.atomic():
        request_pull(connected, Kind.CUSTOMER, link.remote_id)
    sync()
    invoice.customer.refresh_from_db()
    assert (invoice.customer.name, invoice.customer.email) == ("Renamed Ltd", "new@example.com")


def test_website_which_xero_lets_no_app_write_stays_ours(
    connected: Connection, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    customer = make_customer(connected.workspace, website="https://ours.example")
    sync()
    link = Link.objects.get(kind=Kind.CUSTOMER)
    bookkeeper.change_contact(link.remote_id, Name="Renamed Ltd")
    with transaction.atomic():
        request_pull(connected, Kind.CUSTOMER, link.remote_id)
    sync()
    customer.refresh_from_db()
    assert (customer.name, customer.website) == ("Renamed Ltd", "https://ours.example")


def test_event_of_our_own_write_costs_no_read(
    invoice: Invoice, connected: Connection, sandbox: Handle, sync: Sync
) -> None:
    link = Link.objects.get(kind=Kind.INVOICE)
    with transaction.atomic():
        assert not request_pull(connected, Kind.INVOICE, link.remote_id, at=link.remote_version)
    sync()
    assert sandbox.requests() == []


def test_event_of_our_own_payment_costs_no_read(
    invoice: Invoice, connected: Connection, sandbox: Handle, sync: Sync, bookkeeper: Bookkeeper
) -> None:
    record_payment(invoice=invoice, amount=Decimal(15), date=ISSUED_ON, by=None)
    sync()
    at = sandbox.books().invoices.get(_remote_id(invoice)).updated
    sandbox.clear_requests()
    with transaction.atomic():
        assert not request_pull(connected, Kind.INVOICE, _remote_id(invoice), at=at)
    sync()
    assert sandbox.requests() == []


def test_many_events_of_one_invoice_cost_one_read(
    invoice: Invoice, connected: Connection, bookkeeper: Bookkeeper, sandbox: Handle, sync: Sync
) -> None:
    bookkeeper.change_invoice(_remote_id(invoice), Reference="PO 3")
    sandbox.clear_requests()
    for second in range(100):
        with transaction.atomic():
            at = timezone.now() + dt.timedelta(seconds=60 + second)
            request_pull(connected, Kind.INVOICE, _remote_id(invoice), at=at)
    sync()
    assert _reads(sandbox) == 1


def test_event_of_an_unlinked_record_costs_no_read(
    connected: Connection, sandbox: Handle, sync: Sync
) -> None:
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777")
    sync()
    assert sandbox.requests() == []
    assert Operation.objects.count() == 0


def test_older_news_change_nothing(invoice: Invoice, bookkeeper: Bookkeeper, told: Sync) -> None:
    Link.objects.filter(kind=Kind.INVOICE).update(remote_version=timezone.now() + dt.timedelta(days=1))
    bookkeeper.change_price(_remote_id(invoice), 200)
    request = Operation.objects.filter(lane=Lane.PULL)
    told()
    assert (invoice.total, request.count()) == (Decimal("115.00"), 0)


def test_reconcile_catches_what_no_webhook_told(
    invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection
) -> None:
    bookkeeper.pay(_remote_id(invoice), 115)
    assert reconcile(connected.pk)
    invoice.refresh_from_db()
    connected.refresh_from_db()
    assert invoice.is_paid
    assert set(connected.cursors) == {*kinds_read_by_themselves()}


def test_reconcile_of_nothing_new_writes_nothing(
    invoice: Invoice, connected: Connection, sandbox: Handle
) -> None:
    reconcile(connected.pk)
    events = SyncEvent.objects.count()
    sandbox.clear_requests()
    reconcile(connected.pk)
    assert (SyncEvent.objects.count(), len(sandbox.requests())) == (events, len(kinds_read_by_themselves()))


def test_unreadable_record_fails_visibly_and_keeps_the_others(
    invoice: Invoice, connected: Connection, sandbox: Handle, told: Sync, bookkeeper: Bookkeeper
) -> None:
    bookkeeper.change_invoice(_remote_id(invoice), Reference="PO 3")
    sandbox.faults.add("unknown_enum", method="GET", path="Invoices", applied=True)
    told()
    operation = Operation.objects.get()
    assert (operation.lane, operation.state) == (Lane.PULL, OpState.FAILED)
    assert operation.error == "Xero's record could not be read."
