"""What was sent is taken for what is there only when it is: one equal key is not enough, and no answer is no step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from accounting.enums import Kind, Lane, OpState, Priority
from accounting.models import Connection, Link, Operation
from accounting.sync.failing import MOST_ATTEMPTS
from accounting.sync.outbox import retry_failed
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """115.00, in step with Xero."""
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


def _contacts(sandbox: Handle) -> list[str]:
    return sorted(row["Name"] for row in sandbox.dump()["Contacts"])


def test_account_number_of_another_name_is_not_taken_for_the_same_customer(
    sandbox: Handle, connected: Connection, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """The name is taken by one contact, the account number belongs to another: a person decides."""
    bookkeeper.create_contact(Name="Kea Ltd")
    bookkeeper.create_contact(Name="Weka Ltd", AccountNumber="S-77")
    before = _contacts(sandbox)
    customer = make_customer(connected.workspace, name="Kea Ltd", reference="S-77")
    sync()
    customer.refresh_from_db()
    problem = Operation.objects.get()
    assert (problem.state, customer.name) == (OpState.FAILED, "Kea Ltd")
    assert "name" in problem.error
    assert (Link.objects.count(), _contacts(sandbox)) == (0, before)


def test_lost_answer_takes_no_contact_of_another_name(
    sandbox: Handle, connected: Connection, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """Nothing is linked, nothing is made twice: what has our reference may be ours, renamed meanwhile."""
    bookkeeper.create_contact(Name="Weka Ltd", AccountNumber="S-77")
    before = _contacts(sandbox)
    make_customer(connected.workspace, name="Kea Ltd", reference="S-77")
    sandbox.faults.add("error_500", method="PUT", path="Contacts")
    for _ in range(3):
        sync()
    problem = Operation.objects.get()
    assert (problem.state, problem.error_detail) == (OpState.FAILED, "")
    assert "of another name in Xero has this reference" in problem.error
    assert (Link.objects.count(), _contacts(sandbox)) == (0, before)


@pytest.mark.parametrize("reference", ['12" pipes', "back\\slash"])
def test_lost_answer_of_a_quoted_reference_is_found_again(
    sandbox: Handle, connected: Connection, sync: Sync, reference: str
) -> None:
    make_customer(connected.workspace, name="Kea Ltd", reference=reference)
    make_customer(connected.workspace, name="Tui Ltd", reference="T-1")
    sandbox.faults.add("error_500", method="PUT", path="Contacts", applied=True)
    for _ in range(3):
        sync()
    assert (Link.objects.count(), Operation.objects.count()) == (2, 0)
    assert [_contacts(sandbox).count(name) for name in ("Kea Ltd", "Tui Ltd")] == [1, 1]


def test_payments_of_one_amount_on_two_days_are_two(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    there = Link.objects.get(kind=Kind.INVOICE).remote_id
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, there, priority=Priority.USER)
    bookkeeper.pay(there, 50, date="2026-03-05")
    record_payment(invoice=invoice, amount=Decimal(50), date=dt.date(2026, 3, 9), reference="", by=None)
    ours = Operation.objects.filter(lane=Lane.PUSH)
    ours.update(not_before=timezone.now() + dt.timedelta(hours=1))  # theirs is heard while ours still waits
    sync()
    ours.update(not_before=None)
    sync()
    dates = Payment.objects.order_by("date").values_list("date", flat=True)
    assert list(dates) == [dt.date(2026, 3, 5), dt.date(2026, 3, 9)]
    invoice.refresh_from_db()
    assert invoice.amount_paid == 100


@pytest.mark.long
def test_answer_without_an_id_is_tried_a_few_times_then_told(
    sandbox: Handle, connected: Connection, invoice: Invoice, sync: Sync
) -> None:
    fault = sandbox.faults.add("no_id", method="PUT", path="Payments", times=None)
    record_payment(invoice=invoice, amount=Decimal(50), date=dt.date(2026, 3, 9), reference="", by=None)
    sandbox.clear_requests()
    for _ in range(3 * MOST_ATTEMPTS):
        Operation.objects.update(not_before=None)
        sync()
    problem = Operation.objects.get()
    assert (problem.state, problem.attempts) == (OpState.FAILED, MOST_ATTEMPTS)
    assert "yet it is not there" in problem.error
    puts = [call for call in sandbox.requests() if call.method == "PUT"]
    assert len(puts) == MOST_ATTEMPTS
    sandbox.faults.remove(fault.number)
    retry_failed(Operation.objects.all())
    sync()
    assert len(sandbox.dump()["Payments"]) == 1


@pytest.mark.long
def test_answer_without_an_id_waits_longer_each_time_and_lets_others_go_on(
    sandbox: Handle, connected: Connection, invoice: Invoice, sync: Sync
) -> None:
    sandbox.faults.add("no_id", method="PUT", path="Payments", times=None)
    record_payment(invoice=invoice, amount=Decimal(50), date=dt.date(2026, 3, 9), reference="", by=None)
    waits = []
    for _ in range(3):
        Operation.objects.update(not_before=None)
        sync()
        waiting = Operation.objects.get()
        waits.append((waiting.not_before - waiting.updated_at).total_seconds())
    assert waits == sorted(waits)
    make_customer(connected.workspace)
    sync()
    assert [row.kind for row in Operation.objects.all()] == [Kind.PAYMENT]


def test_what_xero_said_holds_only_what_xero_said(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """The bookkeeper gives our invoice a number that a draft has here: Xero said nothing about that."""
    make_invoice(connected.workspace, number="DRAFT-7")
    there = Link.objects.get(kind=Kind.INVOICE).remote_id
    bookkeeper.change_invoice(there, InvoiceNumber="DRAFT-7")
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, there, priority=Priority.USER)
    sync()
    problem = Operation.objects.get()
    assert "DRAFT-7 is taken by another invoice." in problem.error
    assert problem.error_detail == ""
