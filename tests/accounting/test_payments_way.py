"""Payments go both ways, only to Xero or only from it; what is on both sides follows both ways."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounting.choices import PaymentsWay
from accounting.enums import Blocker, Kind, OpState
from accounting.models import Connection, Mapping, Operation
from accounting.queries.status import states_of
from accounting.queries.unsent import count_unsent
from catalogue.models import TaxRate
from invoices.models import Invoice
from payments.models import Payment
from payments.services import record_payment, reverse_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.keeping_step import Hear, Sync, bookkeeper, hear
from tests.accounting.pages import notices, words
from tests.accounting.test_mapping_foreseen import confirm, save
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from workspaces.models import Workspace

__all__ = ["bookkeeper", "hear"]


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    made = make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)], status="approved")
    sync()
    return made


def go(way: PaymentsWay) -> None:
    Mapping.objects.update(payments_way=way)


def pay(invoice: Invoice, amount: int = 10) -> Payment:
    return record_payment(invoice=invoice, amount=Decimal(amount), date=ISSUED_ON, by=None)


def paid_there(bookkeeper: Bookkeeper) -> list[float]:
    return [row["AmountPaid"] for row in bookkeeper.read_all("Invoices")]


def test_payment_that_stays_here_says_why(invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync) -> None:
    go(PaymentsWay.FROM)
    payment = pay(invoice)

    sync()

    status = states_of(Kind.PAYMENT, [payment])[payment.pk]
    assert status.reason == "Payments do not go to Xero, as chosen in Settings > Accounting."
    assert (status.is_kept_here, paid_there(bookkeeper)) == (True, [0])
    assert not Operation.objects.exists()
    assert count_unsent(Kind.PAYMENT).total == 0


def test_payment_that_is_on_both_sides_is_taken_back_on_both(
    invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """Nothing would tell the two apart again."""
    payment = pay(invoice)
    sync()
    go(PaymentsWay.FROM)

    reverse_payment(payment=payment, by=None)
    sync()

    assert paid_there(bookkeeper) == [0]


def test_payment_recorded_there_stays_there(
    invoice: Invoice,
    bookkeeper: Bookkeeper,
    hear: Hear,
    super_client: Client,
    workspace: Workspace,
    sync: Sync,
) -> None:
    go(PaymentsWay.TO)
    bookkeeper.pay(bookkeeper.read_all("Invoices")[0]["InvoiceID"], 20)
    hear()
    assert not Payment.objects.exists()

    page = save(super_client, workspace, payments_way="both")
    assert "1 invoice will be read from Xero again." in words(page)
    assert notices(confirm(super_client, workspace, page)) == ["Saved."]
    sync()
    assert Payment.objects.get().amount == 20


@pytest.mark.parametrize("way", PaymentsWay.values)
def test_same_payment_recorded_on_both_sides_is_linked_and_not_doubled(
    invoice: Invoice, bookkeeper: Bookkeeper, hear: Hear, way: PaymentsWay
) -> None:
    go(way)
    there = bookkeeper.read_all("Invoices")[0]["InvoiceID"]
    bookkeeper.pay(there, 10, date=str(ISSUED_ON))
    pay(invoice)
    Operation.objects.update(state=OpState.BLOCKED, blocker=Blocker.SETUP)

    hear()

    assert (paid_there(bookkeeper), Payment.objects.count()) == ([10], 1)


def test_way_that_is_none_cannot_be_kept(connected: Connection) -> None:
    with pytest.raises(IntegrityError, match="mapping_payments_way_known"), transaction.atomic():
        Mapping.objects.update(payments_way="up")
