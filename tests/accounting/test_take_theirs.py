"""A person takes what Xero has, whatever was to be sent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounting.enums import EventKind, Kind, LinkState, Until
from accounting.models import Connection, Link, Operation, SyncEvent
from accounting.sync.deciding import CannotDecide
from accounting.sync.ignoring import ignore
from accounting.sync.taking import take_theirs
from customers.models import Customer
from customers.services import update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.test_void_refused import DAY, paid, reconcile, there, void
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
__all__ = ["paid"]


def _take(connection: Connection, record: Invoice | Customer, by: User) -> None:
    kind = Kind.INVOICE if isinstance(record, Invoice) else Kind.CUSTOMER
    take_theirs(connection=connection, kind=kind, local_id=record.pk, by=by)


@pytest.fixture
def refused(sandbox: Handle, paid: Invoice, sync: Sync) -> Invoice:
    """Voided here with both payments reversed; one of them Xero did not let go."""
    reconcile(sandbox, Payment.objects.get(amount=30))
    void(paid)
    sync()
    sync()
    return Invoice.objects.get()


def test_void_that_was_refused_is_put_back_with_the_payment_that_xero_kept(
    sandbox: Handle, connected: Connection, refused: Invoice, sync: Sync, super_user: User
) -> None:
    _take(connected, refused, super_user)
    sync()

    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.amount_paid) == (InvoiceStatus.APPROVED, Decimal(30))
    assert [payment.amount for payment in Payment.objects.filter(reversed_at=None)] == [Decimal(30)]
    assert (there(sandbox, invoice)["Status"], there(sandbox, invoice)["AmountPaid"]) == ("AUTHORISED", 30)
    assert not Operation.objects.exists()
    told = SyncEvent.objects.get(event=EventKind.DECIDED)
    assert (told.local_id, told.actor) == (invoice.pk, super_user)


@pytest.mark.long
def test_payment_that_was_never_sent_stays_and_is_sent(
    sandbox: Handle, connected: Connection, paid: Invoice, sync: Sync, super_user: User
) -> None:
    record_payment(invoice=paid, amount=Decimal(15), date=DAY, by=super_user)
    _take(connected, paid, super_user)
    sync()
    assert there(sandbox, paid)["AmountPaid"] == 65


@pytest.mark.long
def test_edit_that_was_to_be_sent_is_given_up(
    connected: Connection, paid: Invoice, sandbox: Handle, sync: Sync, super_user: User
) -> None:
    customer = Customer.objects.get()
    was = customer.email
    update_customer(customer=customer, by=super_user, email="typo@example.com")
    _take(connected, customer, super_user)
    sandbox.clear_requests()
    sync()
    assert Customer.objects.get().email == was
    assert [call for call in sandbox.requests() if call.method != "GET"] == []


def test_what_is_left_out_is_taken_back_first(connected: Connection, paid: Invoice, super_user: User) -> None:
    ignore(connection=connected, kind=Kind.INVOICE, local_id=paid.pk, until=Until.GOOD, by=super_user)
    with pytest.raises(CannotDecide, match="left out"):
        _take(connected, paid, super_user)


@pytest.mark.long
def test_what_was_removed_there_says_so(connected: Connection, paid: Invoice, super_user: User) -> None:
    Link.objects.filter(local_id=paid.pk).update(state=LinkState.TOMBSTONED)
    with pytest.raises(CannotDecide):
        _take(connected, paid, super_user)
    assert Invoice.objects.get().status == InvoiceStatus.APPROVED


@pytest.mark.long
def test_page_of_a_record_offers_it(
    client: Client, connected: Connection, refused: Invoice, super_user: User
) -> None:
    client.force_login(super_user)
    where = [connected.workspace.slug, Kind.INVOICE, refused.pk]
    assert "Take Xero's version" in client.get(reverse("accounting:pair", args=where)).content.decode()
    client.post(reverse("accounting:take_theirs", args=where))
    assert Invoice.objects.get().status == InvoiceStatus.APPROVED
