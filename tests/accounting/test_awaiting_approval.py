"""Xero takes payments on approved invoices only: a payment waits for that, and says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounting.enums import Blocker, ConflictState, InvoiceStatusRule, Kind, Lane, OpState
from accounting.models import Conflict, Connection, Link, Mapping, Operation
from accounting.queries.status import states_of
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
TODAY = dt.date(2026, 3, 5)


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture(params=[InvoiceStatusRule.DRAFT, InvoiceStatusRule.SUBMITTED])
def invoice(request: pytest.FixtureRequest, connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """115.00, issued here, not yet approved in Xero."""
    Mapping.objects.update(invoice_status=request.param)
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


@pytest.fixture
def payment(invoice: Invoice, sync: Sync, sandbox: Handle) -> Payment:
    """60.00, recorded here, and a worker has seen it."""
    sandbox.clear_requests()
    made = record_payment(invoice=invoice, amount=Decimal(60), date=TODAY, by=None)
    sync()
    return made


def _remote_id(invoice: Invoice) -> str:
    return Link.objects.get(kind=Kind.INVOICE, local_id=invoice.pk).remote_id


def _hear(invoice: Invoice, connected: Connection, sync: Sync) -> None:
    with transaction.atomic():
        at = timezone.now() + dt.timedelta(minutes=1)
        request_pull(connected, Kind.INVOICE, _remote_id(invoice), at=at)
    sync()
    sync()  # the wake-up


def _paid_there(bookkeeper: Bookkeeper, invoice: Invoice) -> Decimal:
    return Decimal(str(bookkeeper.invoice(_remote_id(invoice))["AmountPaid"]))


def test_payment_on_a_draft_there_waits_without_a_call_and_says_so(
    payment: Payment, sandbox: Handle, staff_client: Client
) -> None:
    waiting = Operation.objects.get()
    assert (waiting.state, waiting.blocker, waiting.blocked_on) == (
        OpState.BLOCKED, Blocker.APPROVAL, payment.invoice_id,
    )  # fmt: skip
    status = states_of(Kind.PAYMENT, [payment])[payment.pk]
    told = "Waits for the invoice to be approved in Xero."
    assert (status.code, status.reason, status.is_moving) == ("waiting", told, False)
    page = staff_client.get(f"/w/{payment.workspace.slug}/invoices/{payment.invoice_id}/")
    assert told in page.content.decode()
    assert [call for call in sandbox.requests() if "/Payments" in call.path] == []


def test_payment_goes_when_the_approval_is_heard(
    payment: Payment, invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    bookkeeper.change_invoice(_remote_id(invoice), Status="AUTHORISED")
    _hear(invoice, connected, sync)
    assert (_paid_there(bookkeeper, invoice), Operation.objects.count()) == (60, 0)


def test_payment_goes_when_our_own_write_hears_the_approval(
    payment: Payment, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    bookkeeper.change_invoice(_remote_id(invoice), Status="AUTHORISED")
    update_invoice(invoice=invoice, by=None, reference="PO 7")
    sync()
    sync()
    assert (_paid_there(bookkeeper, invoice), Operation.objects.count()) == (60, 0)


def test_payment_goes_when_the_approved_invoice_is_out_of_sync(
    payment: Payment, invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    update_invoice(invoice=invoice, by=None, due_date=dt.date(2026, 4, 1))
    bookkeeper.change_invoice(_remote_id(invoice), Status="AUTHORISED", DueDate="2026-05-01")
    _hear(invoice, connected, sync)
    assert Conflict.objects.get().state == ConflictState.OPEN
    assert _paid_there(bookkeeper, invoice) == 60


def test_payment_on_an_invoice_that_was_paid_there_says_that_it_is_paid(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    payment = record_payment(invoice=made, amount=Decimal(60), date=TODAY, by=None)
    bookkeeper.pay(_remote_id(made), 115)
    sync()
    sync()
    refused = Operation.objects.get(lane=Lane.PUSH)
    assert (refused.state, refused.local_id) == (OpState.FAILED, payment.pk)
    assert refused.error.startswith("In Xero the invoice is already paid, so it takes no more payments.")


def test_payment_refused_because_it_was_paid_there_goes_when_that_payment_is_deleted(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    record_payment(invoice=made, amount=Decimal(60), date=TODAY, by=None)
    theirs = bookkeeper.pay(_remote_id(made), 115)
    sync()
    sync()
    bookkeeper.delete_payment(theirs["PaymentID"])
    _hear(made, connected, sync)
    assert (_paid_there(bookkeeper, made), Operation.objects.count()) == (60, 0)


def test_payment_on_a_draft_that_was_deleted_there_says_so(
    payment: Payment, invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    bookkeeper.change_invoice(_remote_id(invoice), Status="DELETED")
    _hear(invoice, connected, sync)
    refused = Operation.objects.get()
    assert (refused.state, refused.local_id) == (OpState.FAILED, payment.pk)
    assert "a voided invoice takes none" in refused.error
