"""What is found when customers are looked for."""

from __future__ import annotations

import pytest

from customers.models import Customer
from customers.queries import active_customers, get_customer, list_customers
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
