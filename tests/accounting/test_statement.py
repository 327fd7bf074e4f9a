"""The agreement statement names every record that both sides say otherwise, and none that they do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction

from accounting.enums import Kind, LinkState, OpState, Remedy, Until
from accounting.models import Connection, Link, Operation, StatementDifference
from accounting.port.documents import DOCUMENTS, Shown, facts_of
from accounting.sync import statement as statements
from accounting.sync.exemptions import exempt
from accounting.sync.pull import request_pull
from accounting.sync.reconcile import reconcile
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import reopen_invoice, update_invoice, void_invoice
from payments.models import Payment
from tests.accounting.agreeing import (
    bookkeeper,
    change_unseen,
    invoice,
    line_of,
    make_now,
    make_total,
    open_rows,
    payment,
)  # fmt: skip
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.conforming import SAMPLES
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "invoice", "payment"]

Sync = Callable[[], None]
CENT = Decimal("0.01")


def test_a_statement_of_equal_books_counts_each_kind_and_finds_nothing(
    connected: Connection, payment: Payment
) -> None:
    made = make_now(connected)
    assert (made.apart, made.waiting, made.unsent, made.agreeing) == (0, 0, {}, 3)
    told = {
        (line["kind"], line["currency"], line["count"], line["ours"], line["theirs"]) for line in made.lines
    }
    assert told == {
        ("customer", "", 1, None, None),
        ("invoice", "NZD", 1, "115.00", "115.00"),
        ("payment", "NZD", 1, "40.00", "40.00"),
    }
    assert not open_rows()


def test_a_cent_that_only_ours_shows_is_found_with_its_day_and_no_call(
    connected: Connection, invoice: Invoice, sandbox: Handle
) -> None:
    sandbox.clear_requests()
    make_total(invoice, "115.01")
    made = make_now(connected)
    (found,) = open_rows()
    line = line_of(made, Kind.INVOICE)
    assert (line["ours"], line["theirs"], line["apart"]) == ("115.01", "115.00", 1)
    assert (found.local_id, found.first_day, found.remedy) == (invoice.pk, made.day, Remedy.READ)
    assert found.fields == [["tax", "15.01", "15"], ["total", "115.01", "115"]]
    assert sandbox.requests() == []


def test_what_was_settled_is_told_by_the_next_statement(
    connected: Connection, invoice: Invoice, sync: Sync
) -> None:
    make_total(invoice, "115.01")
    make_now(connected)
    (found,) = open_rows()
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, found.remote_id)
    assert (make_now(connected).apart, open_rows()[0].remedy) == (0, Remedy.WAIT)
    sync()
    made = make_now(connected)
    found.refresh_from_db()
    assert (made.apart, line_of(made, Kind.INVOICE)["ours"], line_of(made, Kind.INVOICE)["theirs"]) == (
        0, "115.00", "115.00",
    )  # fmt: skip
    assert found.settled_at is not None
    assert not open_rows()


def test_the_first_day_stays_over_statements(connected: Connection, invoice: Invoice) -> None:
    make_total(invoice, "115.01")
    make_now(connected)
    first = dt.date(2026, 1, 5)
    StatementDifference.objects.update(first_day=first)
    make_total(invoice, "115.02")
    make_now(connected)
    (found,) = open_rows()
    assert (found.first_day, found.ours) == (first, Decimal("115.02"))


def test_what_goes_apart_again_begins_anew(connected: Connection, invoice: Invoice) -> None:
    for total in ("115.01", "115.00", "115.02"):
        make_total(invoice, total)
        make_now(connected)
    assert StatementDifference.objects.count() == 2
    assert [row.ours for row in open_rows()] == [Decimal("115.02")]


def test_an_edit_on_its_way_is_no_difference(connected: Connection, invoice: Invoice) -> None:
    update_invoice(invoice=invoice, reference="PO 7", by=None)
    made = make_now(connected)
    assert (made.apart, made.waiting) == (0, 1)
    assert not open_rows()


def test_an_edit_that_was_never_captured_is_to_be_sent(connected: Connection, invoice: Invoice) -> None:
    change_unseen(invoice, reference="PO 7")
    made = make_now(connected)
    (found,) = open_rows()
    assert (made.apart, found.remedy, found.fields) == (1, Remedy.SEND, [["reference", "PO 7", ""]])


def test_an_edit_that_xero_refused_is_apart_until_it_is_mended(
    connected: Connection, invoice: Invoice
) -> None:
    update_invoice(invoice=invoice, reference="PO 7", by=None)
    Operation.objects.update(state=OpState.FAILED, error="Xero refused it.")
    made = make_now(connected)
    (found,) = open_rows()
    assert (made.apart, found.remedy, found.words) == (1, Remedy.MEND, "Xero refused it.")


def test_what_waits_for_a_decision_is_apart_by_what_xero_says(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, gst: TaxRate, sync: Sync
) -> None:
    there = Link.objects.get(kind=Kind.INVOICE).remote_id
    (line,) = bookkeeper.invoice(there)["LineItems"]
    bookkeeper.change_invoice(there, LineItems=[{**line, "TaxAmount": 14.99}])
    update_invoice(invoice=invoice, reference="PO 7", by=None)
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, there)
    sync()
    made = make_now(connected)
    (found,) = open_rows()
    assert (found.remedy, found.ours, found.theirs) == (Remedy.DECIDE, Decimal("115.00"), Decimal("114.99"))
    assert made.apart == 1


def test_a_draft_that_is_held_here_is_no_difference(
    connected: Connection, invoice: Invoice, sync: Sync
) -> None:
    reopen_invoice(invoice=invoice, by=None)
    update_invoice(invoice=invoice, reference="PO 7", by=None)
    sync()
    assert not Operation.objects.exists()
    made = make_now(connected)
    assert (made.apart, made.waiting) == (0, 1)


def test_tax_that_xero_computed_otherwise_is_no_difference(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    there = Link.objects.get(kind=Kind.INVOICE).remote_id
    (line,) = bookkeeper.invoice(there)["LineItems"]
    bookkeeper.change_invoice(there, LineItems=[{**line, "TaxAmount": 14.99}])
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, there)
    sync()
    line = line_of(make_now(connected), Kind.INVOICE)
    assert (line["ours"], line["theirs"], line["apart"]) == ("114.99", "114.99", 0)


def test_what_ours_says_in_other_words_is_no_difference(connected: Connection, invoice: Invoice) -> None:
    link = Link.objects.get(kind=Kind.INVOICE)
    link.base["reference"], link.otherwise = "po 7", {"reference": "PO 7"}
    link.save()
    change_unseen(invoice, reference="PO 7")
    assert make_now(connected).apart == 0


def test_credit_that_ours_does_not_show_is_found(
    connected: Connection, invoice: Invoice, sandbox: Handle, sync: Sync
) -> None:
    there = Link.objects.get(kind=Kind.INVOICE).remote_id
    sandbox.apply_credit(there, Decimal(10))
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, there)
    sync()
    assert make_now(connected).apart == 0
    change_unseen(invoice, credited=Decimal(0), credited_elsewhere=Decimal(0))
    make_now(connected)
    (found,) = open_rows()
    assert found.fields == [["amount_credited", "0", "10"]]


def test_what_was_removed_on_both_sides_counts_no_more(
    connected: Connection, invoice: Invoice, sync: Sync
) -> None:
    void_invoice(invoice=invoice, by=None)
    assert make_now(connected).waiting == 1
    sync()
    made = make_now(connected)
    assert (Link.objects.get(kind=Kind.INVOICE).state, made.apart) == (LinkState.TOMBSTONED, 0)
    assert Kind.INVOICE not in {line["kind"] for line in made.lines}


def test_what_was_deleted_here_unseen_is_apart(connected: Connection, invoice: Invoice) -> None:
    invoice.lines.all().delete()
    Invoice.objects.filter(pk=invoice.pk).delete()
    Operation.objects.all().delete()
    made = make_now(connected)
    (found,) = open_rows()
    assert (made.apart, found.ours, found.theirs) == (1, Decimal(0), Decimal("115.00"))


def test_what_is_not_in_xero_is_counted_beside(connected: Connection, invoice: Invoice, gst: TaxRate) -> None:
    make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    Operation.objects.filter(kind=Kind.INVOICE).delete()
    made = make_now(connected)
    assert made.unsent["invoice"] == 1
    assert made.apart == 0


MONEY = [
    (shape, name)
    for shape, document in DOCUMENTS.items()
    for name, fact in facts_of(document).items()
    if fact.shown == Shown.MONEY
]


@pytest.mark.parametrize(("kind", "name"), MONEY)
def test_a_cent_in_any_amount_of_any_kind_is_found(
    connected: Connection, gst: TaxRate, sync: Sync, kind: Kind, name: str
) -> None:
    SAMPLES[kind].make(connected, gst)
    sync()
    reconcile(connected.pk)  # what credit comes to on an invoice is told with the invoice
    link = Link.objects.get(kind=kind)
    link.base[name] = str(Decimal(link.base[name]) - CENT)
    link.save()
    made = make_now(connected)
    (found,) = open_rows()
    assert (made.apart, found.kind, [said[0] for said in found.fields]) == (1, kind, [name])


def test_pages_hold_every_link_once(
    connected: Connection, gst: TaxRate, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    monkeypatch.setattr(statements, "PAGE", 2)
    assert line_of(make_now(connected), Kind.INVOICE)["count"] == 5


def test_customers_are_compared_though_they_are_no_money(connected: Connection, invoice: Invoice) -> None:
    change_unseen(Customer.objects.get(), city="Otago")
    make_now(connected)
    (found,) = open_rows()
    assert (found.kind, found.ours, found.theirs) == (Kind.CUSTOMER, None, None)


def test_what_a_person_left_out_of_the_sync_is_no_difference(connected: Connection, invoice: Invoice) -> None:
    change_unseen(invoice, reference="PO 7")
    invoice.refresh_from_db()
    with transaction.atomic():
        exempt(connected, Kind.INVOICE, invoice, until=Until.GOOD, by=None)
    made = make_now(connected)
    assert (made.apart, made.waiting, open_rows()) == (0, 1, [])
