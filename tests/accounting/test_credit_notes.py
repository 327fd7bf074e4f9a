"""Credit notes go to Xero with what became of their credit, and what a bookkeeper does with it comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from accounting.enums import ConflictState, Kind, LinkState, Priority
from accounting.models import Conflict, Link, Operation
from credit.models import Allocation, Refund
from credit.services.allocations import remove_allocation
from credit.services.notes import update_credit_note, void_credit_note
from credit.services.refunds import refund, reverse_refund
from tests.accounting.crediting import Crediting, credit, currency
from tests.factories.credit import APPLIED_ON, make_allocation
from tests.sampling import mostly_long
from xero_sandbox.handle import Handle

__all__ = ["credit", "currency"]

Sync = Callable[[], None]
in_both_currencies = pytest.mark.parametrize("currency", mostly_long(["USD", "NZD"], quick=["USD"]))


def _writes(sandbox: Handle) -> list[str]:
    return [
        f"{call.method} {call.path.split('/')[-1]}" for call in sandbox.requests() if call.method != "GET"
    ]


def _is_quiet() -> bool:
    return not Operation.objects.exists() and not Conflict.objects.filter(state=ConflictState.OPEN).exists()


@in_both_currencies
def test_what_is_done_here_is_done_there(credit: Crediting, sandbox: Handle, sync: Sync) -> None:
    assert credit.both(115, 115)
    applied = make_allocation(credit.note, credit.invoice, "40.01")
    paid = refund(credit_note=credit.note, amount=Decimal("14.99"), date=APPLIED_ON, by=None)
    sync()
    assert credit.here() == credit.there() == (60, Decimal("74.99"))
    assert _writes(sandbox) == ["PUT Allocations", "PUT Payments"]
    credit.hear()
    assert credit.here() == (60, Decimal("74.99"))
    remove_allocation(allocation=applied, by=None)
    reverse_refund(refund=paid, by=None)
    sync()
    assert credit.both(115, 115)
    void_credit_note(credit_note=credit.note, by=None)
    sync()
    assert credit.books.credit_note(credit.note_id)["Status"] == "VOIDED"
    assert _is_quiet()


@in_both_currencies
def test_what_is_done_there_is_done_here(credit: Crediting, sync: Sync) -> None:
    applied = credit.books.allocate(credit.note_id, credit.invoice_id, 40)
    paid = credit.books.refund(credit.note_id, 15)
    credit.hear()
    assert credit.both(60, 75)
    assert (Allocation.objects.get().invoice, Refund.objects.get().amount) == (credit.invoice, 15)
    credit.books.take_off(credit.note_id, applied["AllocationID"])
    credit.books.delete_payment(paid["PaymentID"])
    credit.hear()
    assert credit.both(115, 115)
    credit.books.change_credit_note(credit.note_id, Status="VOIDED")
    credit.hear()
    credit.note.refresh_from_db()
    assert (credit.note.status, _is_quiet()) == ("voided", True)


@pytest.mark.parametrize(
    "lost",
    mostly_long(
        [("drop", True), ("error_500", True), ("truncate", True), ("drop", False), ("error_500", False)],
        quick=[("drop", True)],
    ),
)
def test_lost_answer_to_an_allocation_makes_no_second_one(
    credit: Crediting, sandbox: Handle, sync: Sync, lost: tuple[str, bool]
) -> None:
    fault, applied = lost
    sandbox.faults.add(fault, method="PUT", path="CreditNotes/*/Allocations*", applied=applied)
    make_allocation(credit.note, credit.invoice, "40")
    for _ in range(4):
        sync()
    assert sandbox.faults.waiting() == []
    assert len(credit.books.credit_note(credit.note_id)["Allocations"]) == 1
    assert Link.objects.get(kind=Kind.ALLOCATION).state == LinkState.ACTIVE
    credit.hear()
    assert credit.both(75, 75)
    assert _is_quiet()


def test_lost_answer_to_taking_it_off_leaves_it_taken_off(
    credit: Crediting, sandbox: Handle, sync: Sync
) -> None:
    applied = make_allocation(credit.note, credit.invoice, "40")
    sync()
    sandbox.faults.add("drop", method="DELETE", path="CreditNotes/*/Allocations*", applied=True)
    remove_allocation(allocation=applied, by=None)
    for _ in range(4):
        sync()
    assert sandbox.faults.waiting() == []
    assert credit.both(115, 115)
    assert _is_quiet()


def test_two_allocations_alike_are_two(credit: Crediting, sync: Sync) -> None:
    for _ in range(2):
        make_allocation(credit.note, credit.invoice, "20")
    sync()
    credit.hear()
    assert credit.both(75, 75)
    assert Link.objects.filter(kind=Kind.ALLOCATION, state=LinkState.ACTIVE).count() == 2


@pytest.mark.parametrize(
    "order",
    mostly_long([["invoice", "credit_note"], ["credit_note", "invoice"]], quick=[["invoice", "credit_note"]]),
)
def test_the_same_allocation_on_both_sides_is_one(credit: Crediting, sync: Sync, order: list[str]) -> None:
    """Whichever of the two is read first, its amount counts once."""
    credit.books.allocate(credit.note_id, credit.invoice_id, 40)
    make_allocation(credit.note, credit.invoice, "40")
    Operation.objects.update(priority=Priority.BACKFILL)
    for kind in order:
        credit.tell(kind)
    sync()
    assert credit.both(75, 75)
    assert (Allocation.objects.count(), _is_quiet()) == (1, True)


def test_note_changed_on_both_sides_waits_for_a_person(credit: Crediting, sync: Sync) -> None:
    credit.books.change_credit_note(credit.note_id, Reference="Theirs")
    update_credit_note(credit_note=credit.note, by=None, reference="Ours")
    sync()
    conflict = Conflict.objects.get(state=ConflictState.OPEN)
    assert (conflict.kind, conflict.local_id) == (Kind.CREDIT_NOTE, credit.note.pk)


def test_allocation_to_an_invoice_that_is_not_here_counts_on_the_note(credit: Crediting) -> None:
    contact = credit.id_of(credit.note.customer, Kind.CUSTOMER)
    theirs = credit.books.create_invoice("THEIRS-1", contact, 50)
    credit.books.change_invoice(theirs["InvoiceID"], Status="AUTHORISED")
    credit.books.allocate(credit.note_id, theirs["InvoiceID"], 30)
    credit.hear()
    assert credit.both(85, 115)
    told = Allocation.objects.get()
    assert (told.invoice, told.elsewhere) == (None, "THEIRS-1")


def test_credit_of_a_note_that_is_not_here_still_counts(
    credit: Crediting, sandbox: Handle, sync: Sync
) -> None:
    make_allocation(credit.note, credit.invoice, "40")
    sync()
    sandbox.apply_credit(credit.invoice_id, Decimal(15))
    credit.hear()
    credit.invoice.refresh_from_db()
    assert (credit.invoice.credited, credit.invoice.credited_elsewhere) == (55, 15)


def test_note_is_not_voided_there_before_its_credit_is_taken_off(
    credit: Crediting, sandbox: Handle, sync: Sync
) -> None:
    applied = make_allocation(credit.note, credit.invoice, "40")
    sync()
    sandbox.clear_requests()
    remove_allocation(allocation=applied, by=None)
    void_credit_note(credit_note=credit.note, by=None)
    sync()
    sync()
    calls = [call.method for call in sandbox.requests() if call.method != "GET"]
    assert (calls, _is_quiet()) == (["DELETE", "POST"], True)


def test_day_that_xero_chooses_is_no_difference(credit: Crediting, sandbox: Handle, sync: Sync) -> None:
    make_allocation(credit.note, credit.invoice, "40", date=dt.date(2026, 8, 1))
    sync()
    sandbox.clear_requests()
    sync()
    assert sandbox.requests() == []
    credit.hear()
    assert _is_quiet()
