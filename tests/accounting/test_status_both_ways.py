"""The bookkeeper's steps come back, and what becomes of an invoice that moves on both sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from accounting.enums import ConflictState, Kind, Resolution
from accounting.models import Conflict, Operation, SyncEvent
from accounting.sync.outbox import retry_failed
from accounting.sync.resolve import resolve
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import (
    approve_invoice,
    delete_invoice,
    reopen_invoice,
    submit_invoice,
    update_invoice,
)
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.keeping_step import (
    Hear,
    Sync,
    bookkeeper,
    draft,
    hear,
    here,
    keeps_step,
    remote_id,
    sent,
    there,
)
from tests.sampling import mostly_long
from workspaces.models import User

__all__ = ["bookkeeper", "draft", "hear", "keeps_step", "sent"]

WAYS = [Resolution.KEEP_OURS, Resolution.TAKE_THEIRS]

pytestmark = pytest.mark.usefixtures("keeps_step")
MAY = dt.date(2026, 5, 1)


# From there to here


@pytest.mark.parametrize(
    ("ours", "theirs", "then"),
    [
        ("draft", "SUBMITTED", InvoiceStatus.AWAITING_APPROVAL),
        ("draft", "AUTHORISED", InvoiceStatus.APPROVED),
        ("submitted", "AUTHORISED", InvoiceStatus.APPROVED),
        ("submitted", "DRAFT", InvoiceStatus.DRAFT),
        ("draft", "DELETED", InvoiceStatus.VOIDED),
    ],
)
def test_step_of_the_bookkeeper_comes_back(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync, hear: Hear, ours: str, theirs: str, then: InvoiceStatus
) -> None:
    if ours == "submitted":
        submit_invoice(invoice=sent, by=None)
        sync()
    bookkeeper.change_invoice(remote_id(), Status=theirs)
    hear()
    assert (here(), there(bookkeeper), Operation.objects.count()) == (then, [theirs], 0)


def test_draft_deleted_there_says_deleted(sent: Invoice, bookkeeper: Bookkeeper, hear: Hear) -> None:
    bookkeeper.change_invoice(remote_id(), Status="DELETED")
    hear()
    told = SyncEvent.objects.filter(kind=Kind.INVOICE).values_list("message", flat=True)
    assert "Deleted in Xero." in list(told)


def test_payment_there_on_what_was_approved_there_comes_along(
    sent: Invoice, bookkeeper: Bookkeeper, hear: Hear
) -> None:
    bookkeeper.change_invoice(remote_id(), Status="AUTHORISED")
    bookkeeper.pay(remote_id(), 115)
    hear()
    invoice = Invoice.objects.get()
    assert (invoice.is_paid, invoice.status) == (True, InvoiceStatus.APPROVED)


def test_payment_here_follows_the_approval(sent: Invoice, bookkeeper: Bookkeeper, sync: Sync) -> None:
    approve_invoice(invoice=sent, by=None)
    record_payment(invoice=sent, amount=Decimal(115), date=MAY, by=None)
    sync()
    sync()
    assert (there(bookkeeper), Operation.objects.count()) == (["PAID"], 0)


# Both


@pytest.mark.parametrize(("ours", "theirs"), [(submit_invoice, "AUTHORISED"), (approve_invoice, "SUBMITTED")])
def test_of_two_steps_forward_the_further_one_stands(
    sent: Invoice,
    bookkeeper: Bookkeeper,
    sync: Sync,
    ours: Callable[..., Invoice],
    theirs: str,
) -> None:
    bookkeeper.change_invoice(remote_id(), Status=theirs)
    ours(invoice=sent, by=None)
    sync()
    sync()
    assert (here(), there(bookkeeper)) == (InvoiceStatus.APPROVED, ["AUTHORISED"])
    assert (Conflict.objects.count(), Operation.objects.count()) == (0, 0)


def test_approval_there_and_a_lesser_edit_here_are_merged(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    bookkeeper.change_invoice(remote_id(), Status="AUTHORISED")
    update_invoice(invoice=sent, by=None, reference="PO 9")
    sync()
    sync()
    there = bookkeeper.invoice(remote_id())
    assert (there["Status"], there["Reference"], here()) == ("AUTHORISED", "PO 9", InvoiceStatus.APPROVED)
    assert not Conflict.objects.exists()


@pytest.mark.parametrize("choice", mostly_long(WAYS, quick=WAYS[:1]))
def test_approved_here_and_sent_back_there_is_a_conflict_that_ends(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync, super_user: User, choice: Resolution
) -> None:
    submit_invoice(invoice=sent, by=None)
    sync()
    bookkeeper.change_invoice(remote_id(), Status="DRAFT")
    approve_invoice(invoice=sent, by=None)
    sync()
    conflict = Conflict.objects.get()
    assert (conflict.state, conflict.fields) == (ConflictState.OPEN, ["status"])
    resolve(conflict=conflict, choice=choice, seen=conflict.version, by=super_user)
    sync()
    ended = {Resolution.KEEP_OURS: ("approved", "AUTHORISED"), Resolution.TAKE_THEIRS: ("draft", "DRAFT")}
    assert (here(), there(bookkeeper)[0]) == ended[choice]
    assert not Operation.objects.exists()


@pytest.mark.parametrize("choice", mostly_long(WAYS, quick=WAYS[1:]))
def test_payment_waits_for_the_decision_about_its_invoice_and_goes_then(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync, super_user: User, choice: Resolution
) -> None:
    bookkeeper.change_invoice(remote_id(), Status="AUTHORISED", DueDate="2026-06-01")
    update_invoice(invoice=sent, by=None, due_date=MAY, approve=True)
    record_payment(invoice=sent, amount=Decimal(115), date=MAY, by=None)
    sync()
    waiting = Operation.objects.get(kind=Kind.PAYMENT)
    assert waiting.error == "Waits until you decide which version of the invoice is right."
    conflict = Conflict.objects.get()
    resolve(conflict=conflict, choice=choice, seen=conflict.version, by=super_user)
    for _ in range(3):
        sync()
    assert (there(bookkeeper), Operation.objects.count()) == (["PAID"], 0)


def test_payment_that_waits_already_learns_that_its_invoice_is_out_of_sync(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    Operation.objects.all().delete()
    approve_invoice(invoice=sent, by=None)
    Operation.objects.all().delete()  # as if its approval were still to be told
    record_payment(invoice=sent, amount=Decimal(115), date=MAY, by=None)
    sync()
    assert Operation.objects.get().error == "Waits for the invoice to be approved in Xero."
    bookkeeper.change_invoice(remote_id(), DueDate="2026-06-01")
    update_invoice(invoice=sent, by=None, due_date=MAY)
    sync()
    waiting = Operation.objects.get(kind=Kind.PAYMENT)
    assert waiting.error == "Waits until you decide which version of the invoice is right."


def test_deleted_there_and_edited_here_is_a_conflict(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    bookkeeper.change_invoice(remote_id(), Status="DELETED")
    update_invoice(invoice=sent, by=None, reference="PO 9")
    sync()
    assert "voided" in Conflict.objects.get().fields


def test_edit_there_of_a_reopened_one_leaves_it_a_draft(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync, hear: Hear
) -> None:
    approve_invoice(invoice=sent, by=None)
    sync()
    reopen_invoice(invoice=sent, by=None)
    bookkeeper.change_invoice(remote_id(), Reference="PO 12")
    hear()
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.reference, there(bookkeeper)) == ("draft", "PO 12", ["AUTHORISED"])


def test_draft_deleted_here_and_edited_there_is_deleted(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    bookkeeper.change_price(remote_id(), 50)
    delete_invoice(invoice=sent, by=None)
    sync()
    assert (there(bookkeeper), Operation.objects.count()) == (["DELETED"], 0)


def test_draft_deleted_here_and_approved_there_is_not_voided_unseen(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    bookkeeper.change_invoice(remote_id(), Status="AUTHORISED")
    delete_invoice(invoice=sent, by=None)
    sync()
    failed = Operation.objects.get()
    assert there(bookkeeper) == ["AUTHORISED"]
    assert failed.error == (
        "Invoice INV-0001 was deleted here, and approved in Xero meanwhile. Void or delete it there, then try again."
    )
    bookkeeper.change_invoice(remote_id(), Status="VOIDED")
    retry_failed(Operation.objects)
    sync()
    assert not Operation.objects.exists()
