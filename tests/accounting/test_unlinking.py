"""A person parts a pair again, or says that both are the same."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from accounting.enums import Blocker, ConflictState, Kind, LinkState, OpState, Resolution
from accounting.models import Conflict, Connection, Exemption, Link, Operation, SyncEvent
from accounting.sync import ignoring, pairs
from accounting.sync.deciding import CannotDecide
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from customers.models import Customer
from customers.services import update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.pairing import (
    Sync,
    bookkeeper,
    code_of,
    contacts_in,
    invoice,
    link,
    link_of,
    ours,
    synced,
    theirs,
)
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User

__all__ = ["bookkeeper", "invoice", "ours", "synced", "theirs"]


def test_unlinked_record_goes_neither_way(
    connected: Connection, synced: Customer, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    remote_id = link_of(synced).remote_id
    pairs.unlink(
        connection=connected, kind=Kind.CUSTOMER, local_id=synced.pk, reason="Wrong one.", by=super_user
    )
    update_customer(customer=synced, name="Ours now", by=None)
    bookkeeper.change_contact(remote_id, Name="Theirs now")
    with transaction.atomic():
        request_pull(connected, Kind.CUSTOMER, remote_id)
    sync()
    synced.refresh_from_db()
    assert synced.name == "Ours now"
    assert bookkeeper.contact(remote_id)["Name"] == "Theirs now"
    assert (Operation.objects.get().blocker, code_of(Kind.CUSTOMER, synced)) == (Blocker.EXEMPT, "unlinked")
    assert SyncEvent.objects.get(event="decided").actor == super_user


def test_unlinked_customer_keeps_its_invoices_waiting_until_it_is_created(
    connected: Connection,
    synced: Customer,
    gst: TaxRate,
    bookkeeper: Bookkeeper,
    sync: Sync,
    super_user: User,
) -> None:
    before = contacts_in(bookkeeper)
    pairs.unlink(connection=connected, kind=Kind.CUSTOMER, local_id=synced.pk, by=super_user)
    update_customer(customer=synced, name="Kowhai Cafe 2", reference="K-2", by=None)
    invoice = make_invoice(
        connected.workspace, customer=synced, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    sync()
    waiting = Operation.objects.get(kind=Kind.INVOICE)
    assert (waiting.state, waiting.blocker) == (OpState.BLOCKED, Blocker.EXEMPT)
    assert "left out of the sync" in waiting.error
    ignoring.take_back(connection=connected, kind=Kind.CUSTOMER, local_id=synced.pk, by=super_user)
    sync()
    sync()
    assert contacts_in(bookkeeper) == before + 1
    assert code_of(Kind.INVOICE, invoice) == "synced"
    assert (Exemption.objects.count(), Operation.objects.count()) == (0, 0)


def test_unlinked_invoice_takes_its_payments_links_along_and_gets_them_back(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    record_payment(invoice=invoice, amount=invoice.total, date=dt.date(2026, 3, 9), by=None)
    sync()
    remote_id = link_of(invoice).remote_id
    assert Link.objects.filter(kind=Kind.PAYMENT).count() == 1
    pairs.unlink(connection=connected, kind=Kind.INVOICE, local_id=invoice.pk, by=super_user)
    assert not Link.objects.filter(kind__in=[Kind.INVOICE, Kind.PAYMENT]).exists()
    link(connected, invoice, remote_id, super_user)
    sync()
    assert Link.objects.filter(kind=Kind.PAYMENT).count() == 1
    assert Payment.objects.count() == 1
    assert len(bookkeeper.invoice(remote_id)["Payments"]) == 1
    assert Operation.objects.count() == 0


def test_unlink_is_a_way_out_of_a_conflict(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    update_invoice(invoice=invoice, due_date=dt.date(2026, 4, 1), by=None)
    bookkeeper.change_invoice(link_of(invoice).remote_id, DueDate="2026-05-01")
    sync()
    assert Conflict.objects.get().state == ConflictState.OPEN
    pairs.unlink(connection=connected, kind=Kind.INVOICE, local_id=invoice.pk, by=super_user)
    assert not Conflict.objects.filter(state=ConflictState.OPEN).exists()
    assert code_of(Kind.INVOICE, invoice) == "unlinked"


def test_marked_as_synced_once_both_say_the_same(
    connected: Connection, synced: Customer, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    update_customer(customer=synced, email="new@kowhai.nz", by=None)
    Operation.objects.update(state=OpState.FAILED, error="Xero says: no", error_class="permanent")
    with pytest.raises(CannotDecide, match="do not agree yet: email"):
        pairs.mark_synced(connection=connected, kind=Kind.CUSTOMER, local_id=synced.pk, by=super_user)
    bookkeeper.change_contact(link_of(synced).remote_id, EmailAddress="new@kowhai.nz")
    pairs.mark_synced(connection=connected, kind=Kind.CUSTOMER, local_id=synced.pk, by=super_user)
    assert (Operation.objects.count(), code_of(Kind.CUSTOMER, synced)) == (0, "synced")


def test_marked_as_synced_closes_the_conflict(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    update_invoice(invoice=invoice, due_date=dt.date(2026, 4, 1), by=None)
    bookkeeper.change_invoice(link_of(invoice).remote_id, DueDate="2026-05-01")
    sync()
    bookkeeper.change_invoice(link_of(invoice).remote_id, DueDate="2026-04-01")
    pairs.mark_synced(connection=connected, kind=Kind.INVOICE, local_id=invoice.pk, by=super_user)
    assert Conflict.objects.get().resolution == Resolution.AGREED
    assert (link_of(invoice).state, Operation.objects.count()) == (LinkState.ACTIVE, 0)


def test_payments_are_not_decided_about_by_themselves(connected: Connection, super_user: User) -> None:
    for decide in (pairs.unlink, pairs.mark_synced):
        with pytest.raises(CannotDecide, match="goes with what it pays"):
            decide(connection=connected, kind=Kind.PAYMENT, local_id=connected.pk, by=super_user)
