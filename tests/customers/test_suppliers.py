"""Suppliers: the same row and the same pages as customers, apart from them in lists and choices."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from customers.enums import CUSTOMERS, SUPPLIERS
from customers.models import Customer
from customers.queries import find_invoiceable, find_supplier, list_customers, suggest_suppliers
from customers.services import CustomerRefused, update_customer
from tests.factories.customers import make_customer, make_supplier
from workspaces.models import User, Workspace
from workspaces.scope import scope


def _url(workspace: Workspace, name: str, *args: object) -> str:
    return reverse(f"suppliers:{name}", args=[workspace.slug, *args])


def _names(side: object) -> list[str]:
    return [row.name for row in list_customers(side=side)]  # type: ignore[arg-type]


def test_each_list_and_each_choice_offers_its_own(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace, name="Kowhai Cafe")
    mill = make_supplier(in_workspace, name="Paper Mill")
    make_customer(in_workspace, name="Rata Print", is_supplier=True)

    assert (_names(CUSTOMERS), _names(SUPPLIERS)) == (
        ["Kowhai Cafe", "Rata Print"],
        ["Paper Mill", "Rata Print"],
    )
    assert [row.name for row in suggest_suppliers("pa")] == ["Paper Mill"]
    assert (find_invoiceable(str(mill.pk)), find_supplier(str(customer.pk))) == (None, None)


def test_contact_that_is_neither_is_refused_and_the_database_holds_it(
    in_workspace: Workspace, staff: User
) -> None:
    customer = make_customer(in_workspace)
    with pytest.raises(CustomerRefused, match="a customer, a supplier, or both"):
        update_customer(customer=customer, by=staff, is_customer=False)
    with pytest.raises(IntegrityError, match="customer_or_supplier_or_both"), transaction.atomic():
        Customer.objects.update(is_customer=False)


def test_supplier_is_added_among_suppliers_and_is_no_customer(
    workspace: Workspace, staff_client: Client
) -> None:
    typed = {"name": "Paper Mill", "currency": "NZD", "payment_terms_days": "14"}
    response = staff_client.post(_url(workspace, "create"), typed)

    with scope(workspace):
        mill = Customer.objects.get()
    assert (mill.is_customer, mill.is_supplier) == (False, True)
    assert response["Location"] == _url(workspace, "detail", mill.pk)


def test_customer_becomes_a_supplier_too_on_its_form(workspace: Workspace, staff_client: Client) -> None:
    with scope(workspace):
        customer = make_customer(workspace, name="Rata Print")
    page = reverse("customers:edit", args=[workspace.slug, customer.pk])
    form = staff_client.get(page).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"is_supplier": "on"}

    staff_client.post(page, typed)

    assert "Rata Print" in staff_client.get(_url(workspace, "list")).text
    told = staff_client.get(_url(workspace, "detail", customer.pk)).text
    assert "Customer too" in told


def test_supplier_made_in_passing_is_one(workspace: Workspace, staff_client: Client) -> None:
    staff_client.post(_url(workspace, "create_here"), {"name": "Paper Mill"})

    with scope(workspace):
        assert [row.name for row in suggest_suppliers("")] == ["Paper Mill"]
        assert _names(CUSTOMERS) == []
