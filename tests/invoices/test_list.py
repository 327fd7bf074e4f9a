"""The list of invoices: what it shows, counts and sums."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from tests.factories.payments import make_payment
from tests.invoices.pages import HTMX, text_of, url_of
from workspaces.models import Workspace


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_for_any_number_of_rows(
    in_workspace: Workspace, staff_client: Client, rows: int
) -> None:
    for _ in range(rows):
        make_payment(in_workspace)

    with assert_queries(LIST_QUERIES):
        response = staff_client.get(url_of(in_workspace, "list"))

    assert response.content.count(b'<th scope="row"') == rows


LIST_QUERIES = 8


def test_list_of_a_new_workspace_says_how_to_begin(in_workspace: Workspace, staff_client: Client) -> None:
    page = text_of(staff_client.get(url_of(in_workspace, "list")))

    assert "No invoices yet" in page
    assert url_of(in_workspace, "create") in page


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, ["A-3", "A-2", "A-1"]),
        ({"status": "draft"}, ["A-2", "A-1"]),
        ({"status": "draft", "q": "a-1"}, ["A-1"]),
        ({"q": "nothing like it"}, []),
        ({"status": "unheard of"}, []),
        ({"page": "99"}, ["A-3", "A-2", "A-1"]),
    ],
)
def test_list_shows_what_was_asked_for(
    in_workspace: Workspace, staff_client: Client, query: dict[str, str], numbers: list[str]
) -> None:
    make_invoice(in_workspace, number="A-1")
    make_invoice(in_workspace, number="A-2")
    make_invoice(in_workspace, number="A-3", status=InvoiceStatus.SENT)

    page = staff_client.get(url_of(in_workspace, "list"), query).content.decode()

    assert re.findall(r"row-link[^>]*>([^<]+)<", page) == numbers


def test_list_of_one_customer_leaves_the_others_out(in_workspace: Workspace, staff_client: Client) -> None:
    mine = make_invoice(in_workspace)
    make_invoice(in_workspace)

    page = staff_client.get(url_of(in_workspace, "list"), {"customer": mine.customer.pk}).content.decode()

    assert re.findall(r"row-link[^>]*>([^<]+)<", page) == [mine.number]


@pytest.mark.parametrize("customer", ["no-uuid", "0199f3f2-0000-7000-8000-000000000000"])
def test_list_of_an_unknown_customer_is_not_found(
    in_workspace: Workspace, staff_client: Client, customer: str
) -> None:
    assert staff_client.get(url_of(in_workspace, "list"), {"customer": customer}).status_code == 404


def test_list_pages_at_25(in_workspace: Workspace, staff_client: Client) -> None:
    customer = make_customer(in_workspace)
    for _ in range(26):
        make_invoice(in_workspace, customer=customer)

    second = staff_client.get(url_of(in_workspace, "list"), {"page": 2}).content

    assert second.count(b'<th scope="row"') == 1


def test_list_answers_htmx_with_its_results_only(in_workspace: Workspace, staff_client: Client) -> None:
    make_invoice(in_workspace)

    response = staff_client.get(url_of(in_workspace, "list"), **HTMX)

    assert (b"<html" in response.content, b"INV-0001" in response.content) == (False, True)


def test_list_marks_what_is_overdue(in_workspace: Workspace, staff_client: Client) -> None:
    make_invoice(in_workspace, status=InvoiceStatus.SENT, due_date=dt.date(2020, 1, 1))

    page = text_of(staff_client.get(url_of(in_workspace, "list")))

    assert "Overdue" in page


def test_list_of_overdue_invoices_counts_and_sums_them(in_workspace: Workspace, staff_client: Client) -> None:
    make_invoice(in_workspace, status=InvoiceStatus.SENT, number="LATE-1", due_date=dt.date(2026, 3, 3))
    make_invoice(in_workspace, status=InvoiceStatus.APPROVED, number="LATE-2", due_date=dt.date(2026, 3, 3))
    make_invoice(in_workspace, status=InvoiceStatus.SENT, number="OPEN", due_date=dt.date(9000, 1, 1))

    response = staff_client.get(url_of(in_workspace, "list"), {"status": "overdue"})
    page = text_of(response)

    counts = {value: count for value, _, count in response.context["tabs"]}
    assert (counts["overdue"], counts["awaiting_payment"], counts[""]) == (2, 3, 3)
    assert ("LATE-1" in page, "LATE-2" in page, "OPEN" in page) == (True, True, False)
    assert [sums["overdue"] for sums in response.context["sums"]] == [200]


@pytest.mark.parametrize("status", [InvoiceStatus.APPROVED, InvoiceStatus.SENT])
def test_issued_invoice_is_called_by_the_word_of_its_tab(
    in_workspace: Workspace, staff_client: Client, status: str
) -> None:
    invoice = make_invoice(in_workspace, status=status, due_date=dt.date(9000, 1, 1))

    for page in (url_of(in_workspace, "list"), url_of(in_workspace, "detail", invoice.pk)):
        html = staff_client.get(page).content.decode()
        badge = html.split('class="badge tone--info"')[1].split("</span>")[0]
        assert badge.endswith("Awaiting payment")
        assert ("Sent to the customer" in html) is (status == InvoiceStatus.SENT)


def test_rows_of_an_unconnected_workspace_have_no_badge_and_the_page_one_banner(
    in_workspace: Workspace, staff_client: Client
) -> None:
    make_invoice(in_workspace)
    make_invoice(in_workspace)

    page = staff_client.get(url_of(in_workspace, "list")).content.decode()

    assert (page.count("data-sync="), page.count("Xero is not connected, so nothing here is sent.")) == (0, 1)
    assert '<th scope="col">Xero</th>' not in page


def test_paid_invoice_offers_marking_as_sent_in_the_menu_only(
    in_workspace: Workspace, staff_client: Client
) -> None:
    unpaid = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    paid = make_payment(in_workspace, amount="100").invoice

    pages = [
        staff_client.get(url_of(in_workspace, "detail", invoice.pk)).content.decode()
        for invoice in (unpaid, paid)
    ]

    before_the_menu = [page.split('class="menu__panel" id="menu-')[0] for page in pages]
    assert ["Mark as sent" in page for page in pages] == [True, True]
    assert ["Mark as sent" in part for part in before_the_menu] == [True, False]
