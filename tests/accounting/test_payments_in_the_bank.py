"""Rates, what came into the bank, and payments that Xero does not let go of."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template

from accounting.enums import Kind
from accounting.models import Connection, Link, Mapping
from accounting.sync.reconcile import reconcile
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.choosing import account_id
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
KEPT = Template("{% load sync_status %}{% sync_kept 'payment' row as why %}{{ why|join:'' }}")


@pytest.fixture
def dollars(connected: Connection, gst: TaxRate) -> Invoice:
    """In US dollars, and the bank takes New Zealand's."""
    Mapping.objects.update(payment_account_id=account_id("090"))
    return make_invoice(
        connected.workspace, status=InvoiceStatus.APPROVED, currency="USD", lines=[make_line(tax_rate=gst)]
    )


def _paid_there(sandbox: Handle, connection: Connection) -> dict[str, Any]:
    link = Link.objects.get(kind=Kind.PAYMENT)
    rows = Bookkeeper(sandbox, connection).read_all("Payments")
    return next(row for row in rows if row["PaymentID"] == link.remote_id)


def test_what_came_into_the_bank_is_told_and_the_rate_comes_back(
    connected: Connection, dollars: Invoice, sandbox: Handle, sync: Sync
) -> None:
    payment = make_payment(connected.workspace, invoice=dollars, bank_amount=Decimal("66.40"))
    sync()
    there = _paid_there(sandbox, connected)
    assert (there["BankAmount"], there["Amount"]) == (66.4, 40)

    Bookkeeper(sandbox, connected).change_invoice(
        Link.objects.get(kind=Kind.INVOICE).remote_id, Reference="x"
    )
    assert reconcile(connected.pk)
    payment.refresh_from_db()
    assert payment.rate == Decimal(str(there["CurrencyRate"]))
    assert not payment.is_reversed


def test_rate_of_the_base_currency_is_none(connected: Connection, gst: TaxRate, sync: Sync) -> None:
    invoice = make_invoice(
        connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    make_payment(connected.workspace, invoice=invoice)
    sync()

    assert Payment.objects.get().rate is None
    assert Link.objects.get(kind=Kind.PAYMENT).base["rate"] is None


@pytest.mark.parametrize(("batch", "said"), [("b-1", "part of a batch payment"), ("", "")])
def test_payment_of_a_batch_says_that_it_stays_there(
    connected: Connection, dollars: Invoice, sync: Sync, batch: str, said: str
) -> None:
    payment = make_payment(connected.workspace, invoice=dollars)
    sync()
    link = Link.objects.get(kind=Kind.PAYMENT)
    Link.objects.filter(pk=link.pk).update(base=link.base | {"batch_id": batch})

    told = KEPT.render(Context({"row": payment}))
    assert (said in told) if said else told == ""
