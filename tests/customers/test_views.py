"""The customers' pages."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.changes import caused_by
from core.testing import assert_queries
from customers.models import Customer
from customers.services import archive_customer, update_customer
from invoices.enums import InvoiceStatus
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from workspaces.models import User, Workspace
from workspaces.queries import history_of
from workspaces.scope import scope

HTMX = {"HX-Request": "true"}
LIST_QUERIES = 10
"""Session, user, membership, the two walls up and down, count, page, how they stand with Xero, what needs a
person, what was never sent."""


def _url(workspace: Workspace, name: str, *args: object) -> str:
    return reverse(f"customers:{name}", args=[workspace.slug, *args])


def _make(workspace: Workspace, **fields: object) -> Customer:
    with scope(workspace):
        return make_customer(workspace, **fields)


def _fresh(workspace: Workspace, customer: Customer) -> Customer:
    with scope(workspace):
        return Customer.objects.get(pk=customer.pk)


def _typed(**changes: str) -> dict[str, str]:
    return {"name": "Kowhai Cafe", "currency": "NZD", "payment_terms_days": "14", **changes}


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_number_of_queries(workspace: Workspace, staff_client: Client, rows: int) -> None:
    for _ in range(rows):
        _make(workspace)

    with assert_queries(LIST_QUERIES):
        response = staff_client.get(_url(workspace, "list"))

    assert len(response.context["page"].object_list) == rows


def test_list_without_customers_offers_to_add_one(workspace: Workspace, staff_client: Client) -> None:
    assert "No customers yet" in staff_client.get(_url(workspace, "list")).text


def test_list_searched_by_htmx_answers_with_the_results_only(
    workspace: Workspace, staff_client: Client
) -> None:
    _make(workspace, name="Kowhai Cafe")
    _make(workspace, name="Rimu Books")

    response = staff_client.get(_url(workspace, "list"), {"q": "rimu"}, headers=HTMX)

    assert [customer.name for customer in response.context["page"]] == ["Rimu Books"]
    assert "<html" not in response.text
    assert response["Vary"] == "HX-Request, Cookie"


def test_list_without_a_match_says_what_was_searched(workspace: Workspace, staff_client: Client) -> None:
    response = staff_client.get(_url(workspace, "list"), {"q": "<zebra>"})

    assert "No customer matches “&lt;zebra&gt;”" in response.text


def test_list_shows_archived_customers_apart(workspace: Workspace, staff_client: Client) -> None:
    with scope(workspace):
        archive_customer(customer=make_customer(workspace, name="Old Mill"), by=None)
        make_customer(workspace, name="Kowhai Cafe")

    response = staff_client.get(_url(workspace, "list"), {"show": "archived"})

    assert [customer.name for customer in response.context["page"]] == ["Old Mill"]


def test_list_and_detail_show_how_a_customer_stands_with_xero(
    workspace: Workspace, staff_client: Client
) -> None:
    with scope(workspace), transaction.atomic():
        make_connection(workspace)
        customer = make_customer(workspace)

    listed = staff_client.get(_url(workspace, "list")).text
    detail = staff_client.get(_url(workspace, "detail", customer.pk)).text

    assert f'id="sync-customer-{customer.pk}" data-sync="pending"' in listed
    assert 'id="sync-panel"' in detail


def test_detail_shows_how_the_customers_invoices_stand_with_xero(
    workspace: Workspace, staff_client: Client
) -> None:
    with scope(workspace):
        make_connection(workspace)
        invoice = make_invoice(workspace, status=InvoiceStatus.APPROVED)

    page = staff_client.get(_url(workspace, "detail", invoice.customer_id)).text

    assert f'id="sync-invoice-{invoice.pk}" data-sync="pending"' in page


def test_list_tells_long_names_and_addresses_in_full_in_their_titles(
    workspace: Workspace, staff_client: Client
) -> None:
    name, email = "N" * 255, f"{'e' * 64}@{'d' * 60}.example"
    _make(workspace, name=name, email=email)

    page = staff_client.get(_url(workspace, "list")).text

    assert f'title="{name}"' in page
    assert f'title="{email}"' in page
    assert "@<wbr>" in page


def test_create_with_a_name_leads_to_the_new_customer(
    workspace: Workspace, staff_client: Client, staff: User
) -> None:
    response = staff_client.post(_url(workspace, "create"), _typed(website="kowhai.example"))

    with scope(workspace):
        customer = Customer.objects.get()
        assert history_of(customer.pk).get().actor == staff
    assert response["Location"] == _url(workspace, "detail", customer.pk)
    assert (customer.reference, customer.website) == ("C-0001", "https://kowhai.example")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Give the customer a name."),
        ("name", "a<b", "Xero refuses the characters < and > in names."),
        ("name", "x" * 256, "Ensure this value has at most 255 characters (it has 256)."),
        ("email", "nobody", "Write one complete address, like accounts@example.com."),
        (
            "email",
            "info@käse.example",
            "Xero takes no accents or umlauts in e-mail addresses.",
        ),
        ("website", "not a site", "Write a full address, like https://example.com."),
        ("website", "ftp://example.com", "Write a full address, like https://example.com."),
        ("country", "N2", "Write the country in plain letters, like New Zealand. Xero takes nothing else."),
        ("currency", "NZX", "Choose a currency from the list."),
        ("payment_terms_days", "366", "Give between 0 and 365 days."),
        ("payment_terms_days", "soon", "Write a whole number of days."),
        ("phone", "0" * 51, "Ensure this value has at most 50 characters (it has 51)."),
    ],
)
def test_create_with_something_xero_refuses_says_so_on_the_field(
    workspace: Workspace, staff_client: Client, field: str, value: str, sentence: str
) -> None:
    response = staff_client.post(_url(workspace, "create"), _typed(city="Nelson") | {field: value})

    assert response.status_code == 422
    assert response.context["form"].errors == {field: [sentence]}
    assert 'value="Nelson"' in response.text


def test_create_with_a_taken_name_keeps_what_was_typed(workspace: Workspace, staff_client: Client) -> None:
    _make(workspace, name="Kowhai Cafe")

    response = staff_client.post(_url(workspace, "create"), _typed(name="kowhai cafe", city="Nelson"))

    assert response.status_code == 422
    assert response.context["form"].errors == {
        "name": ["Another customer is called kowhai cafe. Xero needs every name to be different."]
    }
    assert 'value="Nelson"' in response.text


def test_create_starts_with_the_workspaces_currency(workspace: Workspace, staff_client: Client) -> None:
    form = staff_client.get(_url(workspace, "create")).context["form"]

    assert (form["currency"].value(), form["payment_terms_days"].value()) == ("NZD", 14)


def _edit(workspace: Workspace, client: Client, customer: Customer, **changes: str) -> tuple[int, dict]:
    """Load the form, change it, send it."""
    form = client.get(_url(workspace, "edit", customer.pk)).context["form"]
    typed = {bound.name: bound.value() or "" for bound in form} | changes
    response = client.post(_url(workspace, "edit", customer.pk), typed)
    return response.status_code, response.context["form"].errors if response.context else {}


def test_edit_saves_what_changed(workspace: Workspace, staff_client: Client) -> None:
    customer = _make(workspace, name="Kowhai Cafe")

    status, errors = _edit(workspace, staff_client, customer, city="Picton", country="New Zealand")

    assert (status, errors) == (302, {})
    customer = _fresh(workspace, customer)
    assert (customer.city, customer.country) == ("Picton", "New Zealand")


def test_edit_without_a_change_saves_nothing(workspace: Workspace, staff_client: Client) -> None:
    customer = _make(workspace, email="a@example.com", address_line="1 Main Road\nUpstairs")

    assert _edit(workspace, staff_client, customer)[0] == 302

    assert _fresh(workspace, customer).updated_at == customer.updated_at


def test_edit_of_a_customer_changed_meanwhile_shows_what_changed_and_saves_again(
    workspace: Workspace, staff_client: Client
) -> None:
    customer = _make(workspace, name="Kowhai Cafe", city="Nelson")
    url = _url(workspace, "edit", customer.pk)
    form = staff_client.get(url).context["form"]
    with scope(workspace), caused_by("remote"):
        update_customer(customer=customer, by=None, phone="021 555", city="Napier")
    typed = {bound.name: bound.value() or "" for bound in form} | {"city": "Picton"}

    first = staff_client.post(url, typed)
    shown = first.context["form"]
    staff_client.post(url, shown.data.dict())

    assert first.status_code == 422
    assert shown.meanwhile == [("Phone", "021 555", "", False), ("City", "Napier", "Picton", True)]
    assert "Xero," in first.text
    customer = _fresh(workspace, customer)
    assert (customer.phone, customer.city) == ("021 555", "Picton")


def test_edit_of_a_customer_archived_meanwhile_is_simply_saved(
    workspace: Workspace, staff_client: Client
) -> None:
    customer = _make(workspace, name="Kowhai Cafe")
    url = _url(workspace, "edit", customer.pk)
    typed = {bound.name: bound.value() or "" for bound in staff_client.get(url).context["form"]}
    with scope(workspace):
        archive_customer(customer=customer, by=None)

    assert staff_client.post(url, typed | {"city": "Picton"}).status_code == 302
    assert _fresh(workspace, customer).city == "Picton"


def test_detail_shows_facts_and_history(workspace: Workspace, staff_client: Client) -> None:
    customer = _make(workspace, name="Kowhai Cafe", email="hello@kowhai.example")

    response = staff_client.get(_url(workspace, "detail", customer.pk))

    assert 'href="mailto:hello@kowhai.example"' in response.text
    assert [entry.summary for entry in response.context["history"]] == ["Created"]


def test_detail_of_an_unknown_customer_is_not_found(workspace: Workspace, staff_client: Client) -> None:
    assert staff_client.get(_url(workspace, "detail", uuid.uuid4())).status_code == 404


def test_archive_asks_in_a_dialog_and_changes_nothing_yet(workspace: Workspace, staff_client: Client) -> None:
    customer = _make(workspace, name="Kowhai Cafe")

    response = staff_client.get(_url(workspace, "archive", customer.pk), headers=HTMX)

    assert response.text.strip().startswith("<dialog")
    assert not _fresh(workspace, customer).is_archived


def test_archive_then_restore_brings_the_customer_back(workspace: Workspace, staff_client: Client) -> None:
    customer = _make(workspace)

    staff_client.post(_url(workspace, "archive", customer.pk))
    assert _fresh(workspace, customer).is_archived

    staff_client.post(_url(workspace, "restore", customer.pk))
    assert not _fresh(workspace, customer).is_archived


def test_restore_with_a_name_given_away_says_why(workspace: Workspace, staff_client: Client) -> None:
    with scope(workspace):
        customer = archive_customer(customer=make_customer(workspace, name="Kowhai Cafe"), by=None)
        make_customer(workspace, name="Kowhai Cafe")

    response = staff_client.post(_url(workspace, "restore", customer.pk), follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "Another customer is called Kowhai Cafe. Xero needs every name to be different."
    ]
