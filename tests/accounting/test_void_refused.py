"""A voided invoice whose payments Xero does not let go: it stays there as it was, and here it says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounting.enums import Kind, LinkState, OpState
from accounting.models import Connection, Link, Operation
from accounting.queries.status import states_of
from accounting.sync import outbox
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice
from payments.models import Payment
from payments.services import record_payment, reverse_and_void
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

DAY = dt.date(2026, 3, 3)


@pytest.fixture
def paid(connected: Connection, gst: TaxRate, sync: Callable[[], None]) -> Invoice:
    """115.00 with payments of 30 and 20, in step."""
    draft = make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)])
    invoice = approve_invoice(invoice=draft, by=None)
    for amount in (30, 20):
        record_payment(invoice=invoice, amount=Decimal(amount), date=DAY, by=None)
    sync()
    return Invoice.objects.get()


def reconcile(sandbox: Handle, payment: Payment, *, is_reconciled: bool = True) -> None:
    books = sandbox.books()
    there = books.payments.get(Link.objects.get(local_id=payment.pk).remote_id)
    books.put(replace(there, is_reconciled=is_reconciled))


def void(invoice: Invoice) -> None:
    reverse_and_void(invoice=invoice, expected=set(Payment.objects.values_list("pk", flat=True)), by=None)


def there(sandbox: Handle, invoice: Invoice) -> dict[str, Any]:
    return next(row for row in sandbox.dump()["Invoices"] if row["InvoiceNumber"] == invoice.number)


def test_void_takes_the_payments_away_there_before_the_invoice(
    sandbox: Handle, paid: Invoice, sync: Callable[[], None]
) -> None:
    void(paid)
    sync()

    assert there(sandbox, paid)["Status"] == "VOIDED"
    assert not Operation.objects.exists()
    assert not Link.objects.filter(kind=Kind.PAYMENT, state=LinkState.ACTIVE).exists()


def test_void_whose_one_payment_is_reconciled_leaves_the_invoice_there_and_says_so(
    sandbox: Handle, paid: Invoice, sync: Callable[[], None]
) -> None:
    kept = Payment.objects.get(amount=30)
    reconcile(sandbox, kept)

    void(paid)
    sync()
    sync()

    standing = there(sandbox, paid)
    assert (standing["Status"], standing["AmountPaid"]) == ("AUTHORISED", 30)
    assert Link.objects.get(local_id=paid.pk).state == LinkState.ACTIVE
    assert Operation.objects.get(local_id=kept.pk).state == OpState.FAILED
    invoice = Invoice.objects.get()
    status = states_of(Kind.INVOICE, [invoice])[invoice.pk]
    assert status.code == "needs_attention"
    assert status.reason.startswith("The payment could not be sent to Xero: In Xero it is reconciled")


@pytest.mark.long
def test_void_goes_on_once_the_payment_lets_go(
    sandbox: Handle, paid: Invoice, sync: Callable[[], None]
) -> None:
    kept = Payment.objects.get(amount=30)
    reconcile(sandbox, kept)
    void(paid)
    sync()

    reconcile(sandbox, kept, is_reconciled=False)
    outbox.retry_failed(Operation.objects.filter(local_id=kept.pk))
    sync()

    assert there(sandbox, paid)["Status"] == "VOIDED"
    assert not Operation.objects.exists()


@pytest.mark.long
def test_void_goes_on_once_the_bookkeeper_took_the_payment_away(
    sandbox: Handle, connected: Connection, paid: Invoice, sync: Callable[[], None]
) -> None:
    kept = Payment.objects.get(amount=30)
    reconcile(sandbox, kept)
    void(paid)
    sync()
    reconcile(sandbox, kept, is_reconciled=False)

    Bookkeeper(sandbox, connected).delete_payment(Link.objects.get(local_id=kept.pk).remote_id)
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, Link.objects.get(local_id=paid.pk).remote_id)
    sync()
    sync()

    assert there(sandbox, paid)["Status"] == "VOIDED"
    assert not Operation.objects.exists()
    assert Invoice.objects.get().status == InvoiceStatus.VOIDED
