"""The editor of a new invoice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from lines.signals import Objection
from tests.factories.catalogue import make_service, make_tax_rate
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from tests.invoices.pages import as_shown, filled_form, typed_line, url_of
from workspaces.models import User, Workspace


def test_create_page_starts_with_today_and_one_line(in_workspace: Workspace, staff_client: Client) -> None:
    gst = make_tax_rate(in_workspace, is_default=True)
    customer = make_customer(in_workspace)

    response = staff_client.get(url_of(in_workspace, "create"), {"customer": customer.pk})
    editor = response.context["editor"]

    assert len(editor.rows) == 1
    assert editor.blank == {"quantity": "1", "tax_rate": gst.pk}
    assert (editor.number_hint, editor.form["customer"].value()) == ("INV-0001", str(customer.pk))


def test_create_saves_and_shows_the_invoice(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    customer = make_customer(in_workspace, payment_terms_days=20)
    lines = [typed_line(unit_amount="1,250.50", tax_rate=gst.pk), {"quantity": "1", "tax_rate": gst.pk}]

    response = staff_client.post(
        url_of(in_workspace, "create"), filled_form(lines, customer=customer.pk, reference="PO 1")
    )

    invoice = Invoice.objects.get()
    assert response["Location"] == url_of(in_workspace, "detail", invoice.pk)
    assert (str(invoice.net), str(invoice.total), invoice.lines.count()) == ("1250.50", "1438.08", 1)
    assert (invoice.due_date, invoice.currency, invoice.reference) == (dt.date(2026, 3, 22), "NZD", "PO 1")


def test_create_and_approve_in_one_go(in_workspace: Workspace, staff: User, staff_client: Client) -> None:
    customer = make_customer(in_workspace)

    staff_client.post(
        url_of(in_workspace, "create"),
        filled_form([typed_line()], customer=customer.pk, approve="1", number="X7"),
    )

    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.status, invoice.approved_by) == ("X7", InvoiceStatus.APPROVED, staff)


@pytest.mark.parametrize("page", ["create", "edit"])
def test_save_and_approve_with_objections_says_each_by_its_field_and_saves_nothing(
    in_workspace: Workspace, staff_client: Client, objecting: list[Objection], page: str
) -> None:
    objecting += [Objection("No such money there.", "currency"), Objection("No rate.", "tax_rate", line=2)]
    invoice = make_invoice(in_workspace) if page == "edit" else None
    shown = as_shown(in_workspace, staff_client, invoice) if invoice else {}
    typed = shown or {"customer": make_customer(in_workspace).pk}
    typed |= filled_form([typed_line(), {"quantity": "1"}, typed_line(description="Second")])
    before = list(Invoice.objects.values())

    response = staff_client.post(
        url_of(in_workspace, page, *([invoice.pk] if invoice else [])),
        {**typed, "reference": "Mine", "approve": "1"},
    )

    editor = response.context["editor"]
    assert (response.status_code, list(Invoice.objects.values())) == (422, before)
    assert editor.form.errors == {"currency": ["No such money there."]}
    assert [form.errors.get("tax_rate") for form in editor.lines] == [None, None, ["No rate."]]
    assert editor.form["reference"].value() == "Mine"


def test_create_fills_a_line_from_its_service(in_workspace: Workspace, staff_client: Client) -> None:
    service = make_service(in_workspace, name="Workshop", unit_amount=Decimal(900))

    staff_client.post(
        url_of(in_workspace, "create"),
        filled_form([{"service": service.pk, "quantity": "2"}], customer=make_customer(in_workspace).pk),
    )

    line = Invoice.objects.get().lines.get()
    assert (line.description, line.line_amount, line.service) == ("Workshop", 1800, service)


@pytest.mark.parametrize(
    ("header", "line", "sentence"),
    [
        ({"customer": ""}, {}, "Choose a customer."),
        ({"issue_date": ""}, {}, "Give the issue date."),
        ({"due_date": "2026-03-01"}, {}, "The due date is before the issue date."),
        ({"number": "A,1"}, {}, "An invoice number cannot contain a comma."),
        ({"number": "TAKEN"}, {}, "TAKEN is taken by another invoice."),
        ({"currency": "dollars"}, {}, "Choose a currency from the list."),
        ({"currency": "XQZ"}, {}, "Choose a currency from the list."),
        ({}, {"description": ""}, "Describe what is invoiced."),
        ({}, {"description": "x" * 4001}, "A description has at most 4000 characters, as in Xero."),
        ({}, {"quantity": "two"}, "Write a number like 1250.50."),
        ({}, {"unit_amount": "12,5"}, "Write a number like 1250.50."),
        ({}, {"unit_amount": ""}, "Give the price; 0 if it is free."),
        ({}, {"unit_amount": " "}, "Give the price; 0 if it is free."),
        ({"approve": "1"}, {"unit_amount": ""}, "Give the price; 0 if it is free."),
        ({}, {"quantity": ""}, "Give the quantity."),
        ({}, {"unit_amount": "0.00001"}, "Use at most 4 decimals."),
        ({}, {"unit_amount": "9" * 11}, "This number is too large."),
        ({}, {"discount_percent": "101"}, "A discount is between 0 and 100."),
        ({}, {"tax_rate": "gone"}, "This choice is no longer there. Pick another."),
        ({}, {"quantity": "999999999", "unit_amount": "9999999999"}, "Line 1 comes to more than"),
        ({}, {"description": "", "unit_amount": ""}, "Add at least one line."),
    ],
)
def test_create_with_an_error_keeps_what_was_typed(
    in_workspace: Workspace,
    staff_client: Client,
    header: dict[str, str],
    line: dict[str, str],
    sentence: str,
) -> None:
    make_invoice(in_workspace, number="TAKEN")
    typed = {"customer": str(make_customer(in_workspace).pk), "reference": "Typed reference", **header}

    response = staff_client.post(url_of(in_workspace, "create"), filled_form([typed_line(**line)], **typed))

    assert (response.status_code, Invoice.objects.count()) == (422, 1)
    assert sentence in response.content.decode()
    assert response.content.count(b"Typed reference") == 1
    assert response.context["editor"].lines[0]["quantity"].value() == line.get("quantity", "1")
    assert response.context["editor"].lines[0]["unit_amount"].value() == line.get("unit_amount", "100")


def test_create_with_a_price_of_zero_is_meant_so(in_workspace: Workspace, staff_client: Client) -> None:
    customer = make_customer(in_workspace)

    staff_client.post(
        url_of(in_workspace, "create"),
        filled_form([typed_line(unit_amount="0")], customer=customer.pk, approve="1"),
    )

    assert (Invoice.objects.get().total, Invoice.objects.get().status) == (0, InvoiceStatus.APPROVED)


def test_create_with_more_lines_than_fit_says_so(in_workspace: Workspace, staff_client: Client) -> None:
    customer = make_customer(in_workspace)

    response = staff_client.post(
        url_of(in_workspace, "create"), filled_form([typed_line()] * 101, customer=customer.pk)
    )

    assert response.status_code == 422
    assert "at most 100 lines" in response.content.decode()


def test_editor_without_script_adds_rows_and_keeps_what_was_typed(
    in_workspace: Workspace, staff_client: Client
) -> None:
    response = staff_client.post(
        url_of(in_workspace, "create"),
        filled_form([typed_line(description="Half typed")], more="1", notes="Thanks"),
    )

    editor = response.context["editor"]
    assert (response.status_code, len(editor.rows), Invoice.objects.count()) == (200, 4, 0)
    assert editor.lines[0]["description"].value() == "Half typed"
    assert editor.form["notes"].value() == "Thanks"
    assert not editor.has_errors
