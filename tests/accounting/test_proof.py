"""A full proof reads all of Xero's records again, and finds what no time of change tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import timezone

from accounting.choices import PaymentsWay
from accounting.enums import Kind, Lane, Reading, StatementState
from accounting.models import Connection, Link, Mapping, Operation, Statement, StatementDifference
from accounting.resources.registry import kinds_read_by_themselves
from accounting.sync import nightly, proof
from accounting.sync.pairs import unlink
from catalogue.models import TaxRate
from core.clock import database_now
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from payments.models import Payment
from tests.accounting.agreeing import bookkeeper, invoice, line_of, make_now, open_rows, payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "invoice", "payment"]

Sync = Callable[[], None]
CENT = Decimal("0.01")
KINDS = len(kinds_read_by_themselves())


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof.wakeup, "send", lambda *args, **about: None)


@pytest.fixture
def proven(connected: Connection) -> Callable[[], Statement]:
    """Begin a full proof and let it run to its end."""

    def run() -> Statement:
        assert proof.begin(connection=connected)
        proof.take_turn(connected.pk)
        return Statement.objects.filter(reading=Reading.FULL).latest("as_of")

    return run


def _hide_a_cent(sandbox: Handle) -> None:
    """Put a cent on the invoice there, in such a way that its time of change does not tell."""
    there = sandbox.books()
    (document,) = there.invoices.all()
    (line,) = document.lines
    line = replace(line, tax_amount=line.tax_amount + CENT)
    there.load(
        replace(document, lines=(line,), total=document.total + CENT, total_tax=document.total_tax + CENT)
    )


def test_equal_books_are_proven_in_a_call_for_each_kind(
    proven: Callable[[], Statement], invoice: Invoice, sandbox: Handle
) -> None:
    sandbox.clear_requests()
    made = proven()
    assert (made.state, made.apart, made.calls) == (StatementState.DONE, 0, KINDS)
    assert len(sandbox.requests()) == KINDS
    assert not Operation.objects.exists()


def test_a_hidden_cent_is_found_named_and_taken(
    connected: Connection,
    proven: Callable[[], Statement],
    invoice: Invoice,
    sandbox: Handle,
    sync: Sync,
) -> None:
    assert make_now(connected).apart == 0
    _hide_a_cent(sandbox)
    assert make_now(connected).apart == 0, "it is hidden from what Tandem has read"
    made = proven()
    (found,) = open_rows()
    assert (made.apart, line_of(made, Kind.INVOICE)["theirs"]) == (1, "115.01")
    assert (found.local_id, found.first_day, found.found_by) == (invoice.pk, made.day, Reading.FULL)
    assert ["total", "115", "115.01"] in found.fields
    sync()
    invoice.refresh_from_db()
    assert invoice.total == Decimal("115.01")
    assert (make_now(connected).apart, open_rows()) == (0, [])


def test_what_is_on_its_way_is_not_asked_for(
    proven: Callable[[], Statement], invoice: Invoice, sandbox: Handle
) -> None:
    """The push reads it before it writes, and finds the cent."""
    update_invoice(invoice=invoice, reference="PO 7", by=None)
    Operation.objects.update(
        not_before=database_now() + dt.timedelta(hours=1)
    )  # else the proof gives way to it
    _hide_a_cent(sandbox)
    made = proven()
    assert made.state == StatementState.DONE
    assert (made.apart, StatementDifference.objects.count()) == (0, 0)
    assert not Operation.objects.filter(lane=Lane.PULL).exists()


def test_a_proof_goes_on_where_it_was(
    connected: Connection, gst: TaxRate, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    monkeypatch.setattr(proof.shutdown, "is_under_way", iter([False, True] * 20).__next__)
    assert proof.begin(connection=connected)
    assert not proof.begin(connection=connected)
    turns = 0
    while Statement.objects.filter(state=StatementState.RUNNING).exists():
        proof.take_turn(connected.pk)
        turns += 1
        assert turns < 20
    made = Statement.objects.get()
    assert (turns, made.calls) == (KINDS, KINDS)
    assert (line_of(made, Kind.INVOICE)["count"], made.apart) == (5, 0)


def test_a_proof_is_due_after_a_week(connected: Connection, invoice: Invoice) -> None:
    nightly.make_due(connected.pk)
    assert not Statement.objects.filter(reading=Reading.FULL).exists()
    Connection.objects.update(connected_at=timezone.now() - nightly.PROOF_LIVES)
    nightly.make_due(connected.pk)
    assert Statement.objects.filter(reading=Reading.FULL).count() == 1
    assert Link.objects.filter(kind=Kind.INVOICE).count() == 1


def test_a_payment_that_nobody_told_of_is_found_and_taken(
    connected: Connection,
    proven: Callable[[], Statement],
    invoice: Invoice,
    bookkeeper: Bookkeeper,
    sync: Sync,
) -> None:
    remote_id = Link.objects.get(kind=Kind.INVOICE).remote_id
    bookkeeper.pay(remote_id, 40)
    made = proven()
    (found,) = open_rows()
    assert (made.apart, found.local_id, found.fields) == (1, invoice.pk, [["amount_paid", "0", "40.0"]])
    sync()
    invoice.refresh_from_db()
    assert (invoice.amount_paid, proven().apart, open_rows()) == (40, 0, [])


def test_payments_of_ours_are_no_difference(proven: Callable[[], Statement], payment: Payment) -> None:
    assert proven().apart == 0


def test_what_stays_there_by_the_rules_is_no_difference(
    proven: Callable[[], Statement], invoice: Invoice, bookkeeper: Bookkeeper
) -> None:
    Mapping.objects.update(payments_way=PaymentsWay.TO)
    bookkeeper.pay(Link.objects.get(kind=Kind.INVOICE).remote_id, 40)
    assert proven().apart == 0


def test_documents_that_are_linked_to_nothing_here_are_counted(
    proven: Callable[[], Statement], invoice: Invoice, bookkeeper: Bookkeeper
) -> None:
    contact = Link.objects.get(kind=Kind.CUSTOMER).remote_id
    bookkeeper.create_invoice("THEIRS-1", contact)
    gone = bookkeeper.create_invoice("THEIRS-2", contact)
    bookkeeper.change_invoice(gone["InvoiceID"], Status="DELETED")
    assert proven().only_there == {"invoice": 1}


def test_a_linked_record_that_xero_has_no_more_is_named_until_it_is_unlinked(
    connected: Connection,
    proven: Callable[[], Statement],
    invoice: Invoice,
    sandbox: Handle,
    super_user: User,
) -> None:
    link = Link.objects.get(kind=Kind.INVOICE)
    Link.objects.filter(pk=link.pk).update(remote_id="0c7d1f0e-0000-4000-8000-000000000000")
    made = proven()
    (found,) = open_rows()
    assert (made.apart, found.local_id, "lists this record no more" in found.words) == (1, invoice.pk, True)
    assert (line_of(made, Kind.INVOICE)["theirs"], make_now(connected).apart) == ("0.00", 1)
    unlink(connection=connected, kind=Kind.INVOICE, local_id=invoice.pk, by=super_user)
    assert (make_now(connected).apart, open_rows()) == (0, [])


def test_what_is_found_again_is_not_lost(
    connected: Connection, proven: Callable[[], Statement], invoice: Invoice
) -> None:
    Link.objects.filter(kind=Kind.INVOICE).update(lost_at=database_now())
    assert make_now(connected).apart == 1
    assert (proven().apart, open_rows()) == (0, [])


def test_what_is_linked_while_a_proof_runs_is_not_lost(
    connected: Connection, proven: Callable[[], Statement], invoice: Invoice
) -> None:
    later = database_now() + dt.timedelta(hours=1)
    Link.objects.filter(kind=Kind.INVOICE).update(remote_id="made-later", created_at=later)
    assert proven().apart == 0
