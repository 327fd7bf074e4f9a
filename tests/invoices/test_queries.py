"""Lists and sums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import pytest

from core.testing import assert_queries
from invoices.enums import InvoiceStage, InvoiceStatus
from invoices.models import Invoice, NumberSequence
from invoices.queries import (
    count_by_stage,
    get_invoice,
    list_invoices,
    portions_at,
    portions_of,
    sums_by_currency,
)
from invoices.services import take_credit
from lines.numbering import upcoming_number
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from workspaces.models import Workspace

TODAY = dt.date(2026, 3, 2)
LAST_YEAR = dt.date(2025, 3, 2)


@pytest.fixture
def one_of_each(in_workspace: Workspace) -> Workspace:
    for status in InvoiceStatus:
        make_invoice(in_workspace, status=status, number=status)
    paid = make_invoice(in_workspace, status=InvoiceStatus.SENT, number="paid")
    make_payment(in_workspace, invoice=paid, amount="100")
    part = make_invoice(in_workspace, status=InvoiceStatus.SENT, number="part")
    make_payment(in_workspace, invoice=part, amount="1")
    past = {"issue_date": LAST_YEAR, "due_date": LAST_YEAR, "status": InvoiceStatus.SENT}
    make_invoice(in_workspace, number="late", **past)
    make_payment(in_workspace, invoice=make_invoice(in_workspace, number="paid late", **past), amount="100")
    return in_workspace


LISTED: dict[str, set[str]] = {
    InvoiceStage.DRAFT: {"draft"},
    InvoiceStage.AWAITING_APPROVAL: {"awaiting_approval"},
    InvoiceStage.AWAITING_PAYMENT: {"approved", "sent", "part", "late"},
    InvoiceStage.OVERDUE: {"late"},
    InvoiceStage.PAID: {"paid", "paid late"},
    InvoiceStage.VOIDED: {"voided"},
    InvoiceStatus.SENT: {"sent", "paid", "part", "late", "paid late"},
    "": {*InvoiceStatus.values, "paid", "part", "late", "paid late"},
    "nonsense": set(),
}


def test_list_invoices_of_a_stage(one_of_each: Workspace) -> None:
    listed = {stage: list_invoices(one_of_each, today=TODAY, status=stage) for stage in LISTED}

    assert {stage: {invoice.number for invoice in rows} for stage, rows in listed.items()} == LISTED
    stages = [stage for stage in LISTED if stage in InvoiceStage.values and stage != InvoiceStage.OVERDUE]
    assert [{invoice.stage for invoice in listed[stage]} for stage in stages] == [{stage} for stage in stages]


def test_count_by_stage_counts_all_in_one_query(one_of_each: Workspace) -> None:
    with assert_queries(1):
        counts = count_by_stage(portions_of(list_invoices(one_of_each, today=TODAY), today=TODAY))

    assert counts == {
        "": 9,
        "draft": 1,
        "awaiting_approval": 1,
        "awaiting_payment": 4,
        "overdue": 1,
        "paid": 2,
        "voided": 1,
    }


def _counted(invoices: Iterable[Invoice]) -> tuple[int, Decimal]:
    totals = [invoice.total for invoice in invoices]
    return len(totals), sum(totals, Decimal(0))


def test_portions_at_hold_what_the_list_holds(one_of_each: Workspace) -> None:
    everything = portions_of(list_invoices(one_of_each, today=TODAY), today=TODAY)

    for status in ["", "nonsense", *InvoiceStage.values, *InvoiceStatus.values]:
        here = portions_at(everything, status)
        listed = list_invoices(one_of_each, today=TODAY, status=status)
        told = sum(portion.count for portion in here), sum((portion.total for portion in here), Decimal(0))
        assert told == _counted(listed), status


@pytest.mark.parametrize("search", ["inv-0001", "po 77", "blue bird", "77 bird", "0001  PO"])
def test_list_invoices_search_looks_everywhere(in_workspace: Workspace, search: str) -> None:
    customer = make_customer(in_workspace, name="Blue Bird Ltd")
    found = make_invoice(in_workspace, customer=customer, reference="PO 77")
    make_invoice(in_workspace)

    assert list(list_invoices(in_workspace, today=TODAY, search=search)) == [found]


def test_list_invoices_of_a_customer(in_workspace: Workspace) -> None:
    found = make_invoice(in_workspace)
    make_invoice(in_workspace)

    assert list(list_invoices(in_workspace, today=TODAY, customer=found.customer)) == [found]


def test_list_invoices_is_newest_first(in_workspace: Workspace) -> None:
    days = [dt.date(2026, 1, 5), dt.date(2026, 2, 1), dt.date(2026, 1, 9)]
    for day in days:
        make_invoice(in_workspace, issue_date=day)

    assert [invoice.issue_date for invoice in list_invoices(in_workspace, today=TODAY)] == sorted(
        days, reverse=True
    )


def test_sums_by_currency_leave_voided_ones_out(in_workspace: Workspace) -> None:
    make_payment(in_workspace, amount="40")
    make_invoice(in_workspace, currency="USD")
    make_invoice(in_workspace, status=InvoiceStatus.VOIDED)

    sums = sums_by_currency(portions_of(list_invoices(in_workspace, today=TODAY), today=TODAY))

    assert sums == [
        {"currency": "NZD", "sum": 100, "due": 60, "overdue": 0},
        {"currency": "USD", "sum": 100, "due": 0, "overdue": 0},
    ]


def test_sums_by_currency_tell_what_is_issued_and_late(in_workspace: Workspace) -> None:
    late = make_invoice(in_workspace, status=InvoiceStatus.SENT, due_date=dt.date(2026, 4, 1))
    make_invoice(in_workspace, status=InvoiceStatus.SENT, due_date=dt.date(2026, 4, 2))
    make_invoice(in_workspace, due_date=dt.date(2026, 4, 1))
    make_payment(in_workspace, invoice=late, amount="30")

    (sums,) = sums_by_currency(
        portions_of(list_invoices(in_workspace, today=TODAY), today=dt.date(2026, 4, 2))
    )

    assert (sums["sum"], sums["due"], sums["overdue"]) == (300, 170, 70)


def test_get_invoice_loads_what_the_page_shows(in_workspace: Workspace) -> None:
    pk = make_invoice(in_workspace, lines=[make_line(), make_line()]).pk

    with assert_queries(2):
        invoice = get_invoice(pk)
        shown = [(line.tax_rate, line.service) for line in invoice.lines.all()]

    assert (len(shown), invoice.customer.name != "") == (2, True)


def test_upcoming_number_takes_nothing(in_workspace: Workspace) -> None:
    assert [
        upcoming_number(NumberSequence, Invoice, in_workspace),
        upcoming_number(NumberSequence, Invoice, in_workspace),
    ] == ["INV-0001", "INV-0001"]
    assert make_invoice(in_workspace).number == "INV-0001"
    assert upcoming_number(NumberSequence, Invoice, in_workspace) == "INV-0002"


def test_credit_counts_in_lists_and_sums_as_payments_do(in_workspace: Workspace) -> None:
    part = make_invoice(in_workspace, status=InvoiceStatus.SENT, number="part")
    whole = make_invoice(in_workspace, status=InvoiceStatus.SENT, number="whole")
    make_payment(in_workspace, invoice=whole, amount="60")
    for invoice, amount in ((part, 30), (whole, 40)):
        take_credit(invoice=invoice, amount=Decimal(amount))

    late = dt.date(2026, 12, 1)
    (sums,) = sums_by_currency(portions_of(list_invoices(in_workspace, today=late), today=late))
    assert (sums["sum"], sums["due"], sums["overdue"]) == (200, 70, 70)
    awaiting = list_invoices(in_workspace, today=TODAY, status=InvoiceStage.AWAITING_PAYMENT)
    paid = list_invoices(in_workspace, today=TODAY, status=InvoiceStage.PAID)
    assert [row.number for row in awaiting] == ["part"]
    assert [(row.number, row.stage) for row in paid] == [("whole", InvoiceStage.PAID)]
