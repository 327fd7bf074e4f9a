"""What a customer owes here, set beside Xero's own figure when somebody asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounting.enums import LinkState
from accounting.models import Connection, Link
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.enums import InvoiceStatus
from tests.factories.credit import make_credit_note
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def owing(connected: Connection, gst: TaxRate, sync: Sync) -> Customer:
    """115.00, in step with Xero."""
    invoice = make_invoice(
        connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    sync()
    return invoice.customer


def _asked(client: Client, customer: Customer, kind: str = "customer") -> str:
    url = reverse("accounting:owed", args=[customer.workspace.slug, kind, customer.pk])
    return client.get(url).content.decode()


def test_both_sides_say_the_same(staff_client: Client, owing: Customer, sandbox: Handle) -> None:
    sandbox.clear_requests()
    assert "Xero says the same" in _asked(staff_client, owing)
    assert len(sandbox.requests()) == 1


def test_credit_that_waits_makes_no_difference(staff_client: Client, owing: Customer) -> None:
    make_credit_note(owing.workspace, customer=owing, currency="NZD")

    assert "Xero says the same" in _asked(staff_client, owing)


def test_difference_is_told(staff_client: Client, owing: Customer) -> None:
    make_payment(owing.workspace, invoice=owing.invoices.get(), amount="15.00")

    page = _asked(staff_client, owing)
    assert "NZ$15.00 apart from Xero" in page
    assert all(amount in page for amount in ("NZ$115.00", "NZ$100.00"))


def test_other_currencies_are_not_set_beside_each_other(
    staff_client: Client, owing: Customer, gst: TaxRate
) -> None:
    make_invoice(
        owing.workspace,
        status=InvoiceStatus.APPROVED,
        customer=owing,
        currency="USD",
        lines=[make_line(tax_rate=gst)],
    )

    assert "cannot be set side by side" in _asked(staff_client, owing)


def test_customer_that_is_not_linked_says_so(staff_client: Client, owing: Customer) -> None:
    Link.objects.filter(local_id=owing.pk).update(state=LinkState.TOMBSTONED)

    assert "not linked to anything in Xero" in _asked(staff_client, owing)


def test_xero_that_fails_says_so(staff_client: Client, owing: Customer, sandbox: Handle) -> None:
    sandbox.faults.add("error_500", method="GET", path="Contacts")

    assert "Nothing to compare with" in _asked(staff_client, owing)


def test_what_owes_nothing_says_so(staff_client: Client, owing: Customer) -> None:
    url = reverse("accounting:owed", args=[owing.workspace.slug, "invoice", owing.invoices.get().pk])

    assert "An invoice owes nothing by itself." in staff_client.get(url).content.decode()
