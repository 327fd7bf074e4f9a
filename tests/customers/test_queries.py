"""What is found when customers are looked for."""

from __future__ import annotations

import pytest

from customers.models import Customer
from customers.queries import (
    active_customers,
    find_invoiceable,
    get_customer,
    list_customers,
    suggest_customers,
)
from customers.services import archive_customer
from tests.factories.customers import make_customer
from tests.factories.workspaces import make_workspace
from workspaces.models import Workspace
from workspaces.scope import scope


@pytest.fixture
def three_customers(in_workspace: Workspace) -> None:
    make_customer(in_workspace, name="Rimu Books", email="hello@rimu.example")
    make_customer(in_workspace, name="Kowhai Cafe", reference="KC-7", first_name="Aroha", last_name="Smith")
    archive_customer(customer=make_customer(in_workspace, name="Old Mill"), by=None)


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("", ["Kowhai Cafe", "Rimu Books"]),
        ("RIMU", ["Rimu Books"]),
        ("kc-7", ["Kowhai Cafe"]),
        ("hello@", ["Rimu Books"]),
        ("smith aroha", ["Kowhai Cafe"]),
        ("cafe rimu", []),
    ],
)
def test_list_customers_finds_every_word(three_customers: None, search: str, names: list[str]) -> None:
    assert [customer.name for customer in list_customers(search=search)] == names


def test_list_customers_archived_shows_only_those(three_customers: None) -> None:
    assert [customer.name for customer in list_customers(archived=True)] == ["Old Mill"]


def test_active_customers_leave_out_the_archived(three_customers: None) -> None:
    assert [customer.name for customer in active_customers()] == ["Kowhai Cafe", "Rimu Books"]


def test_get_customer_of_another_workspace_is_not_found(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace)
    with scope(make_workspace()), pytest.raises(Customer.DoesNotExist):
        get_customer(customer.pk)


def test_suggestions_rank_name_then_word_then_reference_then_email(in_workspace: Workspace) -> None:
    make_customer(in_workspace, name="Zed", email="info@harbour.example")
    make_customer(in_workspace, name="Yak", email="harbour@example.com")
    make_customer(in_workspace, name="Xylo", reference="HARB-1")
    make_customer(in_workspace, name="Old Harbour Mill")
    make_customer(in_workspace, name="Harbour Studio")
    make_customer(in_workspace, name="Harbour Bakery")

    names = [customer.name for customer in suggest_customers("harb")]

    assert names == ["Harbour Bakery", "Harbour Studio", "Old Harbour Mill", "Xylo", "Yak", "Zed"]


def test_suggestions_are_capped_and_leave_out_the_archived(in_workspace: Workspace) -> None:
    for number in range(11):
        make_customer(in_workspace, name=f"Kea {number:02}")
    archive_customer(customer=make_customer(in_workspace, name="Kea"), by=None)

    assert [customer.name for customer in suggest_customers("kea")] == [f"Kea {n:02}" for n in range(8)]


@pytest.mark.parametrize("pk", ["", "no-uuid", "0199f3f2-0000-7000-8000-000000000000"])
def test_find_invoiceable_answers_nothing_for_what_is_no_customers_id(
    in_workspace: Workspace, pk: str
) -> None:
    assert find_invoiceable(pk) is None


def test_find_invoiceable_leaves_out_the_archived(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace)
    assert find_invoiceable(str(customer.pk)) == customer

    archive_customer(customer=customer, by=None)
    assert find_invoiceable(str(customer.pk)) is None
