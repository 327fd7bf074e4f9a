"""The list of payments."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from tests.factories.payments import make_payment
from workspaces.models import Workspace


def _page(client: Client, workspace: Workspace, name: str = "list", **asked: str) -> str:
    response = client.get(reverse(f"payments:{name}", args=[workspace.slug]), asked)
    assert response.status_code == 200
    return b"".join(response).decode()


def _references(page: str) -> list[str]:
    return re.findall(r"\bR-\d\b", page)


@pytest.fixture
def three(in_workspace: Workspace) -> Workspace:
    """Of the 1st, the 2nd and, reversed, the 3rd of March; the second of Kea and the largest."""
    kea = make_invoice(
        in_workspace, status=InvoiceStatus.APPROVED, customer=make_customer(in_workspace, name="Kea Ltd")
    )
    first = dt.date(2026, 3, 1)
    make_payment(in_workspace, reference="R-1", date=first)
    make_payment(
        in_workspace, invoice=kea, reference="R-2", date=first + dt.timedelta(days=1), amount="70.00"
    )
    make_payment(in_workspace, reference="R-3", date=first + dt.timedelta(days=2), reversed_=True)
    return in_workspace


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, ["R-3", "R-2", "R-1"]),
        ({"sort": "date"}, ["R-1", "R-2", "R-3"]),
        ({"sort": "-amount"}, ["R-2", "R-3", "R-1"]),
        ({"sort": "nonsense"}, ["R-3", "R-2", "R-1"]),
        ({"show": "live"}, ["R-2", "R-1"]),
        ({"show": "reversed"}, ["R-3"]),
        ({"q": "kea"}, ["R-2"]),
        ({"since": "2026-03-02", "until": "2026-03-02"}, ["R-2"]),
        ({"since": "2027-01-01"}, []),
    ],
)
def test_list_shows_what_was_asked_for(
    staff_client: Client, three: Workspace, asked: dict[str, str], told: list[str]
) -> None:
    assert _references(_page(staff_client, three, **asked)) == told
    assert _references(_page(staff_client, three, "download", **asked)) == told


def test_days_that_cannot_be_read_say_so_and_narrow_nothing(staff_client: Client, three: Workspace) -> None:
    page = _page(staff_client, three, since="yesterday")
    assert "Write a date like" in page
    assert len(_references(page)) == 3


def test_sums_leave_reversed_ones_out(staff_client: Client, three: Workspace) -> None:
    assert "NZ$110.00" in _page(staff_client, three)


def test_pressed_again_a_head_turns_the_order_round(staff_client: Client, three: Workspace) -> None:
    page = _page(staff_client, three, sort="date", page="1")

    assert 'aria-sort="ascending"><a href="?sort=-date">' in page


def test_new_workspace_says_where_payments_come_from(staff_client: Client, in_workspace: Workspace) -> None:
    assert "No payments yet" in _page(staff_client, in_workspace)


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_for_any_number_of_rows(
    staff_client: Client, in_workspace: Workspace, rows: int
) -> None:
    for _ in range(rows):
        make_payment(in_workspace)
    url = reverse("payments:list", args=[in_workspace.slug])
    with assert_queries(10):
        staff_client.get(url)
