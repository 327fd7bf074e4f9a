"""A conflict about amounts that one side computed: whatever is decided, both sides end with the same figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from accounting.enums import ConflictState, Kind, Priority, Resolution
from accounting.models import Conflict, Connection, Link
from accounting.sync.pull import request_pull
from accounting.sync.resolve import resolve
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

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
