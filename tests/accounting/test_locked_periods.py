"""What is dated in a period that the organisation has locked: asked for an open day, moved to it, or parked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounting.enums import Blocker, InvoiceStatusRule, LockedPeriod, OpState
from accounting.models import Connection, Link, Mapping, Operation
from accounting.sync import reference
from accounting.sync.mapping import Choices, save_mapping
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, void_invoice
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.pages import words
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User, Workspace
from workspaces.queries import history_of
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

LOCKED, OPEN = dt.date(2026, 10, 31), dt.date(2026, 11, 1)


@pytest.fixture
def lock(sandbox: Handle, connected: Connection) -> Callable[..., None]:
    """Set the organisation's lock dates, and read its lists."""

    def change(period: dt.date | None = None, year: dt.date | None = None, *, read: bool = True) -> None:
        books = sandbox.books()
        books.put(replace(books.organisation, period_lock_date=period, end_of_year_lock_date=year))
        if read:
            reference.refresh_lists(connected)

    return change


def rule(value: str) -> None:
    Mapping.objects.update(locked_period=value)


def invoices_there(sandbox: Handle) -> list[tuple[str, str]]:
    return [(row["InvoiceNumber"], row["DateString"][:10]) for row in sandbox.dump()["Invoices"]]


def locked_draft(workspace: Workspace, gst: TaxRate, **fields: object) -> Invoice:
    return make_invoice(workspace, lines=[make_line(tax_rate=gst)], issue_date=LOCKED, **fields)


def test_mapping_knows_no_other_rule_of_locked_periods(connected: Connection) -> None:
    with pytest.raises(IntegrityError, match="mapping_locked_period_known"), transaction.atomic():
        Mapping.objects.update(locked_period="ignore")


def test_parked_invoice_waits_with_its_payment_and_both_go_once_the_lock_moves(
    sandbox: Handle, connected: Connection, gst: TaxRate, lock: Callable[..., None], sync: Callable[[], None]
) -> None:
    rule(LockedPeriod.PARK)
    lock(period=LOCKED)
    before = invoices_there(sandbox)
    invoice = approve_invoice(invoice=locked_draft(connected.workspace, gst), by=None)
    record_payment(invoice=invoice, amount=Decimal(10), date=OPEN, by=None)
    sync()

    waiting = Operation.objects.get(blocker=Blocker.PERIOD)
    assert (waiting.local_id, waiting.state) == (invoice.pk, OpState.BLOCKED)
    assert waiting.error == (
        "Its period is locked in Xero, up to 31 Oct 2026. It goes there by itself once the lock is moved."
    )
    assert invoices_there(sandbox) == before

    lock(period=dt.date(2026, 9, 30))
    sync()

    assert (invoice.number, "2026-10-31") in invoices_there(sandbox)
    assert not Operation.objects.exists()
    assert Link.objects.filter(local_id=Payment.objects.get().pk).exists()


def test_void_of_an_invoice_in_a_locked_period_is_parked_too(
    sandbox: Handle, connected: Connection, gst: TaxRate, lock: Callable[..., None], sync: Callable[[], None]
) -> None:
    rule(LockedPeriod.PARK)
    invoice = approve_invoice(invoice=locked_draft(connected.workspace, gst), by=None)
    sync()
    lock(year=LOCKED)
    void_invoice(invoice=invoice, by=None)
    sync()
    assert Operation.objects.get().blocker == Blocker.PERIOD

    lock()
    sync()

    assert not Operation.objects.exists()
    (there,) = [row for row in sandbox.dump()["Invoices"] if row["InvoiceNumber"] == invoice.number]
    assert there["Status"] == "VOIDED"


def test_unchanged_invoice_in_a_locked_period_is_not_parked(
    connected: Connection, gst: TaxRate, lock: Callable[..., None], sync: Callable[[], None]
) -> None:
    rule(LockedPeriod.PARK)
    invoice = approve_invoice(invoice=locked_draft(connected.workspace, gst), by=None)
    sync()
    lock(period=LOCKED)
    with transaction.atomic():
        invoice.save()
    sync()

    assert not Operation.objects.exists()


def test_moved_invoice_bears_the_first_open_day_on_both_sides(
    sandbox: Handle, connected: Connection, gst: TaxRate, lock: Callable[..., None], sync: Callable[[], None]
) -> None:
    rule(LockedPeriod.MOVE)
    lock(period=LOCKED)
    draft = locked_draft(connected.workspace, gst, due_date=LOCKED)

    invoice = approve_invoice(invoice=draft, by=None)
    sync()

    assert (invoice.issue_date, invoice.due_date) == (OPEN, OPEN)
    assert (invoice.number, "2026-11-01") in invoices_there(sandbox)
    assert not Operation.objects.exists()
    told = "Dated anew: Xero's books are locked up to 31 Oct 2026. The date becomes 1 Nov 2026, the first open day."
    assert told in [entry.summary for entry in history_of(invoice.pk)]


