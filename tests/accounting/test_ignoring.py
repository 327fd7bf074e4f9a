"""A record that a person left out: nothing of it goes either way, nothing is forgotten, and it comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounting.enums import Blocker, Kind, OpState, Until
from accounting.models import Connection, Exemption, Link, Operation, Problem
from accounting.queries.problems import count_trouble
from accounting.queries.status import states_of
from accounting.queries.unsent import count_unsent
from accounting.sync import exemptions, ignoring, problems, push
from accounting.sync.deciding import CannotDecide
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from customers.models import Customer
from customers.services import update_customer
from invoices.enums import InvoiceStatus
from invoices.services import delete_invoice, update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.days import today
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def customer(connected: Connection, sync: Sync) -> Customer:
    made = make_customer(connected.workspace, name="Kowhai Cafe")
    sync()
    return made


@pytest.fixture
def failed(connected: Connection, customer: Customer) -> Customer:
    """An edit of it that Xero refused."""
    update_customer(customer=customer, email="ours@kowhai.nz", by=None)
    Operation.objects.update(state=OpState.FAILED, error="Xero says: no", error_class="permanent")
    return customer


def _ignore(connection: Connection, record: Customer, by: User, until: Until, **more: object) -> None:
    ignoring.ignore(connection=connection, kind=Kind.CUSTOMER, local_id=record.pk, until=until, by=by, **more)


def _remote_id(record: Customer) -> str:
    return Link.objects.get(local_id=record.pk).remote_id


def _tell(connection: Connection, record: Customer) -> None:
    with transaction.atomic():
        request_pull(connection, Kind.CUSTOMER, _remote_id(record))


def test_ignored_record_is_no_trouble_and_says_so(
    connected: Connection, failed: Customer, sync: Sync, super_user: User
) -> None:
    assert count_trouble().failed == 1
    _ignore(connected, failed, super_user, Until.GOOD, reason="Old customer.")
    sync()
    assert count_trouble().failed == 0
    status = states_of(Kind.CUSTOMER, [failed])[failed.pk]
    assert (status.code, status.reason) == ("ignored", "Left out of the sync for good. Old customer.")
    assert Operation.objects.get().blocker == Blocker.EXEMPT


def test_problem_that_only_held_up_what_is_ignored_is_over(
    connected: Connection, failed: Customer, super_user: User
) -> None:
    problems.keep_up()
    assert Problem.objects.get().closed_at is None
    _ignore(connected, failed, super_user, Until.GOOD)
    problems.keep_up()
    assert Problem.objects.get().closed_at is not None


def test_record_that_is_ignored_while_it_is_looked_at_does_not_fail(
    sandbox: Handle,
    connected: Connection,
    customer: Customer,
    bookkeeper: Bookkeeper,
    sync: Sync,
    super_user: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    update_customer(customer=customer, city="Napier", by=None)
    bookkeeper.change_contact(_remote_id(customer), City="Nelson", FirstName="Aroha")
    look = push._look_before

    def ignored_meanwhile(*args: Any) -> Any:
        _ignore(connected, customer, super_user, Until.GOOD)
        return look(*args)

    monkeypatch.setattr(push, "_look_before", ignored_meanwhile)
    sync()
    assert (Operation.objects.get().state, Operation.objects.get().blocker) == (
        OpState.BLOCKED,
        Blocker.EXEMPT,
    )


def test_ignored_for_good_goes_neither_way_until_it_is_taken_back(
    connected: Connection, failed: Customer, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    _ignore(connected, failed, super_user, Until.GOOD)
    update_customer(customer=failed, city="Napier", by=None)
    bookkeeper.change_contact(_remote_id(failed), FirstName="Aroha")
    _tell(connected, failed)
    sync()
    failed.refresh_from_db()
    assert (failed.first_name, bookkeeper.contact(_remote_id(failed)).get("EmailAddress", "")) == ("", "")

    ignoring.take_back(connection=connected, kind=Kind.CUSTOMER, local_id=failed.pk, by=super_user)
    sync()
    sync()
    failed.refresh_from_db()
    assert (failed.first_name, failed.city) == ("Aroha", "Napier")
    assert bookkeeper.contact(_remote_id(failed))["EmailAddress"] == "ours@kowhai.nz"
    assert Operation.objects.count() == 0


def test_ignored_until_it_changes_comes_back_with_an_edit(
    connected: Connection, failed: Customer, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    _ignore(connected, failed, super_user, Until.CHANGE)
    sync()
    assert Exemption.objects.exists()
    update_customer(customer=failed, city="Napier", by=None)
    sync()
    assert bookkeeper.contact(_remote_id(failed))["EmailAddress"] == "ours@kowhai.nz"
    assert (Exemption.objects.count(), Operation.objects.count()) == (0, 0)


def test_ignored_until_it_changes_comes_back_with_a_change_in_xero(
    connected: Connection, customer: Customer, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    _ignore(connected, customer, super_user, Until.CHANGE)
    _tell(connected, customer)
    sync()
    assert Exemption.objects.exists()
    bookkeeper.change_contact(_remote_id(customer), FirstName="Aroha")
    _tell(connected, customer)
    sync()
    customer.refresh_from_db()
    assert (customer.first_name, Exemption.objects.count()) == ("Aroha", 0)


def test_ignored_until_a_day_comes_back_on_that_day_where_the_workspace_is(
    connected: Connection, failed: Customer, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    now = today(connected.workspace)
    _ignore(connected, failed, super_user, Until.DAY, day=now + dt.timedelta(days=1))
    assert exemptions.lift_due() == 0
    Exemption.objects.update(day=now)
    assert exemptions.lift_due() == 1
    sync()
    assert bookkeeper.contact(_remote_id(failed))["EmailAddress"] == "ours@kowhai.nz"
    assert Operation.objects.count() == 0


def test_ignored_record_is_not_never_sent(connected: Connection, super_user: User) -> None:
    made = make_customer(connected.workspace)
    Operation.objects.all().delete()
    assert count_unsent(Kind.CUSTOMER).total == 1
    _ignore(connected, made, super_user, Until.GOOD)
    assert count_unsent(Kind.CUSTOMER).total == 0


def test_draft_deleted_while_it_was_ignored_stays_in_xero(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    connected.mapping.invoice_status = "with_status"
    connected.mapping.save()
    draft = make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)])
    sync()
    remote_id = Link.objects.get(kind=Kind.INVOICE).remote_id
    ignoring.ignore(
        connection=connected, kind=Kind.INVOICE, local_id=draft.pk, until=Until.GOOD, by=super_user
    )
    delete_invoice(invoice=draft, by=None)
    sync()
    assert bookkeeper.invoice(remote_id)["Status"] == "DRAFT"
    assert Operation.objects.count() == 0


def test_out_of_sync_is_decided_first(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    invoice = make_invoice(
        connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    sync()
    update_invoice(invoice=invoice, due_date=dt.date(2026, 4, 1), by=None)
    bookkeeper.change_invoice(Link.objects.get(kind=Kind.INVOICE).remote_id, DueDate="2026-05-01")
    sync()
    with pytest.raises(CannotDecide, match="Decide first"):
        ignoring.ignore(
            connection=connected, kind=Kind.INVOICE, local_id=invoice.pk, until=Until.GOOD, by=super_user
        )


def test_taking_back_what_is_in_the_sync_is_refused(
    connected: Connection, customer: Customer, super_user: User
) -> None:
    with pytest.raises(CannotDecide, match="in the sync already"):
        ignoring.take_back(connection=connected, kind=Kind.CUSTOMER, local_id=customer.pk, by=super_user)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"until": "never"}, "exemption_until_known"),
        ({"kind": "cat"}, "exemption_kind_known"),
        ({"until": "day"}, "exemption_until_a_day_names_it"),
        ({"until": "good", "day": dt.date(2026, 3, 1)}, "exemption_until_a_day_names_it"),
    ],
)
def test_exemption_is_whole(
    connected: Connection, customer: Customer, super_user: User, values: dict[str, object], name: str
) -> None:
    _ignore(connected, customer, super_user, Until.GOOD)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Exemption.objects.update(**values)


def test_record_has_one_exemption(connected: Connection, customer: Customer, super_user: User) -> None:
    _ignore(connected, customer, super_user, Until.GOOD)
    _ignore(connected, customer, super_user, Until.CHANGE)
    kept = Exemption.objects.get()
    kept.pk = None
    with pytest.raises(IntegrityError, match="one_exemption_per_record"), transaction.atomic():
        kept.save(force_insert=True)
