"""What could not be created in the organisation is counted, and told with the reason, before anything is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from accounting.enums import InvoiceStatusRule, LockedPeriod, Until, Verdict
from accounting.models import Clash, Connection, Decision, DryRun, Link, Mapping, Operation
from accounting.queries.dry_run import decisions_of, outcome_of, remark_on
from accounting.resources.registry import kinds_read_by_themselves
from accounting.sync import dry_run, exemptions, reference
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice, InvoiceLine
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.dry_running import Sync, bookkeeper, compared, confirm_it
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.sampling import mostly_long
from workspaces.models import User
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "compared"]
"""Fixtures."""
LOCKED = "Its period is locked in Xero, up to 31 Mar 2026. "


class Desk:
    """One invoice of a customer that nothing stands in the way of, and hands to put something there."""

    def __init__(self, connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sandbox: Handle) -> None:
        self.connected, self.gst, self.bookkeeper, self.sandbox = connected, gst, bookkeeper, sandbox
        self.customer = make_customer(connected.workspace, name="Fine Foods")
        self.invoice = self.make(self.customer)

    def make(self, customer: Customer) -> Invoice:
        lines = [make_line(tax_rate=self.gst)]
        return make_invoice(
            customer.workspace, customer=customer, number="N-1", status=InvoiceStatus.APPROVED, lines=lines
        )

    def lock_march(self, rule: LockedPeriod) -> None:
        Mapping.objects.update(locked_period=rule)
        books = self.sandbox.books()
        books.put(replace(books.organisation, period_lock_date=dt.date(2026, 3, 31)))
        reference.refresh_lists(self.connected)
        self.sandbox.clear_requests()

    def take_number(self) -> None:
        contact = self.bookkeeper.create_contact(Name="Theirs")
        there = self.bookkeeper.create_invoice("N-1", contact["ContactID"])
        self.bookkeeper.change_invoice(there["InvoiceID"], Status="AUTHORISED")
        self.bookkeeper.change_invoice(there["InvoiceID"], Status="VOIDED")

    def empty_draft(self) -> None:
        Mapping.objects.update(invoice_status=InvoiceStatusRule.WITH_STATUS)
        self.invoice.delete()
        make_invoice(self.customer.workspace, customer=self.customer, number="N-1", lines=[])

    def leave_out_owner(self) -> None:
        with transaction.atomic():
            exemptions.exempt(self.connected, "customer", self.customer, until=Until.GOOD, by=None)


def _without_rate(desk: Desk) -> None:
    InvoiceLine.objects.update(tax_rate=None)


def _in_dollars(desk: Desk) -> None:
    Invoice.objects.update(currency="CHF")


def _with_a_removed_rate(desk: Desk) -> None:
    books = desk.sandbox.books()
    rate = next(rate for rate in books.tax_rates.all() if rate.id == "OUTPUT2")
    books.put(replace(rate, status="DELETED"))
    reference.refresh_lists(desk.connected)


def _of_an_archived_customer(desk: Desk) -> None:
    Customer.objects.update(archived_at=desk.customer.created_at)


CASES: dict[str, tuple[Callable[[Desk], None], str, str]] = {
    "no rate": (_without_rate, "Choose a tax rate for the line", "blocked setup"),
    "currency": (_in_dollars, "has no CHF in Xero", "failed"),
    "removed rate": (_with_a_removed_rate, "was removed in Xero", "failed"),
    "locked": (lambda desk: desk.lock_march(LockedPeriod.BLOCK), LOCKED + "Give it a later date", "failed"),
    "parked": (
        lambda desk: desk.lock_march(LockedPeriod.PARK),
        LOCKED + "It goes there by",
        "blocked period",
    ),
    "number": (Desk.take_number, "Its number is taken in Xero: N-1, ", "clash"),
    "no lines": (Desk.empty_draft, "It has no lines yet.", "blocked incomplete"),
    "owner left out": (Desk.leave_out_owner, "Fine Foods is left out of the sync.", "blocked exempt"),
    "owner archived": (_of_an_archived_customer, "Fine Foods is archived, voided or a draft here", "failed"),
}


def _what_happened(invoice: str) -> str:
    pk = Invoice.objects.get(number=invoice).pk
    if Link.objects.filter(local_id=pk).exists():
        return "linked"
    if Clash.objects.filter(local_id=pk).exists():
        return "clash"
    operation = Operation.objects.get(local_id=pk)
    return f"{operation.state} {operation.blocker}".strip()


@pytest.mark.parametrize("case", mostly_long(CASES, quick={"no rate", "number"}))
def test_what_cannot_be_sent_is_foreseen_with_its_reason(
    connected: Connection,
    gst: TaxRate,
    bookkeeper: Bookkeeper,
    sandbox: Handle,
    compared: Callable[[], DryRun],
    sync: Sync,
    case: str,
) -> None:
    hinder, reason, end = CASES[case]
    hinder(Desk(connected, gst, bookkeeper, sandbox))

    run = compared()

    (row,) = decisions_of(run, "stuck")
    assert reason in remark_on(row)
    confirm_it(run, sync)
    assert _what_happened("N-1") == end


@pytest.mark.parametrize(
    ("verdict", "outlook", "words"),
    [
        (Verdict.ASK, "stuck", "Waits until you decide about Fine Foods."),
        (Verdict.SKIP, "stuck", "Fine Foods is left out, so this waits."),
        (Verdict.CREATE, "create", ""),
    ],
)
def test_what_belongs_to_another_waits_for_its_decision(
    connected: Connection,
    gst: TaxRate,
    bookkeeper: Bookkeeper,
    sandbox: Handle,
    compared: Callable[[], DryRun],
    super_user: User,
    verdict: Verdict,
    outlook: str,
    words: str,
) -> None:
    Desk(connected, gst, bookkeeper, sandbox)
    run = compared()
    owner = Decision.objects.get(kind="customer")
    dry_run.decide(run=run, ids=[owner.pk], verdict=verdict, by=super_user)
    row = decisions_of(run).get(kind="invoice")
    assert (row.outlook, remark_on(row)) == (outlook, words)


def test_pair_whose_own_side_is_not_ready_needs_a_person(
    connected: Connection,
    gst: TaxRate,
    bookkeeper: Bookkeeper,
    sandbox: Handle,
    compared: Callable[[], DryRun],
    sync: Sync,
) -> None:
    """A link says what both agree on, so ours has to be sayable there."""
    contact = bookkeeper.create_contact(Name="Fine Foods")
    bookkeeper.create_invoice("N-1", contact["ContactID"], amount=100)
    Desk(connected, gst, bookkeeper, sandbox)
    InvoiceLine.objects.update(tax_rate=None)
    run = compared()
    outcome = outcome_of(connected)
    assert outcome
    assert {name: count for name, count in outcome.counts.items() if count} == {
        "link": 1,
        "ask": 1,
    }
    assert Decision.objects.get(kind="invoice").problem.startswith("Choose a tax rate for the line")
    confirm_it(run, sync)
    after = outcome_of(connected)
    assert after
    assert after.counts == outcome.counts


@pytest.mark.long
def test_looking_ahead_at_many_reads_as_often_as_at_few(
    connected: Connection, gst: TaxRate, compared: Callable[[], DryRun], django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        lines = [make_line(tax_rate=gst)]
        make_invoice(connected.workspace, number=f"N-{number}", status=InvoiceStatus.APPROVED, lines=lines)
    with django_assert_max_num_queries(63):
        assert compared().calls == len(kinds_read_by_themselves())
    assert Decision.objects.filter(obstacle="").count() == 24
