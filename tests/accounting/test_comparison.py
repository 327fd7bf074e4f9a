"""Both versions of a record side by side."""

from __future__ import annotations

from typing import Any

import pytest

from accounting.enums import ConflictState, Kind, LinkState
from accounting.models import Conflict, Connection, Link
from accounting.queries import words
from accounting.queries.comparison import compare
from accounting.queries.words import Names
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.rows import NOW, connection
from tests.factories.accounting import make_link
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice

__all__ = ["connection"]

# both versions side by side

LINE = {
    "description": "Design",
    "quantity": "10",
    "unit_amount": "150",
    "discount_percent": "0",
    "tax_code": "OUTPUT2",
    "account_code": "200",
    "line_amount": "1500",
    "ref": "line-1",
    "remote_id": "r-1",
}
AGREED = {
    "number": "INV-1",
    "reference": "PO 1",
    "contact_id": "contact-1",
    "issue_date": "2026-03-02",
    "due_date": "2026-03-16",
    "currency": "NZD",
    "amounts": "exclusive",
    "net": "1500",
    "tax": "225",
    "total": "1725",
    "state": "authorised",
    "lines": [LINE],
}


def make_conflict(
    connection: Connection, invoice: Invoice, ours: dict[str, Any], theirs: dict[str, Any]
) -> Conflict:
    link = make_link(connection, Kind.INVOICE, invoice.pk)
    Link.objects.filter(pk=link.pk).update(state=LinkState.OUT_OF_SYNC, base=AGREED)
    return Conflict.objects.create(
        workspace=connection.workspace,
        connection=connection,
        link=link,
        kind=Kind.INVOICE,
        local_id=invoice.pk,
        state=ConflictState.OPEN,
        base=AGREED,
        ours={**AGREED, **ours},
        theirs={**AGREED, **theirs},
        remote_version=NOW,
        fields=["total"],
    )


@pytest.fixture
def invoice(connection: Connection) -> Invoice:
    return make_invoice(connection.workspace, number="INV-1", status=InvoiceStatus.APPROVED)


def test_comparison_tells_who_changed_what(connection: Connection, invoice: Invoice) -> None:
    ours = {"due_date": "2026-03-20", "lines": [{**LINE, "quantity": "12", "line_amount": "1800"}]}
    theirs = {"reference": "PO 1-B", "lines": [{**LINE, "unit_amount": "165", "line_amount": "1650"}]}

    told = compare(make_conflict(connection, invoice, ours, theirs))

    assert told.record.name == "Invoice INV-1"
    assert [section.title for section in told.sections] == ["Invoice", "Line 1: Design"]
    head, line = told.sections
    assert [(row.label, row.base, row.ours, row.theirs) for row in head.rows] == [
        ("Reference", "PO 1", "PO 1", "PO 1-B"),
        ("Due date", "16 Mar 2026", "20 Mar 2026", "16 Mar 2026"),
    ]
    assert [(row.label, row.ours_changed, row.theirs_changed) for row in line.rows] == [
        ("Quantity", True, False),
        ("Unit price", False, True),
        ("Amount", True, True),
    ]
    assert told.ours_changed == ("due date", "quantity of line 1")
    assert told.theirs_changed == ("reference", "unit price of line 1")


def test_comparison_shows_names_instead_of_codes(connection: Connection, invoice: Invoice) -> None:
    other = make_customer(connection.workspace, name="Kōwhai & Sons")
    make_link(connection, Kind.CUSTOMER, other.pk, "contact-2")
    theirs = {"contact_id": "contact-2", "lines": [{**LINE, "account_code": "260", "tax_code": "NONE"}]}

    told = compare(make_conflict(connection, invoice, {}, theirs))

    rows = {row.label: (row.ours, row.theirs) for section in told.sections for row in section.rows}
    assert rows["Customer"] == ("A contact that is no customer here", "Kōwhai & Sons")
    assert rows["Account"] == ("200 Sales", "260")
    assert rows["Tax rate"] == ("15% GST on Income", "No tax")


def test_comparison_of_a_line_that_one_side_lacks(connection: Connection, invoice: Invoice) -> None:
    added = {**LINE, "ref": "", "remote_id": "r-9", "description": "Courier", "quantity": "1"}

    told = compare(make_conflict(connection, invoice, {"lines": []}, {"lines": [LINE, added]}))

    assert [(section.title, section.note) for section in told.sections] == [
        ("Line 1: Design", "Deleted in Tandem."),
        ("Line 2: Courier", "Added in Xero."),
    ]
    assert [section.rows[0].ours for section in told.sections] == ["Not there", "Not there"]
    assert (told.ours_changed, told.theirs_changed) == (("line 1 deleted",), ("line 2 added",))


def test_comparison_of_an_invoice_voided_there(connection: Connection, invoice: Invoice) -> None:
    told = compare(make_conflict(connection, invoice, {"reference": "PO 2"}, {"state": "voided"}))

    rows = {row.label: (row.base, row.ours, row.theirs) for row in told.sections[0].rows}
    assert rows["Voided"] == ("No", "No", "Yes")


def test_comparison_lists_what_both_have_alike(connection: Connection, invoice: Invoice) -> None:
    told = compare(make_conflict(connection, invoice, {"reference": "A"}, {"reference": "B"}))

    assert ("Number", "INV-1") in told.same
    assert ("Line 1", "Design, 10 × 150.00, 15% GST on Income") in told.same
    assert told.ours_total == told.theirs_total == "NZ$1,725.00"


def test_values_that_say_nothing_are_empty() -> None:
    def say(name: str, value: Any) -> str:
        return words.say(words.fact_of(Kind.INVOICE, name), value, Names())

    assert say("reference", "") == ""
    assert say("due_date", None) == ""
    assert words.say(words.LINE["discount_percent"], "0.00", Names()) == "None"
    assert say("amounts", "exclusive") == "Tax exclusive"
