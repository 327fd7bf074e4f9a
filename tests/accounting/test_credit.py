"""Credit that a bookkeeper applies in Xero counts here as it does there, however we come to hear of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.utils import timezone

from accounting.enums import Kind, LinkState, OpState, Resolution
from accounting.models import Conflict, Connection, Link, Operation, SyncEvent
from accounting.providers.xero.provider import XeroBooks
from accounting.sync.pull import request_pull
from accounting.sync.reconcile import reconcile
from accounting.sync.resolve import resolve
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
LATER = dt.date(2026, 12, 1)


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """115.00, in step with Xero."""
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


@pytest.fixture
def remote_id(invoice: Invoice) -> str:
    return Link.objects.get(kind=Kind.INVOICE, local_id=invoice.pk).remote_id


@pytest.fixture
def told(connected: Connection, remote_id: str, sync: Sync) -> Sync:
    """Xero tells that the invoice has changed just now, and a worker sees to it."""

    def tell() -> None:
        with transaction.atomic():
            request_pull(connected, Kind.INVOICE, remote_id, at=timezone.now() + dt.timedelta(minutes=1))
        sync()

    return tell


def _sums(invoice: Invoice) -> tuple[Decimal, Decimal, bool]:
    invoice.refresh_from_db()
    return invoice.credited, invoice.amount_due, invoice.is_paid


def test_credit_applied_in_xero_counts_here(
    sandbox: Handle, invoice: Invoice, remote_id: str, told: Sync
) -> None:
    sandbox.apply_credit(remote_id, Decimal(15))
    told()
    assert _sums(invoice) == (15, 100, False)
    assert invoice.is_part_paid
    assert SyncEvent.objects.filter(message="Credit applied in Xero: NZ$15.00.").exists()
    assert Operation.objects.count() == 0


def test_credit_of_the_whole_amount_pays_the_invoice(
    sandbox: Handle, invoice: Invoice, remote_id: str, told: Sync
) -> None:
    sandbox.apply_credit(remote_id, Decimal(115))
    told()
    assert _sums(invoice) == (115, 0, True)


def test_credit_taken_off_in_xero_comes_down_here(
    sandbox: Handle, invoice: Invoice, remote_id: str, told: Sync
) -> None:
    credit = sandbox.apply_credit(remote_id, Decimal(15))
    told()
    sandbox.remove_credit(remote_id, credit)
    told()
    assert _sums(invoice) == (0, 115, False)
    assert SyncEvent.objects.filter(message="The credit was taken off in Xero.").exists()


def test_credit_that_no_webhook_told_is_found_by_the_regular_check(
    sandbox: Handle, connected: Connection, invoice: Invoice, remote_id: str
) -> None:
    sandbox.apply_credit(remote_id, Decimal(15))
    assert reconcile(connected.pk)
    assert _sums(invoice) == (15, 100, False)


def test_payment_of_what_credit_leaves_due_is_taken_by_xero(
    sandbox: Handle, invoice: Invoice, remote_id: str, told: Sync, sync: Sync
) -> None:
    sandbox.apply_credit(remote_id, Decimal(15))
    told()
    record_payment(invoice=invoice, amount=Decimal(100), date=ISSUED_ON, by=None)
    sync()
    assert _sums(invoice) == (15, 0, True)
    assert Operation.objects.count() == 0
    assert [row["Status"] for row in sandbox.dump()["Payments"]] == ["AUTHORISED"]


def test_credit_is_heard_before_our_write_and_not_sent_with_it(
    sandbox: Handle, invoice: Invoice, remote_id: str, sync: Sync
) -> None:
    sandbox.apply_credit(remote_id, Decimal(15))
    update_invoice(invoice=invoice, by=None, due_date=LATER)
    sync()
    assert _sums(invoice) == (15, 100, False)
    assert sandbox.books().invoices.get(remote_id).due_date == LATER
    assert sandbox.books().invoices.get(remote_id).amount_credited == 15


def test_credit_applied_between_our_look_and_our_write_is_not_missed(
    sandbox: Handle, invoice: Invoice, remote_id: str, sync: Sync
) -> None:
    """Our write moves the version past it: only its own answer tells."""
    send = XeroBooks.send

    def credited_meanwhile(books: XeroBooks, request: Any) -> Any:
        if request.kind == "invoice" and not sandbox.books().invoices.get(remote_id).credits:
            sandbox.apply_credit(remote_id, Decimal(15))
        return send(books, request)

    update_invoice(invoice=invoice, by=None, due_date=LATER)
    with patch.object(XeroBooks, "send", credited_meanwhile):
        sync()
    sync()
    assert _sums(invoice) == (15, 100, False)
    assert Operation.objects.count() == 0


def test_credit_that_is_known_costs_no_read_after_our_write(
    sandbox: Handle, invoice: Invoice, remote_id: str, told: Sync, sync: Sync
) -> None:
    sandbox.apply_credit(remote_id, Decimal(15))
    told()
    update_invoice(invoice=invoice, by=None, due_date=LATER)
    sandbox.clear_requests()
    sync()
    assert [(call.method, call.path.rsplit("/", 1)[1]) for call in sandbox.requests()] == [
        ("GET", "Invoices"),
        ("POST", "Invoices"),
    ]


def test_conflict_settled_with_xeros_version_keeps_the_credit(
    sandbox: Handle, connected: Connection, invoice: Invoice, remote_id: str, told: Sync, super_user: User
) -> None:
    """The version that was set aside is of some time ago: it says nothing about credit."""
    update_invoice(invoice=invoice, by=None, due_date=LATER)
    Bookkeeper(sandbox, connected).change_invoice(remote_id, DueDate="2027-01-01")
    told()
    assert Link.objects.get(kind=Kind.INVOICE).state == LinkState.OUT_OF_SYNC
    sandbox.apply_credit(remote_id, Decimal(15))
    told()
    resolve(conflict=Conflict.objects.get(), choice=Resolution.TAKE_THEIRS, seen=1, by=super_user)
    assert _sums(invoice) == (15, 100, False)


def test_credit_with_a_change_of_the_same_moment_comes_with_it(
    sandbox: Handle, connected: Connection, invoice: Invoice, remote_id: str, told: Sync
) -> None:
    Bookkeeper(sandbox, connected).change_invoice(remote_id, Reference="PO 7")
    sandbox.apply_credit(remote_id, Decimal(15))
    told()
    assert _sums(invoice) == (15, 100, False)
    assert invoice.reference == "PO 7"
    assert not Operation.objects.filter(state=OpState.FAILED).exists()
