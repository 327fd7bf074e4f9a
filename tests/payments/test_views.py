"""The payments panel and its dialogs."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Literal

import pytest
from django.test import Client
from django.urls import reverse

from accounting.enums import Kind, LinkState
from accounting.models import Link, Operation
from core.changes import caused_by
from invoices.enums import InvoiceStatus
from invoices.services import take_credit
from payments.models import Payment
from tests.factories.accounting import make_connection, make_link
from tests.factories.invoices import make_invoice
from tests.factories.payments import make_payment
from workspaces.models import User, Workspace
from workspaces.scope import scope

HTMX = {"HTTP_HX_REQUEST": "true"}
PAID = {"amount": "40", "date": "2026-03-10", "reference": "Bank 12"}


def _url(workspace: Workspace, name: str, *args: Any) -> str:
    return reverse(f"payments:{name}", args=[workspace.slug, *args])


def test_panel_lists_payments_with_their_reversals(in_workspace: Workspace, staff_client: Client) -> None:
    payment = make_payment(in_workspace, reference="Bank 7", reversed_=True)
    make_payment(in_workspace, invoice=payment.invoice, amount="25")

    page = staff_client.get(_url(in_workspace, "panel", payment.invoice_id)).content.decode()

    assert ["Bank 7" in page, "Reversed" in page, "NZ$25.00" in page, "NZ$75.00" in page] == [True] * 4
    assert page.count(">from Xero<") == 0
    assert 'hx-trigger="recordChanged from:body"' in page


def test_reversed_payment_is_called_so_once_here_and_once_for_xero(
    in_workspace: Workspace, staff_client: Client
) -> None:
    connection = make_connection(in_workspace)
    payment = make_payment(in_workspace, reversed_=True)
    make_link(connection, Kind.PAYMENT, payment.pk)
    Operation.objects.all().delete()
    Link.objects.update(state=LinkState.TOMBSTONED)

    page = staff_client.get(_url(in_workspace, "panel", payment.invoice_id)).content.decode()

    assert (page.count("Reversed"), page.count("Removed")) == (2, 0)


def test_dialogs_go_into_the_slot_and_leave_it_there(in_workspace: Workspace, staff_client: Client) -> None:
    """The parts around the buttons swap themselves as a whole, and htmx hands that down unless told otherwise."""
    payment = make_payment(in_workspace)

    page = staff_client.get(reverse("invoices:detail", args=[in_workspace.slug, payment.invoice_id])).content

    openers = page.count(b'hx-target="#dialog-slot"')
    assert (openers, page.count(b'hx-target="#dialog-slot" hx-swap="innerHTML"')) == (2, 2)


def test_record_dialog_starts_with_all_that_is_due(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_payment(in_workspace, amount="40").invoice

    response = staff_client.get(_url(in_workspace, "record", invoice.pk), **HTMX)

    page = response.content.decode()
    assert ["<dialog" in page, "<html" in page, 'value="60.00"' in page] == [True, False, True]


def test_record_answers_with_what_moved(in_workspace: Workspace, staff: User, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)

    response = staff_client.post(_url(in_workspace, "record", invoice.pk), PAID, **HTMX)

    payment = Payment.objects.get()
    assert (payment.amount, payment.reference, payment.actor) == (40, "Bank 12", staff)
    assert response.status_code == 204
    assert set(json.loads(response["HX-Trigger"])) == {"dialog:close", "recordChanged", "toast"}


def test_record_without_script_returns_to_the_invoice(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)

    page = staff_client.get(_url(in_workspace, "record", invoice.pk)).content.decode()
    response = staff_client.post(_url(in_workspace, "record", invoice.pk), PAID)

    assert ["<html" in page, "<dialog" in page, page.count('id="payment-form"')] == [True, False, 1]
    assert response["Location"] == reverse("invoices:detail", args=[in_workspace.slug, invoice.pk])
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": ""}, "Write how much was received."),
        ({"amount": "0"}, "A payment must be more than zero."),
        ({"amount": "100.01"}, "Only NZD 100.00 is due on INV-0001."),
        ({"amount": "1.005"}, "Use at most 2 decimals."),
        ({"amount": "much"}, "Write a number like 1250.50."),
        ({"date": ""}, "Give the date."),
    ],
)
def test_record_with_an_error_keeps_what_was_typed(
    in_workspace: Workspace, staff_client: Client, change: dict[str, str], sentence: str
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)

    response = staff_client.post(_url(in_workspace, "record", invoice.pk), {**PAID, **change}, **HTMX)

    page = response.content.decode()
    assert (response.status_code, Payment.objects.count()) == (422, 0)
    assert [sentence in page, 'value="Bank 12"' in page, "<dialog" in page] == [True, True, False]


def test_record_on_a_draft_says_why_not(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace)

    response = staff_client.post(_url(in_workspace, "record", invoice.pk), PAID)

    assert response.status_code == 422
    told = "INV-0001 is draft. The payment of NZD 40.00 can be recorded once it is approved."
    assert told in response.content.decode()


def test_reverse_asks_first(in_workspace: Workspace, staff_client: Client) -> None:
    payment = make_payment(in_workspace)

    response = staff_client.get(_url(in_workspace, "reverse", payment.pk), **HTMX)

    payment.refresh_from_db()
    assert (b"<dialog" in response.content, payment.is_reversed) == (True, False)


def test_reverse_takes_the_payment_back(in_workspace: Workspace, staff_client: Client) -> None:
    payment = make_payment(in_workspace)

    response = staff_client.post(_url(in_workspace, "reverse", payment.pk), **HTMX)

    payment.refresh_from_db()
    assert (payment.is_reversed, response.status_code) == (True, 204)
    assert "recordChanged" in json.loads(response["HX-Trigger"])


def test_reverse_without_script_returns_to_the_invoice(in_workspace: Workspace, staff_client: Client) -> None:
    payment = make_payment(in_workspace)

    response = staff_client.post(_url(in_workspace, "reverse", payment.pk))

    assert response["Location"] == reverse("invoices:detail", args=[in_workspace.slug, payment.invoice_id])


@pytest.mark.parametrize("name", ["panel", "record"])
def test_invoice_pages_are_not_there_for_strangers(
    in_workspace: Workspace, stranger: User, client: Client, name: str
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(_url(in_workspace, name, invoice.pk)).status_code == 404


def test_reverse_is_not_there_for_strangers(in_workspace: Workspace, stranger: User, client: Client) -> None:
    payment = make_payment(in_workspace)
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(_url(in_workspace, "reverse", payment.pk)).status_code == 404
    payment.refresh_from_db()
    assert not payment.is_reversed


def test_panel_names_who_recorded_a_payment_and_is_gone(
    super_client: Client, workspace: Workspace, staff: User
) -> None:
    with scope(workspace):
        payment = make_payment(workspace, by=staff)
        name = str(staff)
        staff.delete()

    text = super_client.get(f"/w/{workspace.slug}/invoices/{payment.invoice_id}/").content.decode()

    assert (name in text, "from Xero" in text) == (True, False)


@pytest.mark.parametrize(("source", "told"), [("remote", "from Xero"), ("user", "from Tandem")])
def test_panel_tells_a_payment_from_xero_and_one_of_tandems(
    super_client: Client, workspace: Workspace, source: Literal["remote", "user"], told: str
) -> None:
    with scope(workspace), caused_by(source):
        payment = make_payment(workspace)

    assert told in super_client.get(f"/w/{workspace.slug}/invoices/{payment.invoice_id}/").content.decode()


def test_record_takes_no_more_than_credit_leaves_due(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)
    take_credit(invoice=invoice, amount=Decimal(30))
    url = _url(in_workspace, "record", invoice.pk)

    assert 'value="70.00"' in staff_client.get(url, **HTMX).content.decode()
    refused = staff_client.post(url, {**PAID, "amount": "70.01"}, **HTMX)
    assert "Only NZD 70.00 is due on INV-0001." in refused.content.decode()
    assert Payment.objects.count() == 0
