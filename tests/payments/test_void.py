"""Voiding an invoice on which payments or credit stand: what each choice leads to, and the deed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.changes import caused_by
from core.refusals import Refused
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import take_credit
from lines.refusals import Locked
from payments.models import Payment
from payments.services import record_payment, reverse_and_void, reverse_payment
from tests.accounting.pages import words
from tests.factories.invoices import ISSUED_ON, make_invoice
from workspaces.models import Workspace


@pytest.fixture
def paid(in_workspace: Workspace) -> Invoice:
    """100.00, with payments of 30 and 20 on it."""
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    for amount in (30, 20):
        record_payment(invoice=invoice, amount=Decimal(amount), date=ISSUED_ON, reference="bank", by=None)
    return Invoice.objects.get()


def page(invoice: Invoice) -> str:
    return reverse("payments:void", args=[invoice.workspace.slug, invoice.pk])


def shown() -> list[str]:
    return [str(pk) for pk in Payment.objects.filter(reversed_at=None).values_list("pk", flat=True)]


def test_reverse_and_void_takes_every_payment_back_and_voids(paid: Invoice) -> None:
    reverse_and_void(invoice=paid, expected=set(Payment.objects.values_list("pk", flat=True)), by=None)

    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.amount_paid) == (InvoiceStatus.VOIDED, 0)
    assert not Payment.objects.filter(reversed_at=None).exists()


def test_reverse_and_void_of_a_voided_invoice_changes_nothing(paid: Invoice) -> None:
    reverse_and_void(invoice=paid, expected=set(Payment.objects.values_list("pk", flat=True)), by=None)
    before = Invoice.objects.get().updated_at

    reverse_and_void(invoice=paid, expected=set(), by=None)

    assert Invoice.objects.get().updated_at == before


def test_reverse_and_void_with_a_payment_that_nobody_was_shown_is_refused_whole(paid: Invoice) -> None:
    expected = set(Payment.objects.values_list("pk", flat=True))
    with caused_by("remote"):
        record_payment(invoice=paid, amount=Decimal(50), date=ISSUED_ON, by=None)

    with pytest.raises(Refused, match="changed meanwhile"):
        reverse_and_void(invoice=paid, expected=expected, by=None)

    assert Invoice.objects.get().status == InvoiceStatus.APPROVED
    assert Payment.objects.filter(reversed_at=None).count() == 3


def test_reverse_and_void_where_credit_stands_is_refused_whole(paid: Invoice) -> None:
    take_credit(invoice=paid, amount=Decimal(10))

    with pytest.raises(Locked, match="Remove it there"):
        reverse_and_void(invoice=paid, expected=set(Payment.objects.values_list("pk", flat=True)), by=None)

    assert Payment.objects.filter(reversed_at=None).count() == 2


def test_page_says_what_happens_to_each_payment_before_it_does(paid: Invoice, staff_client: Client) -> None:
    told = words(staff_client.get(page(paid)))

    assert "The payment of NZ$30.00 is reversed" in told
    assert "The payment of NZ$20.00 is reversed" in told
    assert f"{paid.number} is voided" in told
    assert "Leave it as it is Nothing changes." in told
    assert Invoice.objects.get().status == InvoiceStatus.APPROVED


def test_page_confirmed_voids_and_then_shows_the_steps(paid: Invoice, staff_client: Client) -> None:
    answer = staff_client.post(page(paid), {"payment": shown()}, follow=True)

    assert answer.redirect_chain == [(page(paid), 302)]
    assert Invoice.objects.get().status == InvoiceStatus.VOIDED
    told = words(answer)
    assert "Reverse the payment of NZ$30.00" in told
    assert f"Void {paid.number}" in told
    assert "Reverse and void" not in told


def test_page_that_grew_old_voids_nothing_and_says_so(paid: Invoice, staff_client: Client) -> None:
    sent = {"payment": shown()}
    reverse_payment(payment=Payment.objects.first(), by=None)

    answer = staff_client.post(page(paid), sent, follow=True)

    assert "changed meanwhile. Look at them again" in words(answer)
    assert Invoice.objects.get().status == InvoiceStatus.APPROVED


def test_page_where_credit_stands_offers_no_voiding(paid: Invoice, staff_client: Client) -> None:
    take_credit(invoice=paid, amount=Decimal(10))

    told = words(staff_client.get(page(paid)))

    assert "NZ$10.00 of credit was applied in Xero, and only there can it be taken off." in told
    assert "Reverse and void" not in told


def test_page_of_a_draft_leads_to_the_draft(in_workspace: Workspace, staff_client: Client) -> None:
    draft = make_invoice(in_workspace)

    assert staff_client.get(page(draft)).status_code == 302


def test_invoice_with_payments_leads_to_the_page(paid: Invoice, staff_client: Client) -> None:
    detail = reverse("invoices:detail", args=[paid.workspace.slug, paid.pk])

    assert f'href="{page(paid)}"' in staff_client.get(detail).content.decode()
