"""What a change of an invoice does, and what is locked once it is issued."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from core.changes import caused_by
from core.refusals import Stale
from core.testing import assert_queries
from invoices.enums import ISSUED, InvoiceStatus
from invoices.models import Invoice, InvoiceLine
from invoices.services import update_invoice
from lines.enums import LineAmounts
from lines.refusals import Locked
from tests.factories.catalogue import make_tax_rate
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from tests.invoices.records import inputs_of, summaries
from workspaces.models import Workspace
from workspaces.queries import history_of


def test_update_invoice_without_a_difference_writes_nothing(in_workspace: Workspace) -> None:
    gst = make_tax_rate(in_workspace)
    invoice = make_invoice(in_workspace, lines=[make_line(tax_rate=gst), make_line("Other")])
    before, lines = Invoice.objects.values().get(), inputs_of(invoice)

    with assert_queries(4) as captured:  # savepoint, the row, its lines, release
        update_invoice(
            invoice=invoice,
            by=None,
            customer=invoice.customer,
            number=invoice.number,
            reference="",
            issue_date=invoice.issue_date,
            due_date=invoice.due_date,
            currency="NZD",
            amounts=LineAmounts.EXCLUSIVE,
            notes="",
            lines=lines,
        )

    assert not [q for q in captured.captured_queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert Invoice.objects.values().get() == before
    assert len(summaries(invoice)) == 1


def test_update_invoice_keeps_the_identity_of_lines(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, lines=[make_line("A"), make_line("B"), make_line("C")])
    a, b, c = inputs_of(invoice)

    changed = dataclasses.replace(b, unit_amount=Decimal(7))
    update_invoice(invoice=invoice, by=None, lines=[c, changed, make_line("New")])

    rows = list(invoice.lines.values_list("position", "description", "line_amount"))
    assert rows == [(1, "C", 100), (2, "B", 7), (3, "New", 100)]
    assert [line.pk for line in invoice.lines.all()][:2] == [c.id, b.id]
    assert not InvoiceLine.objects.filter(pk=a.id).exists()
    assert Invoice.objects.get().total == 207


def test_update_invoice_saves_only_the_lines_that_changed(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, lines=[make_line("A"), make_line("B")])
    before = dict(InvoiceLine.objects.values_list("description", "updated_at"))
    a, b = inputs_of(invoice)

    update_invoice(invoice=invoice, by=None, lines=[a, dataclasses.replace(b, quantity=Decimal(2))])

    after = dict(InvoiceLine.objects.values_list("description", "updated_at"))
    assert (after["A"], after["B"] > before["B"]) == (before["A"], True)


def test_update_invoice_with_new_amounts_computes_the_lines_again(in_workspace: Workspace) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    invoice = make_invoice(in_workspace, lines=[make_line(unit_amount="115", tax_rate=gst)])

    invoice = update_invoice(invoice=invoice, by=None, amounts=LineAmounts.INCLUSIVE)

    assert (invoice.net, invoice.tax, invoice.total) == (100, 15, 115)
    assert invoice.lines.get().tax_amount == 15


def test_update_invoice_counts_a_revision_and_tells_what_changed(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace)
    before = invoice.due_date

    invoice = update_invoice(
        invoice=invoice, by=None, due_date=dt.date(2026, 4, 1), lines=[make_line(unit_amount="1234.5")]
    )

    assert invoice.revision == 1
    assert summaries(invoice)[0] == (
        f"Changed due date from {before:%-d %b %Y} to 1 Apr 2026, lines: NZD 100.00 became NZD 1,234.50"
    )


def test_update_invoice_of_a_line_alone_counts_a_revision(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace)
    (line,) = inputs_of(invoice)

    invoice = update_invoice(
        invoice=invoice, by=None, lines=[dataclasses.replace(line, description="Redesign")]
    )

    assert (invoice.revision, summaries(invoice)[0]) == (1, "Changed lines")


def test_update_invoice_with_an_old_revision_is_stale(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace)
    update_invoice(invoice=invoice, by=None, reference="Mine", expected_revision=0)

    with pytest.raises(Stale):
        update_invoice(invoice=invoice, by=None, reference="Theirs", expected_revision=0)

    assert Invoice.objects.get().reference == "Mine"


def test_update_invoice_with_a_line_of_another_invoice_is_refused(in_workspace: Workspace) -> None:
    other = make_invoice(in_workspace)
    invoice = make_invoice(in_workspace)

    with pytest.raises(Stale):
        update_invoice(invoice=invoice, by=None, lines=inputs_of(other))


def test_update_invoice_with_the_same_line_twice_is_refused(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace)

    with pytest.raises(Stale):
        update_invoice(invoice=invoice, by=None, lines=inputs_of(invoice) * 2)


def test_update_invoice_awaiting_approval_is_open(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.AWAITING_APPROVAL)

    assert update_invoice(invoice=invoice, by=None, lines=[make_line(unit_amount="5")]).total == 5


@pytest.mark.parametrize("status", ISSUED)
def test_update_issued_invoice_opens_reference_due_date_and_notes(
    in_workspace: Workspace, status: str
) -> None:
    invoice = make_invoice(in_workspace, status=status)

    invoice = update_invoice(
        invoice=invoice,
        by=None,
        reference="PO 9",
        due_date=dt.date(2026, 5, 1),
        notes="Late",
        lines=inputs_of(invoice),
    )

    assert (invoice.reference, invoice.due_date, invoice.notes) == ("PO 9", dt.date(2026, 5, 1), "Late")


@pytest.mark.parametrize(
    "change",
    [
        {"number": "B1"},
        {"issue_date": dt.date(2026, 1, 1)},
        {"currency": "USD"},
        {"amounts": LineAmounts.NO_TAX},
        {"lines": [make_line("Other")]},
        {"lines": []},
    ],
)
def test_update_issued_invoice_is_locked(in_workspace: Workspace, change: dict[str, Any]) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED, amounts=LineAmounts.EXCLUSIVE)

    with pytest.raises(Locked, match="Reopen it to change the rest"):
        update_invoice(invoice=invoice, by=None, **change)


def test_update_issued_invoice_keeps_its_customer(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)

    with pytest.raises(Locked):
        update_invoice(invoice=invoice, by=None, customer=make_customer(in_workspace))


def test_update_voided_invoice_is_locked(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.VOIDED)

    with pytest.raises(Locked, match="voided"):
        update_invoice(invoice=invoice, by=None, reference="PO 9")


def test_update_from_remote_opens_even_a_paid_invoice(in_workspace: Workspace) -> None:
    invoice = make_payment(in_workspace, amount="100").invoice

    with caused_by("remote"):
        invoice = update_invoice(
            invoice=invoice, by=None, number="X-1", lines=[make_line("Fixed", unit_amount="120")]
        )

    assert (invoice.number, invoice.total, invoice.amount_due) == ("X-1", 120, 20)
    assert history_of(invoice.pk).first().actor is None
