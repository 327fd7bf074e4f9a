"""An invoice's page, and the steps taken from it."""

from __future__ import annotations

import pytest
from django.test import Client

from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from lines.signals import Objection
from tests.factories.catalogue import make_tax_rate
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from tests.invoices.pages import HTMX, text_of, url_of
from workspaces.models import User, Workspace


def test_step_approve_with_an_objection_says_why(
    in_workspace: Workspace, staff_client: Client, objecting: list[Objection]
) -> None:
    objecting.append(Objection("No rate.", "tax_rate", line=1))
    invoice = make_invoice(in_workspace)

    page = staff_client.post(url_of(in_workspace, "approve", invoice.pk), follow=True).content.decode()

    assert "Line 1: No rate." in page
    assert Invoice.objects.get().status == InvoiceStatus.DRAFT


@pytest.mark.parametrize("status", InvoiceStatus.values)
def test_detail_shows_the_document_in_every_status(
    in_workspace: Workspace, staff_client: Client, status: str
) -> None:
    gst = make_tax_rate(in_workspace, name="GST 15%", percent="15")
    line = make_line("Brand design", tax_rate=gst, discount_percent="10")
    invoice = make_invoice(in_workspace, status=status, lines=[line], notes="Thank you")

    page = text_of(staff_client.get(url_of(in_workspace, "detail", invoice.pk)))

    for text in ("INV-0001", "Brand design", "GST 15%", "13.50", "103.50", "10% discount", "Thank you"):
        assert text in page


def test_history_can_be_scrolled_by_keyboard(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace)
    page = text_of(staff_client.get(url_of(in_workspace, "detail", invoice.pk)))
    assert '<ol class="history" tabindex="0" aria-label="History">' in page


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_takes_the_same_queries_for_any_number_of_rows(
    in_workspace: Workspace, staff_client: Client, rows: int
) -> None:
    gst = make_tax_rate(in_workspace)
    lines = [make_line(tax_rate=gst)] * rows
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT, lines=lines)
    for _ in range(rows):
        make_payment(in_workspace, invoice=invoice, amount="1")

    with assert_queries(DETAIL_QUERIES):
        staff_client.get(url_of(in_workspace, "detail", invoice.pk))


DETAIL_QUERIES = 11


@pytest.mark.parametrize("name", ["header", "document", "history"])
def test_parts_of_the_page_refresh_by_themselves(
    in_workspace: Workspace, staff_client: Client, name: str
) -> None:
    invoice = make_invoice(in_workspace)

    response = staff_client.get(url_of(in_workspace, name, invoice.pk), **HTMX)

    page = response.content.decode()
    assert "<html" not in page
    assert f'hx-get="{url_of(in_workspace, name, invoice.pk)}"' in page
    assert 'hx-trigger="recordChanged from:body"' in page


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        (InvoiceStatus.DRAFT, "submit", InvoiceStatus.AWAITING_APPROVAL),
        (InvoiceStatus.AWAITING_APPROVAL, "approve", InvoiceStatus.APPROVED),
        (InvoiceStatus.APPROVED, "sent", InvoiceStatus.SENT),
        (InvoiceStatus.SENT, "reopen", InvoiceStatus.DRAFT),
        (InvoiceStatus.APPROVED, "void", InvoiceStatus.VOIDED),
    ],
)
def test_step_moves_the_invoice_and_names_who(
    in_workspace: Workspace, staff: User, staff_client: Client, before: str, step: str, after: str
) -> None:
    invoice = make_invoice(in_workspace, status=before)

    response = staff_client.post(url_of(in_workspace, step, invoice.pk), follow=True)

    assert Invoice.objects.get().status == after
    assert response.context["history"].first().actor == staff
    assert [message.level_tag for message in response.context["messages"]] == ["success"]


def test_step_that_is_refused_says_why(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_payment(in_workspace).invoice

    response = staff_client.post(url_of(in_workspace, "void", invoice.pk), follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        f"{invoice} has payments. Reverse them, then void it."
    ]


def test_step_by_get_is_refused(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace)

    assert staff_client.get(url_of(in_workspace, "approve", invoice.pk)).status_code == 405


def test_delete_removes_a_draft(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace)

    response = staff_client.post(url_of(in_workspace, "delete", invoice.pk))

    assert (response["Location"], Invoice.objects.count()) == (url_of(in_workspace, "list"), 0)


def test_delete_of_an_issued_invoice_is_refused(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)

    response = staff_client.post(url_of(in_workspace, "delete", invoice.pk))

    assert (response["Location"], Invoice.objects.count()) == (url_of(in_workspace, "detail", invoice.pk), 1)
