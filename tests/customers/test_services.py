"""What may be written about customers, and what is refused."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.changes import caused_by
from customers.models import Customer
from customers.services import (
    CustomerRefused,
    archive_customer,
    create_customer,
    restore_customer,
    update_customer,
)
from tests.factories.customers import make_customer
from tests.factories.workspaces import make_workspace
from workspaces.models import User, Workspace
from workspaces.queries import history_of
from workspaces.scope import scope


def _history(customer: Customer) -> list[tuple[str, str, User | None]]:
    return [(entry.action, entry.summary, entry.actor) for entry in history_of(customer.pk)]


def test_create_customer_with_a_name_only_gets_reference_currency_and_terms(
    in_workspace: Workspace, staff: User
) -> None:
    customer = create_customer(workspace=in_workspace, by=staff, name="Kowhai Cafe")

    customer.refresh_from_db()
    assert (customer.reference, customer.currency, customer.payment_terms_days) == ("C-0001", "NZD", 14)
    assert _history(customer) == [("customer.created", "Created", staff)]


def test_create_customer_takes_the_reference_after_the_highest(in_workspace: Workspace) -> None:
    make_customer(in_workspace, reference="C-0041")
    make_customer(in_workspace, reference="ACME")
    archive_customer(customer=make_customer(in_workspace, reference="C-12000"), by=None)

    assert make_customer(in_workspace).reference == "C-12001"


def test_create_customer_counts_references_per_workspace(in_workspace: Workspace) -> None:
    make_customer(in_workspace)
    other = make_workspace()
    with scope(other):
        assert make_customer(other).reference == "C-0001"


def test_create_customer_collapses_blanks_in_the_name(in_workspace: Workspace) -> None:
    assert make_customer(in_workspace, name="  Kowhai \t  Cafe ").name == "Kowhai Cafe"


@pytest.mark.parametrize("name", ["Kowhai <Cafe", "Kowhai> Cafe"])
def test_create_customer_with_an_angle_bracket_is_refused(in_workspace: Workspace, name: str) -> None:
    with pytest.raises(CustomerRefused) as refused:
        make_customer(in_workspace, name=name)
    assert refused.value.message_dict == {"name": ["Xero refuses the characters < and > in names."]}


def test_create_customer_without_a_name_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(CustomerRefused) as refused:
        create_customer(workspace=in_workspace, by=None, name="   ")
    assert refused.value.message_dict == {"name": ["A customer needs a name."]}


def test_create_customer_with_a_field_nobody_may_edit_is_a_mistake(in_workspace: Workspace) -> None:
    with pytest.raises(TypeError, match="archived_at"):
        create_customer(workspace=in_workspace, by=None, name="Kowhai Cafe", archived_at=timezone.now())


def test_create_customer_with_taken_name_and_reference_says_both(in_workspace: Workspace) -> None:
    make_customer(in_workspace, name="Kowhai Cafe", reference="KC")

    with pytest.raises(CustomerRefused) as refused:
        make_customer(in_workspace, name="KOWHAI cafe", reference="KC")

    assert refused.value.message_dict == {
        "name": ["Another customer is called KOWHAI cafe. Xero needs every name to be different."],
        "reference": ["Another customer has the reference KC."],
    }


def test_create_customer_with_an_archived_ones_name_is_allowed(in_workspace: Workspace) -> None:
    archive_customer(customer=make_customer(in_workspace, name="Kowhai Cafe"), by=None)

    assert make_customer(in_workspace, name="Kowhai Cafe").pk


def test_update_customer_saves_only_what_changed(in_workspace: Workspace, staff: User) -> None:
    customer = make_customer(in_workspace, name="Kowhai Cafe", city="Nelson")

    changed = update_customer(customer=customer, by=staff, name="Kowhai Cafe", city="Picton", phone="021 555")

    changed.refresh_from_db()
    assert (changed.city, changed.phone) == ("Picton", "021 555")
    assert _history(customer)[0] == (
        "customer.updated",
        "Changed city from Nelson to Picton and phone to 021 555",
        staff,
    )


def test_update_customer_without_a_change_saves_nothing(in_workspace: Workspace, staff: User) -> None:
    customer = make_customer(in_workspace, name="Kowhai Cafe")
    before = customer.updated_at

    update_customer(customer=customer, by=staff, name=" Kowhai  Cafe", currency="nzd", reference="")

    customer.refresh_from_db()
    assert customer.updated_at == before
    assert len(_history(customer)) == 1


def test_update_customer_compares_with_the_row_not_with_the_instance(
    in_workspace: Workspace, staff: User
) -> None:
    customer = make_customer(in_workspace, city="Nelson")
    customer.city = "Picton"  # as a model form does before the service is called

    assert update_customer(customer=customer, by=staff, city="Picton").city == "Picton"

    customer.refresh_from_db()
    assert customer.city == "Picton"


def test_update_customer_to_a_taken_name_is_refused(in_workspace: Workspace, staff: User) -> None:
    make_customer(in_workspace, name="Kowhai Cafe")
    customer = make_customer(in_workspace, name="Rimu Books")

    with pytest.raises(CustomerRefused):
        update_customer(customer=customer, by=staff, name="kowhai cafe")


def test_update_customer_may_change_the_case_of_its_name(in_workspace: Workspace, staff: User) -> None:
    customer = make_customer(in_workspace, name="rimu books")

    assert update_customer(customer=customer, by=staff, name="Rimu Books").name == "Rimu Books"


def test_update_customer_with_an_unknown_field_is_a_mistake_of_the_caller(
    in_workspace: Workspace, staff: User
) -> None:
    with pytest.raises(TypeError, match="archived_at"):
        update_customer(customer=make_customer(in_workspace), by=staff, archived_at=None)


def test_update_customer_applied_from_xero_has_no_actor(in_workspace: Workspace, staff: User) -> None:
    customer = make_customer(in_workspace)

    with caused_by("remote"):
        update_customer(customer=customer, by=staff, city="Picton")

    assert _history(customer)[0] == ("customer.updated", "Changed city to Picton in Xero", None)


def test_archive_and_restore_customer_are_remembered(in_workspace: Workspace, staff: User) -> None:
    customer = make_customer(in_workspace)

    assert archive_customer(customer=customer, by=staff).is_archived
    assert not restore_customer(customer=customer, by=staff).is_archived

    assert [action for action, _, _ in _history(customer)] == [
        "customer.restored",
        "customer.archived",
        "customer.created",
    ]


def test_archive_customer_twice_is_remembered_once(in_workspace: Workspace, staff: User) -> None:
    customer = make_customer(in_workspace)
    archive_customer(customer=customer, by=staff)
    archive_customer(customer=customer, by=staff)

    assert len(_history(customer)) == 2


def test_restore_customer_whose_name_was_given_away_is_refused(in_workspace: Workspace, staff: User) -> None:
    customer = make_customer(in_workspace, name="Kowhai Cafe")
    archive_customer(customer=customer, by=staff)
    make_customer(in_workspace, name="Kowhai Cafe")

    with pytest.raises(CustomerRefused, match="Another customer is called Kowhai Cafe"):
        restore_customer(customer=customer, by=staff)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("customer_name_unique_while_active", {"name": "KOWHAI", "reference": "other"}),
        ("customer_reference_unique", {"name": "Other", "reference": "K"}),
        ("customer_currency_is_iso_code", {"name": "Other", "reference": "other", "currency": "nz"}),
        ("customer_has_a_name", {"name": "", "reference": "other"}),
    ],
)
def test_customer_constraint_is_kept_by_the_database(
    in_workspace: Workspace, constraint: str, fields: dict[str, str]
) -> None:
    make_customer(in_workspace, name="Kowhai", reference="K")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Customer.objects.create(workspace=in_workspace, **{"currency": "NZD", **fields})
