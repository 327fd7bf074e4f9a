"""What the invoice editor may be sent by hand: each answer is a page or a sentence, never a fault."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client

from catalogue.services import create_tax_rate
from invoices.models import Invoice
from tests.factories.customers import make_customer
from tests.sampling import mostly_long
from workspaces.models import Workspace
from workspaces.scope import scope

ODD = [
    {"issue_date": "9999-12-31"},
    {"issue_date": "0001-01-01"},
    {"lines-TOTAL_FORMS": "²"},
    {"lines-TOTAL_FORMS": "²", "more": "1"},
    {"lines-TOTAL_FORMS": "9" * 5000, "more": "1"},
    {"lines-TOTAL_FORMS": "-5", "more": "1"},
    {"lines-0-id": "x"},
    {"lines-0-quantity": "sNaN"},
    {"lines-0-unit_amount": "1e400"},
    {"lines-0-unit_amount": "Infinity"},
    {"lines-0-tax_rate": "x"},
    {"lines-0-service": "\x00"},
    {"customer": "\x00"},
    {"customer": "x", "issue_date": "zz", "lines-0-unit_amount": "NaN", "more": "1"},
    {"revision": "9" * 50},
    {"currency": "\x00\x00\x00"},
    {"notes": "\x00"},
    {"amounts": "none"},
]


@pytest.fixture
def form(workspace: Workspace) -> dict[str, str]:
    with scope(workspace), transaction.atomic():
        customer = make_customer(workspace)
    return {
        "customer": str(customer.pk),
        "issue_date": "2026-03-02",
        "currency": "NZD",
        "amounts": "exclusive",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-description": "Design",
        "lines-0-quantity": "1",
        "lines-0-unit_amount": "1",
    }


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:50])
@pytest.mark.parametrize("page", mostly_long(["new", "preview"], quick=["new"]))
def test_odd_form_is_answered(
    super_client: Client, workspace: Workspace, form: dict[str, str], page: str, odd: dict[str, str]
) -> None:
    response = super_client.post(f"/w/{workspace.slug}/invoices/{page}/", form | odd)

    assert response.status_code in (200, 302, 422)


def test_total_beyond_the_columns_is_refused_in_a_sentence(
    super_client: Client, workspace: Workspace, form: dict[str, str]
) -> None:
    """Each line within its limit, and all of them with tax beyond what an invoice holds."""
    with scope(workspace), transaction.atomic():
        rate = create_tax_rate(workspace=workspace, name="Double", percent=Decimal(100), by=None)
    line = {
        "description": "Design",
        "quantity": "1",
        "unit_amount": "9999999999.99",
        "tax_rate": str(rate.pk),
    }
    lines = {f"lines-{row}-{name}": text for row in range(100) for name, text in line.items()}

    response = super_client.post(
        f"/w/{workspace.slug}/invoices/new/", form | lines | {"lines-TOTAL_FORMS": "100"}
    )

    assert response.status_code == 422
    assert "The lines come to more than 999,999,999,999.99" in response.content.decode()
    with scope(workspace):
        assert Invoice.objects.count() == 0