def test_moved_invoice_keeps_a_due_date_that_is_open(
    connected: Connection, gst: TaxRate, lock: Callable[..., None]
) -> None:
    rule(LockedPeriod.MOVE)
    lock(period=LOCKED)
    due = dt.date(2026, 11, 14)

    invoice = approve_invoice(invoice=locked_draft(connected.workspace, gst, due_date=due), by=None)

    assert (invoice.issue_date, invoice.due_date) == (OPEN, due)


def test_moved_payment_bears_the_first_open_day(
    connected: Connection, gst: TaxRate, lock: Callable[..., None], sync: Callable[[], None]
) -> None:
    rule(LockedPeriod.MOVE)
    invoice = approve_invoice(invoice=locked_draft(connected.workspace, gst), by=None)
    lock(period=LOCKED)
    sync()

    payment = record_payment(invoice=invoice, amount=Decimal(10), date=LOCKED, by=None)

    assert payment.date == OPEN


@pytest.mark.parametrize("opened", ["by the lock", "by the rule"])
def test_what_was_refused_for_its_period_is_looked_at_again(
    connected: Connection,
    gst: TaxRate,
    super_user: User,
    lock: Callable[..., None],
    sync: Callable[[], None],
    opened: str,
) -> None:
    """Approved before the lock moved over it: Xero refuses it, however often the lists are read meanwhile."""
    invoice = approve_invoice(invoice=locked_draft(connected.workspace, gst), by=None)
    lock(period=LOCKED, read=False)
    sync()
    for _ in range(2):
        reference.refresh_lists(connected)
        sync()
    assert Operation.objects.get().state == OpState.FAILED

    if opened == "by the lock":
        lock()
    else:
        choices = mapped(locked_period=LockedPeriod.PARK)
        save_mapping(connection=Connection.objects.get(), choices=choices, by=super_user)
    sync()

    blockers = list(Operation.objects.values_list("blocker", flat=True))
    assert blockers == ([] if opened == "by the lock" else [Blocker.PERIOD])
    assert Link.objects.filter(local_id=invoice.pk).exists() is (opened == "by the lock")


def mapped(**changed: str) -> Choices:
    mapping = Mapping.objects.get()
    kept = {name: getattr(mapping, name) for name in ("revenue_account_id", "payment_account_id")}
    return Choices(**kept, **changed)


@pytest.mark.parametrize(("lock_date", "passes"), [("period_lock_date", True), ("year_lock_date", False)])
def test_adviser_passes_the_period_lock_and_not_the_end_of_year(
    connected: Connection, gst: TaxRate, lock_date: str, passes: bool
) -> None:
    Connection.objects.update(passes_period_lock=True, **{lock_date: LOCKED})

    assert Connection.objects.get().is_locked_on(LOCKED) is not passes


def test_sandbox_says_that_nobody_passes_its_period_lock(
    connected: Connection, lock: Callable[..., None]
) -> None:
    Connection.objects.update(passes_period_lock=True, may_approve=False)

    lock(period=LOCKED)

    stored = Connection.objects.get()
    assert (stored.passes_period_lock, stored.may_approve) == (False, True)


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (LockedPeriod.BLOCK, "Choose 1 Nov 2026 or later"),
        (LockedPeriod.MOVE, "The date becomes 1 Nov 2026, the first open day."),
        (LockedPeriod.PARK, "What is dated until then goes there once your bookkeeper has moved the lock."),
    ],
)
@pytest.mark.parametrize("page", ["invoices:detail", "invoices:edit"])
def test_page_of_a_draft_in_a_locked_period_says_what_becomes_of_it(
    staff_client: Client,
    connected: Connection,
    gst: TaxRate,
    lock: Callable[..., None],
    page: str,
    chosen: str,
    told: str,
) -> None:
    draft = locked_draft(connected.workspace, gst)
    lock(period=LOCKED)
    rule(chosen)
    address = reverse(page, args=[connected.workspace.slug, draft.pk])

    assert f"Xero's books are locked up to 31 Oct 2026. {told}" in words(staff_client.get(address))

    Connection.objects.update(period_lock_date=dt.date(2026, 9, 30))
    assert "Xero's books are locked" not in words(staff_client.get(address))


def test_draft_in_a_locked_period_is_no_business_of_the_rule_until_it_is_approved(
    connected: Connection, gst: TaxRate, lock: Callable[..., None]
) -> None:
    Mapping.objects.update(invoice_status=InvoiceStatusRule.AUTHORISED, locked_period=LockedPeriod.MOVE)
    lock(period=LOCKED)

    draft = locked_draft(connected.workspace, gst)

    assert (draft.status, draft.issue_date) == (InvoiceStatus.DRAFT, LOCKED)
