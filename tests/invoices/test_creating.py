"""How an invoice comes to be, and which number it gets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import uuid4

import pytest

from core.refusals import Refused, Stale
from invoices.enums import InvoiceStatus
from invoices.models import NumberSequence
from invoices.services import create_invoice, delete_invoice, update_invoice
from lines.enums import LineAmounts
from lines.refusals import NumberRefused
from tests.factories.catalogue import make_service, make_tax_rate
from tests.factories.customers import make_customer
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from tests.invoices.records import summaries
from workspaces.models import User, Workspace
from workspaces.queries import history_of


def test_create_invoice_computes_lines_and_totals(in_workspace: Workspace, super_user: User) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    service = make_service(in_workspace)

    invoice = create_invoice(
        workspace=in_workspace,
        customer=make_customer(in_workspace, name="Bluebird"),
        lines=[
            make_line("Design", quantity="2.5", unit_amount="80.5555", tax_rate=gst, service=service),
            make_line("Goodwill", unit_amount="-10"),
        ],
        by=super_user,
        issue_date=ISSUED_ON,
        due_date=dt.date(2026, 3, 16),
        reference="PO 7",
        notes="Thank you",
    )

    invoice.refresh_from_db()
    assert (invoice.net, invoice.tax, invoice.total) == (
        Decimal("191.39"),
        Decimal("30.21"),
        Decimal("221.60"),
    )
    assert (invoice.status, invoice.number, invoice.currency) == (InvoiceStatus.DRAFT, "INV-0001", "NZD")
    lines = invoice.lines.values_list("position", "description", "line_amount", "tax_percent", "tax_amount")
    assert list(lines) == [
        (1, "Design", Decimal("201.39"), Decimal(15), Decimal("30.21")),
        (2, "Goodwill", Decimal("-10.00"), Decimal(0), Decimal(0)),
    ]
    assert invoice.lines.first().service == service
    assert summaries(invoice) == ["Created INV-0001 for Bluebird, NZD 221.60"]
    assert history_of(invoice.pk).get().actor == super_user


def test_create_invoice_takes_the_currency_of_the_customer(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace, currency="USD")

    assert make_invoice(in_workspace, customer=customer).currency == "USD"
    assert make_invoice(in_workspace, customer=customer, currency="EUR").currency == "EUR"


def test_create_invoice_inclusive_keeps_the_line_amounts_as_the_total(in_workspace: Workspace) -> None:
    gst = make_tax_rate(in_workspace, percent="15")

    invoice = make_invoice(
        in_workspace, lines=[make_line(unit_amount="115", tax_rate=gst)], amounts=LineAmounts.INCLUSIVE
    )

    assert (invoice.net, invoice.tax, invoice.total) == (100, 15, 115)


def test_create_invoice_with_an_id_of_a_line_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Stale):
        make_invoice(in_workspace, lines=[make_line(id=uuid4())])


def test_create_invoice_with_a_line_beyond_the_limit_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Refused, match=r"^Line 1 comes to more than 9,999,999,999.99"):
        make_invoice(in_workspace, lines=[make_line(quantity="1000000", unit_amount="10000")])


def test_number_sequence_skips_numbers_in_use(in_workspace: Workspace) -> None:
    make_invoice(in_workspace, number="INV-0002")

    numbers = [make_invoice(in_workspace).number for _ in range(3)]

    assert numbers == ["INV-0001", "INV-0003", "INV-0004"]


def test_number_sequence_skips_a_long_run_in_use(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace)
    for serial in range(1, 53):
        make_invoice(in_workspace, customer=customer, number=f"INV-{serial:04d}")

    assert make_invoice(in_workspace, customer=customer).number == "INV-0053"


def test_number_of_a_deleted_draft_leaves_a_gap(in_workspace: Workspace) -> None:
    delete_invoice(invoice=make_invoice(in_workspace), by=None)

    assert make_invoice(in_workspace).number == "INV-0002"


def test_number_follows_the_prefix_of_the_workspace(in_workspace: Workspace) -> None:
    NumberSequence.objects.create(workspace=in_workspace, prefix="A-", next_number=99)

    assert make_invoice(in_workspace).number == "A-0099"


@pytest.mark.parametrize("number", ["A,1", "x" * 256, "   "])
def test_create_invoice_refuses_a_number_that_cannot_be_one(in_workspace: Workspace, number: str) -> None:
    with pytest.raises(NumberRefused) as refused:
        make_invoice(in_workspace, number=number)

    assert refused.value.field == "number"


def test_create_invoice_refuses_a_number_that_is_taken(in_workspace: Workspace) -> None:
    make_invoice(in_workspace, number="A1")

    with pytest.raises(NumberRefused, match=r"^A1 is taken by another invoice\.$"):
        make_invoice(in_workspace, number="A1")


def test_update_invoice_refuses_a_number_that_is_taken(in_workspace: Workspace) -> None:
    make_invoice(in_workspace, number="A1")
    invoice = make_invoice(in_workspace)

    with pytest.raises(NumberRefused):
        update_invoice(invoice=invoice, by=None, number="A1")

    invoice.refresh_from_db()
    assert invoice.number == "INV-0001"
