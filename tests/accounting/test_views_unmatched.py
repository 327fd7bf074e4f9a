"""The page of what was born in Xero: what it may be, decisions for many at once, one on its own page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounting.enums import BornThere, Kind, Verdict
from accounting.models import Connection, Link, Mapping, Newcomer, Operation
from accounting.port.documents import ContactDoc
from accounting.port.snapshots import dump
from accounting.sync.mapping import Choices, save_mapping
from accounting.sync.reconcile import reconcile
from accounting.sync.unmatched import decide
from customers.models import Customer
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from workspaces.models import User
from xero_sandbox.handle import Handle


@pytest.fixture
def page(client: Client, super_user: User) -> Client:
    client.force_login(super_user)
    return client


@pytest.fixture
def listed(connected: Connection) -> Connection:
    Mapping.objects.update(born_there=BornThere.QUEUE)
    return connected


def _contact(connection: Connection, name: str, **fields: str) -> Newcomer:
    return Newcomer.objects.create(
        workspace_id=connection.workspace_id, connection=connection, kind=Kind.CUSTOMER, remote_id=str(uuid4()),
        remote_version=timezone.now(), there=dump(ContactDoc(reference="", name=name, **fields)), told=name,
    )  # fmt: skip


def _url(connection: Connection, name: str = "unmatched", *args: object) -> str:
    return reverse(f"accounting:{name}", args=[connection.workspace.slug, *args])


def _text(client: Client, url: str, **query: str) -> str:
    return client.get(url, query).content.decode()


def test_page_says_what_it_may_be_and_by_what(page: Client, listed: Connection) -> None:
    make_customer(listed.workspace, name="Kauri Motors", email="hi@kauri.nz")
    Operation.objects.all().delete()
    _contact(listed, "K Motors Ltd", email="HI@kauri.nz")
    text = _text(page, _url(listed))
    assert "Kauri Motors" in text
    assert "the same e-mail" in text


def test_where_it_is_off_the_page_says_how_to_have_it(page: Client, connected: Connection) -> None:
    assert "Nothing new is listed" in _text(page, _url(connected))


def test_chosen_ones_are_linked_to_what_was_suggested(page: Client, listed: Connection) -> None:
    ours = make_customer(listed.workspace, name="Kauri Motors")
    row, other = _contact(listed, "Kauri Motors Ltd"), _contact(listed, "Nobody Knows")
    told = {"id": [str(row.pk), str(other.pk)], f"ours-{row.pk}": str(ours.pk), "verdict": "link"}

    text = page.post(_url(listed, "decide_newcomers"), told, follow=True).content.decode()

    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.verdict, row.local_id, other.verdict) == (Verdict.LINK, ours.pk, Verdict.ASK)
    assert "1 stay as they were" in text
    assert Operation.objects.get(lane="pull").remote_id == row.remote_id


@pytest.mark.parametrize(("verdict", "show"), [("skip", "left"), ("create", "coming"), ("ask", "")])
def test_each_decision_has_its_group(page: Client, listed: Connection, verdict: str, show: str) -> None:
    row = _contact(listed, "Kauri Motors Ltd")
    page.post(_url(listed, "decide_newcomers"), {"id": str(row.pk), "verdict": verdict})
    assert "Kauri Motors Ltd" in _text(page, _url(listed), show=show)


def test_own_page_finds_ours_by_a_part_of_the_name(page: Client, listed: Connection) -> None:
    make_customer(listed.workspace, name="Rewarewa Honey")
    taken = make_customer(listed.workspace, name="Rewarewa Farm")
    Operation.objects.all().delete()
    Link.objects.create(
        workspace_id=listed.workspace_id, connection=listed, kind=Kind.CUSTOMER, local_id=taken.pk,
        remote_id=str(uuid4()), remote_version=timezone.now(), base={},
    )  # fmt: skip
    row = _contact(listed, "Something Else")
    text = _text(page, _url(listed, "newcomer", row.pk), q="warewa")
    assert "Rewarewa Honey" in text
    assert "Rewarewa Farm" not in text


def test_what_is_linked_already_cannot_be_chosen(page: Client, listed: Connection) -> None:
    row = _contact(listed, "Kauri Motors Ltd")
    taken = make_customer(listed.workspace)
    Link.objects.create(
        workspace_id=listed.workspace_id, connection=listed, kind=Kind.CUSTOMER, local_id=taken.pk,
        remote_id=str(uuid4()), remote_version=timezone.now(), base={},
    )  # fmt: skip
    told = {"id": str(row.pk), f"ours-{row.pk}": str(taken.pk), "verdict": "link"}
    text = page.post(_url(listed, "decide_newcomers"), told, follow=True).content.decode()
    row.refresh_from_db()
    assert "Nothing was decided" in text
    assert row.verdict == Verdict.ASK


def test_another_workspaces_newcomer_is_not_found(page: Client, listed: Connection, stranger: User) -> None:
    assert page.get(_url(listed, "newcomer", uuid4())).status_code == 404


@pytest.mark.long
def test_page_takes_the_same_queries_for_one_and_for_many(page: Client, listed: Connection) -> None:
    def measured() -> int:
        with CaptureQueriesContext(database) as queries:
            page.get(_url(listed))
        return len(queries)

    make_customer(listed.workspace, name="Kauri Motors")
    _contact(listed, "Kauri Motors")
    page.get(_url(listed))
    one = measured()
    for number in range(30):
        make_customer(listed.workspace, name=f"Rata {number}")
        _contact(listed, f"Rata {number}")
    assert measured() == one


def test_staff_do_not_see_it(staff_client: Client, listed: Connection) -> None:
    assert staff_client.get(_url(listed)).status_code == 403


def test_choosing_to_list_reads_soon(
    connected: Connection, super_user: User, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    changes = save_mapping(connection=connected, choices=Choices(born_there=BornThere.QUEUE), by=super_user)
    connected.refresh_from_db()
    assert "born_there" in {change[0] for change in changes}
    assert connected.check_due_at is not None
    assert connected.mapping.born_there == BornThere.QUEUE
    assert not Customer.objects.exists()


@pytest.mark.long
def test_who_only_supplies_is_taken_in_as_a_supplier(
    sandbox: Handle, listed: Connection, super_user: User, sync: Callable[[], None]
) -> None:
    bookkeeper = Bookkeeper(sandbox, listed)
    contact = bookkeeper.create_contact(Name="Paper Mill")["ContactID"]
    bookkeeper.write(
        "Invoices", Type="ACCPAY", Contact={"ContactID": contact}, InvoiceNumber="B-1",
        Date="2026-03-02", DueDate="2026-03-16",
        LineItems=[{"Description": "Paper", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}],
    )  # fmt: skip
    assert reconcile(listed.pk)
    row = Newcomer.objects.get(told__contains="Paper Mill")
    assert "supplier" in row.told
    assert not Newcomer.objects.filter(told__startswith="B-1").exists()
    decide(connection=listed, choices={row.pk: None}, verdict=Verdict.CREATE, by=super_user)
    sync()
    mill = Customer.objects.get()
    assert (mill.name, mill.is_customer, mill.is_supplier) == ("Paper Mill", False, True)
