"""Each field of a contact is decided about by both sides, by ours or by theirs alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounting.choices import Owner
from accounting.enums import Kind, LinkState
from accounting.models import Connection, Link, Mapping, Operation
from accounting.sync.mapping import Choices, MappingRefused, save_mapping
from accounting.sync.pull import request_pull
from customers.models import Customer
from customers.services import CustomerRefused, update_customer
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.choosing import save
from tests.accounting.keeping_step import Sync, bookkeeper
from tests.accounting.pages import notices, words
from tests.factories.customers import make_customer
from workspaces.models import User, Workspace

__all__ = ["bookkeeper"]

Hear = Callable[[], None]


@pytest.fixture
def customer(connected: Connection, sync: Sync) -> Customer:
    made = make_customer(connected.workspace, name="Acme", email="a@example.com", city="Leeds")
    sync()
    return made


@pytest.fixture
def hear(connected: Connection, sync: Sync) -> Hear:
    def run() -> None:
        link = Link.objects.get(kind=Kind.CUSTOMER)
        with transaction.atomic():
            request_pull(connected, Kind.CUSTOMER, link.remote_id)
        sync()
        sync()

    return run


def own(**fields: Owner) -> None:
    Mapping.objects.update(owners={Kind.CUSTOMER: fields})


def change_there(bookkeeper: Bookkeeper, **fields: object) -> None:
    bookkeeper.change_contact(Link.objects.get(kind=Kind.CUSTOMER).remote_id, **fields)


def there(bookkeeper: Bookkeeper) -> str:
    return str(bookkeeper.contact(Link.objects.get(kind=Kind.CUSTOMER).remote_id)["EmailAddress"])


def here(customer: Customer) -> str:
    return str(Customer.objects.get(pk=customer.pk).email)


def test_field_of_ours_is_written_over_there_and_no_conflict(
    customer: Customer, bookkeeper: Bookkeeper, hear: Hear
) -> None:
    own(email=Owner.OURS)
    change_there(bookkeeper, EmailAddress="theirs@example.com", Name="Acme Ltd")

    hear()

    assert (here(customer), there(bookkeeper)) == ("a@example.com", "a@example.com")
    assert Customer.objects.get().name == "Acme Ltd"
    assert not Operation.objects.exists()


def test_field_of_ours_that_both_changed_is_ours(
    customer: Customer, bookkeeper: Bookkeeper, hear: Hear
) -> None:
    own(email=Owner.OURS)
    change_there(bookkeeper, EmailAddress="theirs@example.com")
    update_customer(customer=customer, by=None, email="ours@example.com")

    hear()

    assert (here(customer), there(bookkeeper)) == ("ours@example.com", "ours@example.com")


def test_field_of_theirs_comes_here_whatever_ours_says(
    customer: Customer, bookkeeper: Bookkeeper, hear: Hear
) -> None:
    update_customer(customer=customer, by=None, email="ours@example.com", city="York")
    own(email=Owner.THEIRS)
    change_there(bookkeeper, EmailAddress="theirs@example.com")

    hear()

    assert (here(customer), there(bookkeeper)) == ("theirs@example.com", "theirs@example.com")
    assert Customer.objects.get().city == "York"
    assert Link.objects.get(kind=Kind.CUSTOMER).state == LinkState.ACTIVE
    assert not Operation.objects.exists()


def test_field_of_theirs_is_not_sent_over_theirs(
    customer: Customer, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    update_customer(customer=customer, by=None, email="ours@example.com")
    own(email=Owner.THEIRS)

    sync()

    assert there(bookkeeper) == "a@example.com"
    assert not Operation.objects.exists()


def test_field_of_theirs_is_refused_on_its_field(
    customer: Customer, super_client: Client, workspace: Workspace, super_user: User
) -> None:
    own(email=Owner.THEIRS)
    told = "Change it in Xero: your workspace chose that Xero decides about it. It follows here by itself."

    with pytest.raises(CustomerRefused) as refused:
        update_customer(customer=customer, by=super_user, email="ours@example.com")

    assert refused.value.message_dict == {"email": [told]}
    address = reverse("customers:edit", args=[workspace.slug, customer.pk])
    form = super_client.get(address).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    page = super_client.post(address, {**typed, "email": "ours@example.com"})
    assert (page.status_code, page.context["form"].errors["email"]) == (422, [told])
    assert page.context["form"]["email"].value() == "ours@example.com"


def test_field_of_theirs_may_be_written_until_the_customer_is_there(
    connected: Connection, super_user: User
) -> None:
    own(email=Owner.THEIRS)
    made = make_customer(connected.workspace, email="a@example.com")

    assert update_customer(customer=made, by=super_user, email="b@example.com").email == "b@example.com"


@pytest.mark.long
def test_what_waits_over_an_owned_field_is_settled_once_it_is_owned(
    customer: Customer,
    bookkeeper: Bookkeeper,
    hear: Hear,
    super_client: Client,
    workspace: Workspace,
    sync: Sync,
) -> None:
    change_there(bookkeeper, EmailAddress="theirs@example.com")
    update_customer(customer=customer, by=None, email="ours@example.com")
    hear()
    assert Link.objects.get(kind=Kind.CUSTOMER).state == LinkState.OUT_OF_SYNC

    page = save(super_client, workspace, owner_customer_email="theirs")
    assert "1 customer will be read from Xero again." in words(page)
    carried = {**page.context["form"].data.dict(), "seen": page.context["foreseen"].sealed()}
    assert notices(super_client.post(page.request["PATH_INFO"], carried, follow=True)) == ["Saved."]
    sync()
    sync()

    assert Link.objects.get(kind=Kind.CUSTOMER).state == LinkState.ACTIVE
    assert (here(customer), there(bookkeeper)) == ("theirs@example.com", "theirs@example.com")


@pytest.mark.parametrize("wanted", [{"email": "nobody"}, {"reference": "ours"}])
def test_what_nobody_can_own_is_refused(
    connected: Connection, super_user: User, wanted: dict[str, str]
) -> None:
    with pytest.raises(MappingRefused):
        save_mapping(connection=connected, choices=Choices(owners={Kind.CUSTOMER: wanted}), by=super_user)
