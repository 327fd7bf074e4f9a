"""The financial side of a customer."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from tests.factories.customers import make_customer
from workspaces.models import Workspace


def _page(client: Client, customer: Customer, name: str = "financial", **asked: str) -> str:
    response = client.get(reverse(f"ledger:{name}", args=[customer.workspace.slug, customer.pk]), asked)
    assert response.status_code == 200
    return b"".join(response).decode()


def test_page_tells_what_they_owe_and_why(staff_client: Client, kea: Customer) -> None:
    page = _page(staff_client, kea)

    assert all(
        told in page for told in ("NZ$75.00", "NZ$110.00", "NZ$35.00", "Credit applied in Xero", "INV-X")
    )


def test_both_sides_of_a_customer_lead_to_each_other(staff_client: Client, kea: Customer) -> None:
    details = reverse("customers:detail", args=[kea.workspace.slug, kea.pk])

    assert details in _page(staff_client, kea)
    assert "/financial/" in staff_client.get(details).content.decode()


def test_empty_ledger_says_what_will_stand_there(staff_client: Client, in_workspace: Workspace) -> None:
    assert "Nothing yet" in _page(staff_client, make_customer(in_workspace))


@pytest.mark.parametrize("currency", ["NZD", "XXX"])
def test_table_has_every_entry(staff_client: Client, kea: Customer, currency: str) -> None:
    """A currency in which there is nothing shows the one that there is."""
    rows = _page(staff_client, kea, "download", currency=currency).splitlines()

    assert len(rows) == 8
    assert rows[1].endswith("5.00,75.00,NZD")
