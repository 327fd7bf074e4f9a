"""A conflict about amounts that one side computed: whatever is decided, both sides end with the same figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction

from accounting.enums import ConflictState, Kind, Lane, Priority, Resolution
from accounting.models import Conflict, Connection, Link, Operation
from accounting.resources.desk import open_desk
from accounting.sync.pull import request_pull
from accounting.sync.resolve import look_again, resolve
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import reopen_invoice, update_invoice
from lines.totals import LineInput
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

Sync = Callable[[], None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


@pytest.fixture
def conflict(invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync) -> Conflict:
    """The bookkeeper has put the tax right by a cent, and the reference was changed here."""
    there = Link.objects.get(kind=Kind.INVOICE).remote_id
    (line,) = bookkeeper.invoice(there)["LineItems"]
    bookkeeper.change_invoice(there, LineItems=[{**line, "TaxAmount": float(line["TaxAmount"]) - 0.01}])
    update_invoice(invoice=invoice, reference="PO 7", by=None)
    _hear(connected, there, sync)
    return Conflict.objects.get(state=ConflictState.OPEN)


@pytest.fixture
def two_lines(
    invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, gst: TaxRate, sync: Sync
) -> Conflict:
    """The bookkeeper has put the tax of the first line right by a cent, and the second was changed here."""
    (first,) = (line.as_input() for line in invoice.lines.all())
    _rework(invoice, [first, make_line("Courier", tax_rate=gst)])
    sync()
    there = Link.objects.get(kind=Kind.INVOICE).remote_id
    line, other = bookkeeper.invoice(there)["LineItems"]
    bookkeeper.change_invoice(there, LineItems=[{**line, "TaxAmount": 14.99}, other])
    first, second = (line.as_input() for line in invoice.lines.all())
    _rework(invoice, [first, dataclasses.replace(second, quantity=Decimal(2))])
    _hear(connected, there, sync)
    return Conflict.objects.get(state=ConflictState.OPEN)


def _rework(invoice: Invoice, lines: list[LineInput]) -> None:
    reopen_invoice(invoice=invoice, by=None)
    update_invoice(invoice=invoice, lines=lines, by=None, approve=True)


def _hear(connection: Connection, there: str, sync: Sync) -> None:
    with transaction.atomic():
        request_pull(connection, Kind.INVOICE, there, priority=Priority.USER)
    sync()


def _figures(invoice: Invoice, bookkeeper: Bookkeeper) -> tuple[list[object], list[object]]:
    """Reference, tax and total, here and there."""
    invoice.refresh_from_db()
    there = bookkeeper.invoice(Link.objects.get(kind=Kind.INVOICE).remote_id)
    return (
        [invoice.reference, float(invoice.tax), float(invoice.total)],
        [there["Reference"], float(there["TotalTax"]), float(there["Total"])],
    )


def test_keeping_ours_makes_xero_compute_the_tax_again(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, super_user: User, sync: Sync
) -> None:
    before = float(invoice.tax)
    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=conflict.version, by=super_user)
    sync()
    here, there = _figures(invoice, bookkeeper)
    assert here == there
    assert here[:2] == ["PO 7", before]


def test_taking_theirs_takes_the_tax_that_was_put_right_there(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, super_user: User, sync: Sync
) -> None:
    before = float(invoice.tax)
    resolve(conflict=conflict, choice=Resolution.TAKE_THEIRS, seen=conflict.version, by=super_user)
    sync()
    here, there = _figures(invoice, bookkeeper)
    assert here == there
    assert here[1] == pytest.approx(before - 0.01)


def test_ours_made_equal_by_hand_shows_what_xero_computes(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """What people put in is the same again; the cent of tax is Xero's."""
    update_invoice(invoice=invoice, reference="", by=None)
    sync()
    conflict.refresh_from_db()
    here, there = _figures(invoice, bookkeeper)
    assert (conflict.state, here) == (ConflictState.RESOLVED, there)


def test_keeping_ours_with_a_line_edited_too_makes_xero_compute_every_tax_again(
    two_lines: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, super_user: User, sync: Sync
) -> None:
    """The edit is of the other line than the one whose tax was put right there."""
    resolve(conflict=two_lines, choice=Resolution.KEEP_OURS, seen=two_lines.version, by=super_user)
    sync()
    here, there = _figures(invoice, bookkeeper)
    assert here == there
    assert here[1:] == [45, 345]


def test_lines_in_another_order_leave_the_tax_as_it_was_put_right_there(
    two_lines: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, gst: TaxRate, sync: Sync
) -> None:
    """Ours was made equal by hand: nobody chose ours, and what Xero computes otherwise is yet to be read."""
    first, second = (line.as_input() for line in invoice.lines.all())
    again = dataclasses.replace(second, quantity=Decimal(1))
    _rework(invoice, [first, again])
    link = Link.objects.get(kind=Kind.INVOICE)
    look_again(link, open_desk(link.connection))
    assert Operation.objects.filter(lane=Lane.PULL).delete()[0] == 1, "it is slow today"
    _rework(invoice, [again, first])
    sync()
    taxes = [line["TaxAmount"] for line in bookkeeper.invoice(link.remote_id)["LineItems"]]
    assert [float(tax) for tax in taxes] == [15, 14.99]
