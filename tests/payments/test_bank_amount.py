"""What came into a bank account of another currency."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core.refusals import Refused
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from payments.signals import Bank, naming_bank
from tests.factories.invoices import make_invoice
from tests.factories.payments import make_payment
from workspaces.models import Workspace


@pytest.fixture
def bank() -> Iterator[Bank]:
    """A bank account in New Zealand dollars, which takes every payment."""
    told = Bank("090 Bank", "NZD")

    def answer(sender: None, **kwargs: Any) -> Bank:
        return told

    naming_bank.connect(answer)
    yield told
    naming_bank.disconnect(answer)


@pytest.fixture
def dollars(in_workspace: Workspace, bank: Bank) -> Invoice:
    return make_invoice(in_workspace, status=InvoiceStatus.APPROVED, currency="USD")


def test_it_is_kept_in_the_currency_of_the_bank(dollars: Invoice) -> None:
    payment = make_payment(dollars.workspace, invoice=dollars, bank_amount=Decimal("66.40"))

    assert (payment.bank_amount, payment.bank_currency) == (Decimal("66.40"), "NZD")


@pytest.mark.parametrize(("currency", "amount"), [("NZD", "66.40"), ("USD", "0")])
def test_one_that_says_nothing_is_refused(
    in_workspace: Workspace, bank: Bank, currency: str, amount: str
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED, currency=currency)
    with pytest.raises(Refused) as refused:
        make_payment(in_workspace, invoice=invoice, bank_amount=Decimal(amount))

    assert refused.value.field == "bank_amount"


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("payment_bank_amount_has_a_currency", {"bank_amount": Decimal(1)}),
        ("payment_bank_amount_has_a_currency", {"bank_currency": "NZD"}),
        ("payment_bank_amount_has_a_currency", {"bank_amount": Decimal(-1), "bank_currency": "NZD"}),
        ("payment_rate_positive", {"rate": Decimal(0)}),
    ],
)
def test_database_refuses(in_workspace: Workspace, constraint: str, values: dict[str, Any]) -> None:
    payment = make_payment(in_workspace)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(**values)


def test_dialog_asks_for_it_only_where_the_bank_has_another_currency(
    staff_client: Client, dollars: Invoice
) -> None:
    kiwi = make_invoice(dollars.workspace, status=InvoiceStatus.APPROVED)
    urls = [reverse("payments:record", args=[dollars.workspace.slug, row.pk]) for row in (dollars, kiwi)]
    pages = [staff_client.get(url) for url in urls]

    asked = ["Came into 090 Bank" in page.content.decode() for page in pages]
    assert asked == [True, False]
