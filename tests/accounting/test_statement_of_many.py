"""One cent among ten thousand documents, and what looking at many costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounting.enums import Kind, Reading, StatementState
from accounting.models import Connection, Statement
from accounting.resources.registry import kinds_read_by_themselves
from accounting.sync import proof
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.services import record_payment
from tests.accounting.agreeing import invoice, line_of, make_now, open_rows
from tests.accounting.many import copy_invoice
from tests.accounting.pages import url, words
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from workspaces.days import today
from xero_sandbox.handle import Handle

__all__ = ["invoice"]

pytestmark = pytest.mark.long

MANY = 10_000
CENT = Decimal("0.01")
IN_STEP = f"{MANY * 115}.00"


@pytest.fixture
def books_of_many(
    connected: Connection, sandbox: Handle, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> list[Invoice]:
    monkeypatch.setattr(proof.wakeup, "send", lambda *args, **about: None)
    return [invoice, *copy_invoice(connected, sandbox, invoice, MANY - 1)]


def _plant(sandbox: Handle, invoice: Invoice) -> None:
    """A cent of tax on this invoice there, so that its time of change does not tell."""
    there = sandbox.books()
    (document,) = (row for row in there.invoices.all() if row.number == invoice.number)
    line = replace(document.lines[0], tax_amount=document.lines[0].tax_amount + CENT)
    total, tax = document.total + CENT, document.total_tax + CENT
    there.load(replace(document, lines=(line,), total=total, total_tax=tax))


def _prove(connection: Connection) -> Statement:
    assert proof.begin(connection=connection)
    for _ in range(20):
        proof.take_turn(connection.pk)
        if not Statement.objects.filter(state=StatementState.RUNNING).exists():
            return Statement.objects.filter(reading=Reading.FULL).latest("as_of")
    raise AssertionError("the proof does not come to an end")


def _difference(made: Statement) -> Decimal:
    line = line_of(made, Kind.INVOICE)
    return Decimal(line["theirs"]) - Decimal(line["ours"])


def test_one_cent_among_ten_thousand_is_found_named_and_settled(
    books_of_many: list[Invoice],
    connected: Connection,
    sandbox: Handle,
    sync: Callable[[], None],
    staff_client: Client,
) -> None:
    sandbox.clear_requests()
    made = make_now(connected)
    line = line_of(made, Kind.INVOICE)
    assert (line["count"], line["ours"], line["theirs"], made.apart) == (MANY, IN_STEP, IN_STEP, 0)
    assert sandbox.requests() == []

    marked = books_of_many[7_321]
    _plant(sandbox, marked)
    proven = _prove(connected)
    (found,) = open_rows()
    assert (found.local_id, found.first_day) == (marked.pk, today(connected.workspace))
    assert (_difference(proven), found.theirs - found.ours) == (CENT, CENT)
    told = words(staff_client.get(url("statement", connected.workspace)))
    assert f"Invoice {marked.number}" in told
    assert proven.calls <= MANY // 1_000 + 1 + len(
        kinds_read_by_themselves()
    )  # what else there is of each kind

    sync()
    sandbox.clear_requests()
    settled = make_now(connected)
    assert (_difference(settled), settled.apart, open_rows()) == (0, 0, [])
    assert sandbox.requests() == []


def _add_paid(connection: Connection, rate: TaxRate) -> None:
    for _ in range(5):
        made = make_invoice(
            connection.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=rate)]
        )
        record_payment(invoice=made, amount=Decimal(5), date=ISSUED_ON, reference="", by=None)


def test_a_statement_looks_at_a_page_in_a_fixed_number_of_queries(
    connected: Connection, gst: TaxRate, sync: Callable[[], None]
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as captured:
            assert make_now(connected).apart == 0
        return len(captured)

    make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    before = cost()
    _add_paid(connected, gst)
    sync()
    with_payments = cost()
    _add_paid(connected, gst)
    sync()
    assert before <= cost() == with_payments
