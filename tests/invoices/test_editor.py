"""The editor of an invoice that is there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, mark_sent, update_invoice
from tests.factories.catalogue import make_service, make_tax_rate
from tests.factories.invoices import make_invoice, make_line
from tests.invoices.pages import as_shown, filled_form, typed_line, url_of
from tests.invoices.records import inputs_of
from workspaces.models import User, Workspace


@pytest.mark.parametrize("lines", [1, 3])
def test_editor_takes_the_same_queries_for_any_number_of_lines(
    in_workspace: Workspace, staff_client: Client, lines: int
) -> None:
    gst = make_tax_rate(in_workspace)
    service = make_service(in_workspace, tax_rate=gst)
    line = make_line(tax_rate=gst, service=service)
    invoice = make_invoice(in_workspace, lines=[line] * lines)

    with assert_queries(EDIT_QUERIES):
        staff_client.get(url_of(in_workspace, "edit", invoice.pk))


EDIT_QUERIES = 13


def test_edit_without_a_change_saves_nothing(in_workspace: Workspace, staff_client: Client) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    invoice = make_invoice(
        in_workspace, lines=[make_line(quantity="2.5", unit_amount="80.5555", tax_rate=gst)]
    )
    before = Invoice.objects.values().get()

    staff_client.post(url_of(in_workspace, "edit", invoice.pk), as_shown(in_workspace, staff_client, invoice))

    assert Invoice.objects.values().get() == before


def test_edit_moves_and_removes_lines(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace, lines=[make_line("A"), make_line("B"), make_line("C")])
    a, _, c = invoice.lines.all()
    lines = [typed_line(id=c.pk, description="C"), typed_line(id=a.pk, description="A!")]

    shown = as_shown(in_workspace, staff_client, invoice)

    staff_client.post(url_of(in_workspace, "edit", invoice.pk), {**shown, **filled_form(lines)})

    assert list(invoice.lines.values_list("pk", "description")) == [(c.pk, "C"), (a.pk, "A!")]


def test_edit_of_a_draft_somebody_else_saved_shows_what_they_changed_and_loses_nothing(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace, reference="Before")
    mine = as_shown(in_workspace, staff_client, invoice) | {"reference": "Mine"}
    update_invoice(invoice=invoice, by=staff, reference="Theirs", notes="Their note")

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine)

    form = response.context["form"]
    assert response.status_code == 422
    assert "INV-0001 was changed while you were editing it" in response.content.decode()
    assert form.meanwhile == [("Reference", "Theirs", "Mine", True), ("Notes", "Their note", "", False)]
    assert (form["reference"].value(), form["notes"].value()) == ("Mine", "Their note")
    assert Invoice.objects.get().reference == "Theirs"


def test_edit_saved_again_keeps_ones_own_choice_and_leaves_the_rest_as_it_is_now(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace)
    mine = as_shown(in_workspace, staff_client, invoice) | {"reference": "Mine"}
    lines = [make_line("New line"), make_line("And one more")]
    update_invoice(invoice=invoice, by=staff, reference="Theirs", notes="Their note", lines=lines)

    shown = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine).context["editor"]
    again = staff_client.post(url_of(in_workspace, "edit", invoice.pk), _sent_again(shown))

    saved = Invoice.objects.get()
    assert again.status_code == 302
    assert (saved.reference, saved.notes) == ("Mine", "Their note")
    assert [line.description for line in saved.lines.all()] == ["New line", "And one more"]


def test_edit_of_lines_both_changed_shows_theirs_beside_ones_own(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace)
    mine = as_shown(in_workspace, staff_client, invoice) | {"lines-0-unit_amount": "120"}
    update_invoice(invoice=invoice, by=staff, lines=[make_line("Thinking", unit_amount="80.50")])

    shown = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine).context["editor"]
    staff_client.post(url_of(in_workspace, "edit", invoice.pk), _sent_again(shown))

    assert shown.form.meanwhile == [("Lines", "Thinking: 1 × 80.5", "Design: 1 × 120", True)]
    assert [line.told() for line in inputs_of(Invoice.objects.get())] == ["Design: 1 × 120"]


def test_edit_of_what_others_changed_elsewhere_is_simply_saved(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    """Marking it as sent is a revision, but it is on no field of the form."""
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    mine = _as_shown_issued(in_workspace, staff_client, invoice) | {"notes": "Mine"}
    mark_sent(invoice=invoice, by=staff)

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine)

    assert (response.status_code, Invoice.objects.get().notes) == (302, "Mine")


def test_edit_of_a_draft_approved_meanwhile_says_so_and_keeps_what_was_typed(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace)
    mine = as_shown(in_workspace, staff_client, invoice) | {"lines-0-description": "Typed"}
    approve_invoice(invoice=invoice, by=staff)

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine)

    assert response.status_code == 422
    assert "INV-0001 is approved: only its reference, due date and notes can change." in response.text
    assert "Typed" in response.text


@pytest.mark.parametrize("read", ["", "garbage", "[1]", '["0",{}]', "[" * 5000])
def test_edit_without_a_reading_overwrites_nothing_unseen(
    in_workspace: Workspace, staff_client: Client, read: str
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT, reference="Theirs")

    response = staff_client.post(
        url_of(in_workspace, "edit", invoice.pk),
        {"reference": "Mine", "due_date": "2026-06-01", "read": read},
    )

    assert (response.status_code, Invoice.objects.get().reference) == (422, "Theirs")


def test_edit_of_notes_with_several_lines_changes_only_what_was_typed(
    in_workspace: Workspace, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT, notes="One\nTwo")
    mine = _as_shown_issued(in_workspace, staff_client, invoice) | {"notes": "One\r\nTwo", "reference": "PO"}

    staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine)

    assert Invoice.objects.values_list("notes", "reference").get() == ("One\nTwo", "PO")


def _as_shown_issued(workspace: Workspace, client: Client, invoice: Invoice) -> dict[str, Any]:
    form = client.get(url_of(workspace, "edit", invoice.pk)).context["form"]
    return {field.html_name: "" if field.value() is None else field.value() for field in form}


def _sent_again(editor: Any) -> dict[str, Any]:
    """What the browser sends when nothing more is typed into the page that came back."""
    return {name: value for name, value in editor.form.data.items() if name != "csrfmiddlewaretoken"}


def test_edit_keeps_an_archived_customer_and_tax_rate(in_workspace: Workspace, staff_client: Client) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    invoice = make_invoice(in_workspace, lines=[make_line(tax_rate=gst)])
    type(gst).objects.update(archived_at=invoice.created_at)
    type(invoice.customer).objects.update(archived_at=invoice.created_at)

    response = staff_client.post(
        url_of(in_workspace, "edit", invoice.pk), as_shown(in_workspace, staff_client, invoice)
    )

    assert (response.status_code, invoice.lines.get().tax_rate) == (302, gst)


def test_edit_of_an_issued_invoice_opens_what_may_change(
    in_workspace: Workspace, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)

    page = staff_client.get(url_of(in_workspace, "edit", invoice.pk)).content.decode()
    shown = _as_shown_issued(in_workspace, staff_client, invoice)
    staff_client.post(
        url_of(in_workspace, "edit", invoice.pk), {**shown, "reference": "PO 2", "due_date": "2026-06-01"}
    )

    invoice.refresh_from_db()
    assert "lines are locked" in page
    assert (invoice.reference, invoice.due_date) == ("PO 2", dt.date(2026, 6, 1))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"due_date": "2026-01-01"}, "The due date is before the issue date."),
        ({"due_date": ""}, "Give the due date."),
        ({"read": ""}, "was changed while you were editing it."),
    ],
)
def test_edit_of_an_issued_invoice_with_an_error_keeps_what_was_typed(
    in_workspace: Workspace, staff_client: Client, data: dict[str, str], sentence: str
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)
    shown = _as_shown_issued(in_workspace, staff_client, invoice)
    sent = {**shown, "reference": "Typed", "due_date": "2026-06-01", **data}

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), sent)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert b'value="Typed"' in response.content
    assert bool(response.context["form"].meanwhile) == ("read" in data)
