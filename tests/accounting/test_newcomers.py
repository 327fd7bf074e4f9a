"""What is born in Xero: listed where that is chosen, linked, made here or left there as a person decides."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounting.enums import BornThere, Kind, Priority, Verdict
from accounting.models import Connection, Link, Mapping, Newcomer, NewcomerRule, Operation
from accounting.sync import newcomers
from accounting.sync.deciding import CannotDecide
from accounting.sync.pull import request_pull
from accounting.sync.reconcile import reconcile
from accounting.sync.unmatched import decide
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def listed(connected: Connection) -> Connection:
    """What is born in Xero is listed, and what the sandbox was seeded with was seen and left there."""
    Mapping.objects.filter(connection=connected).update(born_there=BornThere.QUEUE)
    assert reconcile(connected.pk)
    Newcomer.objects.update(verdict=Verdict.SKIP)
    return connected


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


def _born(bookkeeper: Bookkeeper, number: str = "X-1", **contact: Any) -> tuple[str, str]:
    """A contact and its invoice, made in Xero: their ids."""
    made = bookkeeper.create_contact(Name=contact.pop("Name", "Tui Gardens"), **contact)
    return made["ContactID"], bookkeeper.create_invoice(number, made["ContactID"])["InvoiceID"]


@transaction.atomic
def _webhook(connection: Connection, invoice: str) -> None:
    request_pull(connection, Kind.INVOICE, invoice)


def _row(remote_id: str) -> Newcomer:
    return Newcomer.objects.get(remote_id=remote_id)


def _decide(connection: Connection, by: User, verdict: Verdict, *remote_ids: str, **told: Any) -> int:
    rows = Newcomer.objects.filter(remote_id__in=remote_ids)
    return decide(
        connection=connection, choices=dict.fromkeys(rows.values_list("pk", flat=True)), verdict=verdict,
        by=by, **told,
    )  # fmt: skip


def test_what_is_born_there_is_listed_with_what_it_belongs_to(
    listed: Connection, bookkeeper: Bookkeeper
) -> None:
    contact, invoice = _born(bookkeeper)

    assert reconcile(listed.pk)

    row = _row(invoice)
    assert (row.verdict, row.owner_kind, row.owner_id) == (Verdict.ASK, Kind.CUSTOMER, contact)
    assert (row.worth, row.worth_in) == (Decimal("11.5"), "NZD")
    assert _row(contact).told == "Tui Gardens"
    assert not Customer.objects.exists()


def test_nothing_is_listed_nor_read_where_it_is_off(
    sandbox: Handle, connected: Connection, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    _, invoice = _born(bookkeeper)
    _webhook(connected, invoice)
    sandbox.clear_requests()
    sync()
    assert sandbox.requests() == []
    assert reconcile(connected.pk)
    assert not Newcomer.objects.exists()


def test_webhook_of_what_is_not_here_lists_it(listed: Connection, bookkeeper: Bookkeeper, sync: Sync) -> None:
    _, invoice = _born(bookkeeper)
    _webhook(listed, invoice)
    sync()
    assert _row(invoice).verdict == Verdict.ASK


@pytest.mark.long
def test_what_was_made_before_it_was_chosen_is_listed_and_read_once(
    sandbox: Handle, connected: Connection, bookkeeper: Bookkeeper
) -> None:
    _, invoice = _born(bookkeeper)
    sandbox.advance(600)
    assert reconcile(connected.pk)
    assert not Newcomer.objects.exists()

    Mapping.objects.update(born_there=BornThere.QUEUE)
    assert reconcile(connected.pk)
    assert Newcomer.objects.filter(remote_id=invoice).exists()
    Newcomer.objects.all().delete()
    assert reconcile(connected.pk)
    assert not Newcomer.objects.exists()


def test_made_here_with_its_invoice_and_payments_and_nothing_is_sent(
    sandbox: Handle, listed: Connection, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    contact, invoice = _born(bookkeeper, EmailAddress="kia@tui.example")
    bookkeeper.change_invoice(invoice, Status="AUTHORISED")
    bookkeeper.pay(invoice, 4)
    assert reconcile(listed.pk)

    _decide(listed, super_user, Verdict.CREATE, contact, invoice)
    sandbox.clear_requests()
    sync()

    ours = Invoice.objects.get(number="X-1")
    assert ours.customer.email == "kia@tui.example"
    assert (ours.status, ours.total, ours.amount_paid) == (InvoiceStatus.APPROVED, Decimal("11.5"), 4)
    assert Payment.objects.get().invoice == ours
    assert {row.remote_id for row in Link.objects.exclude(kind=Kind.PAYMENT)} == {contact, invoice}
    assert not Newcomer.objects.filter(remote_id__in=[contact, invoice]).exists()
    assert bookkeeper.invoice(invoice)["Total"] == 11.5
    assert [
        call.path for call in sandbox.requests() if call.method != "GET" and "Invoices" in call.path
    ] == []
    assert not Operation.objects.exists()


@pytest.mark.long
def test_taken_in_invoice_is_kept_in_step_from_then_on(
    listed: Connection, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    contact, invoice = _born(bookkeeper)
    assert reconcile(listed.pk)
    _decide(listed, super_user, Verdict.CREATE, contact, invoice)
    sync()

    bookkeeper.change_price(invoice, 20)
    _webhook(listed, invoice)
    sync()

    assert Invoice.objects.get().total == 23


@pytest.mark.long
def test_linked_to_the_customer_that_a_person_chose(
    listed: Connection, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    contact, _ = _born(bookkeeper)
    assert reconcile(listed.pk)
    ours = make_customer(listed.workspace, name="Tui Gardens Limited")
    Operation.objects.all().delete()

    decide(
        connection=listed, choices={_row(contact).pk: ours.pk}, verdict=Verdict.LINK, by=super_user,
    )  # fmt: skip
    sync()

    assert Link.objects.get(kind=Kind.CUSTOMER).local_id == ours.pk
    assert Customer.objects.get().name == "Tui Gardens"


@pytest.mark.long
def test_invoice_before_its_contact_comes_back_with_the_reason(
    listed: Connection, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    _, invoice = _born(bookkeeper)
    assert reconcile(listed.pk)
    _decide(listed, super_user, Verdict.CREATE, invoice)
    sync()
    assert (_row(invoice).verdict, _row(invoice).problem) == (
        Verdict.ASK, "First decide about the contact that it belongs to.",
    )  # fmt: skip
    assert not Invoice.objects.exists()


@pytest.mark.long
def test_number_that_is_taken_here_is_told_and_makes_nothing(
    listed: Connection, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    invoice = make_invoice(listed.workspace)
    Operation.objects.all().delete()
    contact, theirs = _born(bookkeeper, number=invoice.number)
    assert reconcile(listed.pk)
    _decide(listed, super_user, Verdict.CREATE, contact, theirs)
    sync()
    assert _row(theirs).verdict == Verdict.ASK
    assert invoice.number in _row(theirs).problem
    assert Invoice.objects.count() == 1


def test_rule_of_a_contact_takes_in_what_comes_later(
    listed: Connection, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    contact, _ = _born(bookkeeper)
    assert reconcile(listed.pk)
    assert _decide(listed, super_user, Verdict.CREATE, contact, and_its_own=True) == 2
    sync()
    assert Invoice.objects.count() == 1

    bookkeeper.create_invoice("X-2", contact)
    assert reconcile(listed.pk)

    assert Invoice.objects.filter(customer__name="Tui Gardens").count() == 2


@pytest.mark.long
def test_rule_to_leave_what_belongs_to_a_contact_holds_until_it_is_taken_back(
    listed: Connection, bookkeeper: Bookkeeper, super_user: User
) -> None:
    contact, invoice = _born(bookkeeper)
    assert reconcile(listed.pk)
    _decide(listed, super_user, Verdict.SKIP, contact, and_its_own=True)
    later = bookkeeper.create_invoice("X-2", contact)["InvoiceID"]
    assert reconcile(listed.pk)
    assert {_row(one).verdict for one in (contact, invoice, later)} == {Verdict.SKIP}

    _decide(listed, super_user, Verdict.ASK, contact, and_its_own=True)
    assert not NewcomerRule.objects.exists()
    assert _row(later).verdict == Verdict.ASK


@pytest.mark.long
def test_never_two_of_theirs_to_one_of_ours(
    listed: Connection, bookkeeper: Bookkeeper, super_user: User
) -> None:
    first, _ = _born(bookkeeper)
    second, _ = _born(bookkeeper, number="X-2", Name="Tui Gardens (2)")
    assert reconcile(listed.pk)
    ours = make_customer(listed.workspace)
    choices = {_row(first).pk: ours.pk, _row(second).pk: ours.pk}
    with pytest.raises(CannotDecide, match="same record"):
        decide(connection=listed, choices=choices, verdict=Verdict.LINK, by=super_user)
    assert not Newcomer.objects.filter(verdict=Verdict.LINK).exists()


@pytest.mark.long
def test_what_was_voided_there_is_listed_no_more(listed: Connection, bookkeeper: Bookkeeper) -> None:
    _, invoice = _born(bookkeeper)
    assert reconcile(listed.pk)
    bookkeeper.change_invoice(invoice, Status="DELETED")
    assert reconcile(listed.pk)
    assert not Newcomer.objects.filter(remote_id=invoice).exists()


def test_worker_that_dies_while_taking_in_makes_it_once(
    listed: Connection, bookkeeper: Bookkeeper, sync: Sync, super_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact, invoice = _born(bookkeeper)
    assert reconcile(listed.pk)
    _decide(listed, super_user, Verdict.CREATE, contact, invoice)
    taken: list[str] = []

    def die(*args: Any, **told: Any) -> Any:
        taken.append("once")
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(newcomers, "tell", die)
        with pytest.raises(SystemExit):
            sync()
    assert taken
    assert not Customer.objects.exists()

    Connection.objects.update(lease_token=None, lease_until=None)
    sync()

    assert (Customer.objects.count(), Invoice.objects.count()) == (1, 1)


@pytest.mark.long
def test_decision_is_done_with_what_stands_there_then(
    listed: Connection, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    contact, _ = _born(bookkeeper)
    assert reconcile(listed.pk)
    bookkeeper.change_contact(contact, EmailAddress="new@tui.example")
    _decide(listed, super_user, Verdict.CREATE, contact)
    assert Operation.objects.get(remote_id=contact).priority == Priority.USER
    sync()
    assert Customer.objects.get().email == "new@tui.example"
