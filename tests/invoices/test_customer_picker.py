"""Choosing the customer of an invoice: the same page for three customers and for thousands, with script and without."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.changes import unobserved
from customers.models import Customer
from customers.services import archive_customer
from invoices.models import Invoice
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from workspaces.models import Workspace
from workspaces.scope import scope


def _url(workspace: Workspace, name: str, *args: Any) -> str:
    return reverse(f"invoices:{name}", args=[workspace.slug, *args])


def _typed(**customer: str) -> dict[str, str]:
    """A new invoice of one line, with these inputs of the picker."""
    line = {"description": "Design", "quantity": "1", "unit_amount": "100"}
    return {
        "issue_date": "2026-03-02",
        "amounts": "exclusive",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        **{f"lines-0-{name}": value for name, value in line.items()},
        **customer,
    }


def test_editor_is_the_same_page_for_three_customers_and_for_two_thousand(
    in_workspace: Workspace, staff_client: Client
) -> None:
    pages = [_measured(in_workspace, staff_client, more) for more in (3, 1997)]

    assert pages[0] == pages[1]
    assert pages[0][1] < 40_000


def _measured(workspace: Workspace, client: Client, more: int) -> tuple[int, int]:
    """The queries and the bytes of the page after so many more customers came."""
    first = Customer.objects.count()
    rows = [
        Customer(workspace=workspace, name=f"Kea {n}", reference=f"X-{n}", currency="NZD")
        for n in range(first, first + more)
    ]
    with transaction.atomic(), unobserved("only that there are many matters"):
        Customer.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(_url(workspace, "create"))
    return len(captured), len(page.content)


def test_customer_of_another_workspace_cannot_be_chosen(
    in_workspace: Workspace, staff_client: Client, stranger: Any
) -> None:
    other = stranger.memberships.get().workspace
    with scope(other):
        theirs = make_customer(other, name="Theirs")

    by_id = staff_client.post(_url(in_workspace, "create"), _typed(customer=str(theirs.pk)))
    by_name = staff_client.post(_url(in_workspace, "create"), _typed(**{"customer-text": "Theirs"}))

    assert (by_id.status_code, by_name.status_code, Invoice.objects.count()) == (422, 422, 0)


@pytest.mark.parametrize("text", ["Harbour Bakery", "  harbour   BAKERY "])
def test_name_typed_in_full_is_that_customer(
    in_workspace: Workspace, staff_client: Client, text: str
) -> None:
    bakery = make_customer(in_workspace, name="Harbour Bakery")
    make_customer(in_workspace, name="Harbour Bakery Annex")

    staff_client.post(_url(in_workspace, "create"), _typed(**{"customer": "", "customer-text": text}))

    assert Invoice.objects.get().customer == bakery


def test_part_of_a_name_is_asked_back_with_candidates_and_the_choice_is_taken(
    in_workspace: Workspace, staff_client: Client
) -> None:
    bakery = make_customer(in_workspace, name="Harbour Bakery")
    make_customer(in_workspace, name="Harbour Studio")
    typed = _typed(**{"customer": "", "customer-label": "", "customer-text": "harb"})

    asked = staff_client.post(_url(in_workspace, "create"), typed)

    assert (asked.status_code, Invoice.objects.count()) == (422, 0)
    assert "No customer is called exactly “harb”. Choose the one you mean." in asked.text
    assert asked.text.count('type="radio"') == 2
    assert 'value="harb"' in asked.text

    staff_client.post(_url(in_workspace, "create"), {**typed, "customer-choice": str(bakery.pk)})
    assert Invoice.objects.get().customer == bakery


def test_name_of_nobody_is_refused_on_the_field_and_stays_typed(
    in_workspace: Workspace, staff_client: Client
) -> None:
    page = staff_client.post(_url(in_workspace, "create"), _typed(**{"customer-text": "<Nobody>"}))

    assert page.status_code == 422
    assert "There is no customer “&lt;Nobody&gt;”." in page.text
    assert 'value="&lt;Nobody&gt;"' in page.text


def test_text_that_was_changed_counts_more_than_the_id_it_came_with(
    in_workspace: Workspace, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace, customer=make_customer(in_workspace, name="Old Mill"))
    new = make_customer(in_workspace, name="New Mill")
    typed = _typed(
        **{"customer": str(invoice.customer_id), "customer-label": "Old Mill", "customer-text": "New Mill"}
    )

    url = _url(in_workspace, "edit", invoice.pk)
    read = staff_client.get(url).context["form"]["read"].value()

    staff_client.post(url, {**typed, "number": invoice.number, "read": read})

    assert Invoice.objects.get().customer == new


def test_text_that_was_emptied_asks_for_a_customer(in_workspace: Workspace, staff_client: Client) -> None:
    customer = make_customer(in_workspace, name="Old Mill")
    typed = {"customer": str(customer.pk), "customer-label": "Old Mill", "customer-text": ""}

    assert "Choose a customer." in staff_client.post(_url(in_workspace, "create"), _typed(**typed)).text


def test_customer_renamed_meanwhile_is_still_the_chosen_one(
    in_workspace: Workspace, staff_client: Client
) -> None:
    customer = make_customer(in_workspace, name="New Name")
    typed = {"customer": str(customer.pk), "customer-label": "Old Name", "customer-text": "Old Name"}

    staff_client.post(_url(in_workspace, "create"), _typed(**typed))

    assert Invoice.objects.get().customer == customer


def test_archived_customer_is_refused_for_a_new_invoice(
    in_workspace: Workspace, staff_client: Client
) -> None:
    customer = archive_customer(customer=make_customer(in_workspace, name="Gone"), by=None)

    page = staff_client.post(_url(in_workspace, "create"), _typed(customer=str(customer.pk)))

    assert "This customer is archived or gone. Choose another." in page.text


def test_new_invoice_starts_with_the_customer_unless_one_is_given(
    in_workspace: Workspace, staff_client: Client
) -> None:
    customer = make_customer(in_workspace, payment_terms_days=20)

    empty = staff_client.get(_url(in_workspace, "create")).text
    given = staff_client.get(_url(in_workspace, "create"), {"customer": customer.pk}).text

    assert (empty.count("autofocus"), given.count("autofocus")) == (1, 0)
    assert f'value="{customer.name}"' in given
    assert "{&quot;terms&quot;: 20, &quot;currency&quot;: &quot;NZD&quot;}" in given


def test_more_lines_without_script_keep_the_typed_customer(
    in_workspace: Workspace, staff_client: Client
) -> None:
    typed = _typed(**{"customer": "", "customer-label": "", "customer-text": "Harbour Bak", "more": "1"})

    page = staff_client.post(_url(in_workspace, "create"), typed)

    assert (page.status_code, 'value="Harbour Bak"' in page.text) == (200, True)
