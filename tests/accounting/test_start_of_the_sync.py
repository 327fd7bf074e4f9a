"""What is dated before the start of the sync goes neither way, unless it is linked already, and says so."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from accounting.enums import BornThere, ErrorClass, Kind, OpState
from accounting.models import Connection, Link, Mapping, Newcomer, Operation
from accounting.queries.panel import record_panel
from accounting.queries.status import states_of
from accounting.queries.unsent import count_unsent
from accounting.sync.mapping import Choices, save_mapping
from accounting.sync.reconcile import reconcile
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.models import Invoice
from invoices.services import update_invoice
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.keeping_step import Sync, bookkeeper, there
from tests.accounting.pages import notices, words
from tests.accounting.test_mapping_foreseen import confirm, save
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User, Workspace

__all__ = ["bookkeeper"]

START = dt.date(2026, 4, 1)
BEFORE = dt.date(2026, 3, 31)


def make(workspace: Workspace, gst: TaxRate, day: dt.date, **more: object) -> Invoice:
    lines = [make_line(tax_rate=gst)]
    return make_invoice(workspace, lines=lines, status="approved", issue_date=day, **more)


@pytest.fixture
def starts(connected: Connection) -> None:
    Mapping.objects.update(start_date=START)


@pytest.fixture
def old(starts: None, workspace: Workspace, gst: TaxRate) -> Invoice:
    return make(workspace, gst, BEFORE)


def start_on(connection: Connection, day: dt.date | None, by: User) -> None:
    kept = {
        name: getattr(Mapping.objects.get(), name) for name in ("revenue_account_id", "payment_account_id")
    }
    save_mapping(connection=connection, choices=Choices(start_date=day, **kept), by=by)


def test_only_what_is_dated_from_the_start_on_is_sent(
    old: Invoice, workspace: Workspace, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    new = make(workspace, gst, START)

    sync()

    assert [row["InvoiceNumber"] for row in bookkeeper.read_all("Invoices")] == [new.number]
    assert not Operation.objects.exists()
    status = states_of(Kind.INVOICE, [old])[old.pk]
    assert (status.label, status.reason) == (
        "Before the start", "It is dated before 1 Apr 2026, the start of the sync.",
    )  # fmt: skip
    assert record_panel(Kind.INVOICE, old).can_send is False


def test_what_is_linked_goes_on_both_ways(
    connected: Connection, workspace: Workspace, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    invoice = make(workspace, gst, BEFORE)
    sync()
    Mapping.objects.update(start_date=START)

    update_invoice(invoice=invoice, by=None, reference="PO 9")
    record_payment(invoice=invoice, amount=Decimal(10), date=BEFORE, by=None)
    sync()

    found = bookkeeper.read_all("Invoices")[0]
    assert (found["Reference"], found["AmountPaid"]) == ("PO 9", 10)
    assert not Operation.objects.exists()


def test_payment_waits_with_its_invoice_and_goes_with_it(
    old: Invoice, connected: Connection, super_user: User, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    payment = record_payment(invoice=old, amount=Decimal(10), date=START, by=None)
    sync()
    status = states_of(Kind.PAYMENT, [payment])[payment.pk]
    told = f"It waits until invoice {old.number} is linked, which is dated before 1 Apr 2026, the start of the sync."
    assert (status.reason, status.is_moving, there(bookkeeper)) == (told, False, [])

    start_on(connected, None, super_user)
    sync()

    assert [row["AmountPaid"] for row in bookkeeper.read_all("Invoices")] == [10]


def test_nothing_before_the_start_is_counted_as_never_sent(
    old: Invoice, workspace: Workspace, gst: TaxRate, connected: Connection
) -> None:
    record_payment(invoice=old, amount=Decimal(10), date=START, by=None)
    record_payment(invoice=make(workspace, gst, START), amount=Decimal(10), date=START, by=None)
    Operation.objects.all().delete()

    assert dict(count_unsent().counts) == {
        Kind.CUSTOMER: Customer.objects.count(),
        Kind.INVOICE: 1,
        Kind.PAYMENT: 1,
        Kind.CREDIT_NOTE: 0,
        Kind.ALLOCATION: 0,
        Kind.REFUND: 0,
    }


def test_what_failed_and_is_before_the_start_now_needs_nobody(
    connected: Connection, workspace: Workspace, gst: TaxRate, super_user: User, sync: Sync
) -> None:
    make(workspace, gst, BEFORE)
    Operation.objects.filter(kind=Kind.INVOICE).update(
        state=OpState.FAILED, error_class=ErrorClass.PERMANENT, error="No."
    )

    start_on(connected, START, super_user)
    sync()

    assert not Operation.objects.exists()
    assert not Link.objects.filter(kind=Kind.INVOICE).exists()


def test_approving_what_does_not_go_is_not_objected_to(
    starts: None, workspace: Workspace, gst: TaxRate
) -> None:
    """The organisation has no such currency; it never hears of it."""
    Connection.objects.update(currencies=["NZD"])

    assert make(workspace, gst, BEFORE, currency="GBP").is_issued


def test_changing_the_start_says_what_it_does(
    super_client: Client, workspace: Workspace, connected: Connection, gst: TaxRate
) -> None:
    for day in (BEFORE, BEFORE, START):
        make(workspace, gst, day)
    Operation.objects.all().delete()

    page = save(super_client, workspace, start_date="2026-04-01")

    assert "2 invoices that Xero does not have stay here." in words(page)
    assert notices(confirm(super_client, workspace, page)) == ["Saved."]
    assert Mapping.objects.get().start_date == START
    assert "2 invoices that were never sent may go." in words(
        save(super_client, workspace, start_date="2026-03-01")
    )


def test_no_day_is_refused_on_its_field(
    super_client: Client, workspace: Workspace, connected: Connection
) -> None:
    page = save(super_client, workspace, start_date="1 April")

    assert page.status_code == 422
    assert "Write a date like 2026-11-28." in words(page)


def test_what_is_born_there_is_listed_from_the_start_on(
    connected: Connection, bookkeeper: Bookkeeper, super_user: User
) -> None:
    """Moved back, the start lists what is older too; moved on, it takes what nobody decided about off the list."""
    Mapping.objects.update(born_there=BornThere.QUEUE)
    contact = bookkeeper.create_contact(Name="Tui Gardens")["ContactID"]
    made = {day: bookkeeper.create_invoice(f"X-{day}", contact, day=str(day)) for day in (BEFORE, START)}

    def listed_from(day: dt.date | None) -> set[dt.date]:
        start_on(connected, day, super_user)
        assert reconcile(connected.pk)
        ids = {row["InvoiceID"]: day for day, row in made.items()}
        return {ids[row.remote_id] for row in Newcomer.objects.filter(remote_id__in=ids)}

    assert listed_from(START) == {START}
    assert listed_from(None) == {BEFORE, START}
    assert listed_from(START) == {START}
