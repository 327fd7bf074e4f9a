"""What a combobox of customers asks for: options while one types, and a customer made in passing."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from core.testing import assert_queries
from customers.models import Customer
from tests.factories.customers import make_customer
from workspaces.models import User, Workspace
from workspaces.scope import scope

HTMX = {"HX-Request": "true"}
SUGGEST_QUERIES = 6


def _suggest(workspace: Workspace) -> str:
    return reverse("customers:suggest", args=[workspace.slug])


def _create(workspace: Workspace) -> str:
    return reverse("customers:create_here", args=[workspace.slug])


@pytest.mark.parametrize("rows", [1, 30])
def test_suggestions_take_the_same_queries_and_offer_at_most_eight(
    workspace: Workspace, staff_client: Client, rows: int
) -> None:
    with scope(workspace):
        for number in range(rows):
            make_customer(workspace, name=f"Kea {number:02}", email="kea@example.com")

    with assert_queries(SUGGEST_QUERIES):
        page = staff_client.get(_suggest(workspace), {"q": "kea"}).text

    assert page.count("data-value=") == min(rows, 8)
    assert ("The first 8. Type more to narrow it down." in page) is (rows > 8)


def test_suggestions_carry_what_an_invoice_takes_and_escape_names(
    workspace: Workspace, staff_client: Client
) -> None:
    with scope(workspace):
        make_customer(workspace, name='Kea "&" Sons', payment_terms_days=0, currency="AUD")

    page = staff_client.get(_suggest(workspace), {"q": "kea"}).text

    assert 'data-label="Kea &quot;&amp;&quot; Sons"' in page
    assert "{&quot;terms&quot;: 0, &quot;currency&quot;: &quot;AUD&quot;}" in page


@pytest.mark.parametrize(("text", "offers"), [("Kea", False), ("kea", False), ("Kea 2", True), ("", False)])
def test_suggestions_offer_to_create_what_nobody_is_called(
    workspace: Workspace, staff_client: Client, text: str, offers: bool
) -> None:
    with scope(workspace):
        make_customer(workspace, name="Kea")

    page = staff_client.get(_suggest(workspace), {"q": text}).text

    assert (f"Create “{text}”" in page) is offers


@pytest.mark.parametrize("text", ["x" * 5000, "\x07", "%_\\", " ".join("abc" for _ in range(2000))])
def test_suggestions_for_anything_typed_answer(workspace: Workspace, staff_client: Client, text: str) -> None:
    assert staff_client.get(_suggest(workspace), {"q": text}).status_code == 200


def test_customer_made_in_passing_goes_to_the_combobox_that_asked(
    workspace: Workspace, staff: User, staff_client: Client
) -> None:
    dialog = staff_client.get(_create(workspace), {"name": "Tui  Ltd", "for": "id_customer"}, headers=HTMX)
    typed = {"name": "Tui Ltd", "email": "tui@example.com", "for": "id_customer"}
    answer = staff_client.post(_create(workspace), typed, headers=HTMX)

    assert 'value="Tui Ltd"' in dialog.text
    assert 'name="for" value="id_customer"' in dialog.text
    with scope(workspace):
        customer = Customer.objects.get()
    events = json.loads(answer["HX-Trigger"])
    assert (answer.status_code, customer.email, customer.currency) == (204, "tui@example.com", "NZD")
    assert events["combobox:choose"] == {
        "for": "id_customer",
        "value": str(customer.pk),
        "label": "Tui Ltd",
        "facts": {"terms": 14, "currency": "NZD"},
    }
    assert events["dialog:close"] is True


def test_customer_made_in_passing_by_a_form_that_arrives_twice_is_one(
    workspace: Workspace, staff_client: Client
) -> None:
    dialog = staff_client.get(_create(workspace), {"name": "Tui", "for": "id_customer"}, headers=HTMX).text
    once = dialog.split('name="once" value="')[1].split('"')[0]
    typed = {"name": "Tui", "for": "id_customer", "once": once}

    answers = [staff_client.post(_create(workspace), typed, headers=HTMX) for _ in range(2)]

    with scope(workspace):
        assert Customer.objects.count() == 1
    assert [answer.status_code for answer in answers] == [204, 204]
    chosen = [json.loads(answer["HX-Trigger"])["combobox:choose"]["value"] for answer in answers]
    assert chosen[0] == chosen[1]


def test_customer_made_in_passing_with_a_taken_name_is_refused_in_the_dialog(
    workspace: Workspace, staff_client: Client
) -> None:
    with scope(workspace):
        make_customer(workspace, name="Tui")

    answer = staff_client.post(_create(workspace), {"name": "tui", "for": "id_customer"}, headers=HTMX)

    assert answer.status_code == 422
    assert "Another customer is called tui." in answer.text
    assert 'name="for" value="id_customer"' in answer.text


def test_customer_made_in_passing_without_script_is_shown(workspace: Workspace, staff_client: Client) -> None:
    answer = staff_client.post(_create(workspace), {"name": "Tui"})

    with scope(workspace):
        customer = Customer.objects.get()
    assert answer["Location"] == reverse("customers:detail", args=[workspace.slug, customer.pk])
