"""Which line of Xero's is which of ours: by its own id, whatever it looks like and wherever it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from accounting.enums import Kind, Priority
from accounting.models import Connection, Link, Operation
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, reopen_invoice, update_invoice
from lines.totals import LineInput
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

Sync = Callable[[], None]
Json = dict[str, Any]
LATER = dt.date(2026, 5, 1)


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """Two equal lines, in step with Xero."""
    lines = [make_line(tax_rate=gst), make_line(tax_rate=gst)]
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=lines)
    sync()
    return made


@pytest.fixture
def there(invoice: Invoice) -> str:
    return Link.objects.get(kind=Kind.INVOICE, local_id=invoice.pk).remote_id


def _hear(connection: Connection, there: str, sync: Sync) -> None:
    with transaction.atomic():
        request_pull(connection, Kind.INVOICE, there, priority=Priority.USER)
    sync()


def _standing(record: Json) -> list[Json]:
    kept = ("LineItemID", "Description", "Quantity", "UnitAmount", "AccountCode", "TaxType", "TaxAmount")
    return [{key: line[key] for key in kept} for line in record["LineItems"]]


def _ids(record: Json) -> list[str]:
    return [line["LineItemID"] for line in record["LineItems"]]


def _rework(invoice: Invoice, lines: list[LineInput]) -> None:
    reopen_invoice(invoice=invoice, by=None)
    update_invoice(invoice=invoice, by=None, lines=lines)
    approve_invoice(invoice=invoice, by=None)


def test_lines_reordered_in_xero_keep_their_identity_here(
    connected: Connection, invoice: Invoice, there: str, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    first, second = invoice.lines.all()
    lines = _standing(bookkeeper.invoice(there))
    bookkeeper.change_invoice(there, LineItems=[{**lines[1], "Description": "Now first"}, lines[0]])
    _hear(connected, there, sync)
    assert [(line.pk, line.description) for line in invoice.lines.all()] == [
        (second.pk, "Now first"),
        (first.pk, first.description),
    ]


def _exchange(bookkeeper: Bookkeeper, there: str) -> Json:
    """The first line goes, and an equal one comes in its place. Returns the record after that."""
    lines = _standing(bookkeeper.invoice(there))
    del lines[0]["LineItemID"]
    return bookkeeper.change_invoice(there, LineItems=lines)


@pytest.fixture
def booked_elsewhere(
    connected: Connection, invoice: Invoice, there: str, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """The bookkeeper gave the first line another account, and its tax another cent."""
    lines = _standing(bookkeeper.invoice(there))
    lines[0] |= {"AccountCode": "260", "TaxAmount": 15.01}
    bookkeeper.change_invoice(there, LineItems=lines)
    _hear(connected, there, sync)


@pytest.mark.usefixtures("booked_elsewhere")
def test_line_exchanged_in_xero_with_a_new_number_is_the_same_here(
    connected: Connection, invoice: Invoice, there: str, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    ours = [line.pk for line in invoice.lines.all()]
    _exchange(bookkeeper, there)
    before = bookkeeper.change_invoice(there, InvoiceNumber="BK-1")
    _hear(connected, there, sync)
    update_invoice(invoice=invoice, by=None, due_date=LATER)
    sync()
    assert bookkeeper.invoice(there)["LineItems"] == before["LineItems"]
    assert [line.pk for line in invoice.lines.all()] == ours


@pytest.mark.usefixtures("booked_elsewhere")
def test_line_exchanged_in_xero_unheard_of_takes_an_edit_from_here(
    invoice: Invoice, there: str, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    before = _exchange(bookkeeper, there)["LineItems"]
    first, second = (line.as_input() for line in invoice.lines.all())
    _rework(invoice, [replace(first, description="Other"), second])
    sync()
    assert bookkeeper.invoice(there)["LineItems"] == [{**before[0], "Description": "Other"}, before[1]]
    assert not Operation.objects.exists()


def test_line_deleted_and_a_same_looking_one_added_in_xero_is_another_line(
    connected: Connection, invoice: Invoice, there: str, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    first, second = invoice.lines.all()
    lines = _standing(bookkeeper.invoice(there))
    alike = {key: value for key, value in lines[0].items() if key != "LineItemID"}
    bookkeeper.change_invoice(there, LineItems=[lines[1], {**alike, "TaxAmount": 15.01}])
    _hear(connected, there, sync)
    kept, new = invoice.lines.all()
    assert kept.pk == second.pk
    assert new.pk != first.pk
    assert (new.description, str(new.tax_amount)) == (first.description, "15.01")
    before = bookkeeper.invoice(there)
    _rework(invoice, [replace(kept.as_input(), description="Other"), new.as_input()])
    sync()
    after = bookkeeper.invoice(there)
    assert after["LineItems"] == [{**before["LineItems"][0], "Description": "Other"}, before["LineItems"][1]]
    assert not Operation.objects.exists()


@pytest.mark.parametrize("at", [0, 1])
def test_edit_of_one_of_two_equal_lines_reaches_that_one(
    invoice: Invoice, there: str, bookkeeper: Bookkeeper, sync: Sync, at: int
) -> None:
    before = bookkeeper.invoice(there)["LineItems"]
    lines = [line.as_input() for line in invoice.lines.all()]
    lines[at] = replace(lines[at], description="Other")
    _rework(invoice, lines)
    sync()
    before[at]["Description"] = "Other"
    assert bookkeeper.invoice(there)["LineItems"] == before


@pytest.mark.parametrize("at", [0, 1])
def test_one_of_two_equal_lines_removed_here_is_removed_there(
    invoice: Invoice, there: str, bookkeeper: Bookkeeper, sync: Sync, at: int
) -> None:
    before = bookkeeper.invoice(there)["LineItems"]
    lines = [line.as_input() for line in invoice.lines.all()]
    del lines[at], before[at]
    _rework(invoice, lines)
    sync()
    assert bookkeeper.invoice(there)["LineItems"] == before


def test_lines_reordered_here_are_reordered_there_with_all_they_hold(
    connected: Connection, invoice: Invoice, there: str, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    lines = _standing(bookkeeper.invoice(there))
    tracked = [{"Name": "Region", "Option": "North"}]
    lines[0] |= {"Description": "First", "TaxAmount": 15.01, "Tracking": tracked}
    bookkeeper.change_invoice(there, LineItems=lines)
    _hear(connected, there, sync)
    before = bookkeeper.invoice(there)
    _rework(invoice, [line.as_input() for line in reversed(invoice.lines.all())])
    sync()
    after = bookkeeper.invoice(there)
    assert after["LineItems"] == before["LineItems"][::-1]
    assert after["Total"] == before["Total"]


def test_line_put_between_two_here_leaves_both_as_they_were(
    invoice: Invoice, there: str, bookkeeper: Bookkeeper, sync: Sync, gst: TaxRate
) -> None:
    before = bookkeeper.invoice(there)
    first, second = (line.as_input() for line in invoice.lines.all())
    _rework(invoice, [first, replace(first, id=None, description="Between"), second])
    sync()
    after = bookkeeper.invoice(there)["LineItems"]
    assert [after[0], after[2]] == before["LineItems"]
    assert after[1]["Description"] == "Between"
    assert after[1]["LineItemID"] not in _ids(before)


def test_line_taken_out_and_put_in_again_in_xero_is_still_ours(
    connected: Connection, invoice: Invoice, there: str, bookkeeper: Bookkeeper, sandbox: Handle, sync: Sync
) -> None:
    """Xero gives it a new id. An edit of something else here must not bring the old line back."""
    lines = _standing(bookkeeper.invoice(there))
    lines[1]["AccountCode"] = "260"
    bookkeeper.change_invoice(there, LineItems=lines)
    _hear(connected, there, sync)
    del lines[1]["LineItemID"]
    bookkeeper.change_invoice(there, LineItems=lines)
    _hear(connected, there, sync)
    before = _standing(bookkeeper.invoice(there))

    update_invoice(invoice=invoice, reference="PO 7", by=None)
    sync()

    after = bookkeeper.invoice(there)
    assert (after["Reference"], _standing(after)) == ("PO 7", before)
