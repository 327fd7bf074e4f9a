"""Credit is applied to invoices and taken off again: both follow to the cent, whoever did it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.changes import caused_by
from core.refusals import Refused
from credit.models import Allocation, CreditNote
from credit.queries import allocations_of
from credit.services.allocations import (
    apply_note,
    apply_to_invoice,
    remove_allocation,
    take_allocation_from_remote,
    take_off_invoice,
    update_allocation_from_remote,
)
from invoices.models import Invoice
from invoices.services import take_credit, void_invoice
from lines.refusals import Locked
from tests.factories.credit import APPLIED_ON, make_allocation, make_credit_note, make_pair
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from workspaces.models import Workspace
from workspaces.queries import history_of

Pair = tuple[CreditNote, Invoice]


@pytest.fixture
def pair(in_workspace: Workspace) -> Pair:
    """A note and an invoice of 100.00 each."""
    return make_pair(in_workspace)


def sums() -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """What the note has applied and left, what the invoice has credited and due."""
    note, invoice = CreditNote.objects.get(), Invoice.objects.get()
    return note.applied, note.remaining, invoice.credited, invoice.amount_due


def test_allocate_moves_both_and_tells_both(pair: Pair) -> None:
    make_allocation(*pair)
    assert sums() == (30, 70, 30, 70)
    told = "Applied NZD 30.00 of CN-0001 on INV-0001"
    assert [history_of(row.pk).first().summary for row in pair] == [told, told]


def test_allocate_is_no_revision(pair: Pair) -> None:
    made = make_allocation(*pair)
    assert [made.credit_note.revision, made.invoice.revision] == [row.revision for row in pair]


@pytest.mark.parametrize(
    ("amount", "told"),
    [("0.004", "more than zero"), ("100.01", r"Only NZD 100\.00 of CN-0001 is left")],
)
def test_allocate_of_an_impossible_amount_is_refused(pair: Pair, amount: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        make_allocation(*pair, amount=amount)
    assert not Allocation.objects.exists()


def test_allocate_of_more_than_is_due_is_refused(pair: Pair, in_workspace: Workspace) -> None:
    make_allocation(*pair, amount="80")
    other = make_credit_note(in_workspace, customer=pair[0].customer)
    with pytest.raises(Refused, match=r"Only NZD 20\.00 is due on INV-0001"):
        make_allocation(other, pair[1])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"status": "draft"}, "INV-0001 is draft"),
        ({"currency": "USD"}, "in its own currency only"),
        ({"customer": None}, "not of the same customer"),
    ],
)
def test_allocate_between_what_does_not_fit_is_refused(
    in_workspace: Workspace, fields: dict[str, Any], told: str
) -> None:
    note = make_credit_note(in_workspace)
    fields = {"customer": note.customer, "status": "approved", **fields}
    fields["customer"] = fields["customer"] or make_customer(in_workspace, name="Another")
    with pytest.raises(Refused, match=told):
        make_allocation(note, make_invoice(in_workspace, **fields))


def test_remove_gives_the_credit_back_once(pair: Pair) -> None:
    made = remove_allocation(allocation=make_allocation(*pair), by=None)
    again = remove_allocation(allocation=made, by=None)
    assert (made.removed_at, again.removed_at) == (again.removed_at, made.removed_at)
    assert sums() == (0, 100, 0, 100)
    assert list(allocations_of(pair[0])) == [made]


def test_xeros_allocation_of_credit_that_was_counted_is_counted_once(pair: Pair) -> None:
    """The invoice was read first, with its credit; then the note came, and said where that is from."""
    take_credit(invoice=pair[1], amount=Decimal(50))
    assert Invoice.objects.get().amount_due == 50
    with caused_by("remote"):
        make_allocation(*pair, amount="30")
    assert sums() == (30, 70, 50, 50)
    assert Invoice.objects.get().credited_elsewhere == 20


def test_allocation_by_a_person_leaves_the_credit_of_elsewhere(pair: Pair) -> None:
    take_credit(invoice=pair[1], amount=Decimal(50))
    make_allocation(*pair, amount="30")
    assert sums() == (30, 70, 80, 20)


def test_take_credit_tells_what_comes_from_elsewhere_only(pair: Pair) -> None:
    make_allocation(*pair, amount="30")
    assert take_credit(invoice=pair[1], amount=Decimal(10)).credited == 40
    assert take_credit(invoice=pair[1], amount=Decimal(0)).credited == 30


def test_xeros_allocation_may_exceed_what_is_left_here(pair: Pair) -> None:
    with caused_by("remote"):
        make_allocation(*pair, amount="130")
    assert sums() == (130, -30, 130, -30)


def test_allocation_on_an_invoice_elsewhere_joins_it_once_it_is_here(pair: Pair) -> None:
    note, invoice = pair
    with caused_by("remote"):
        told = {"amount": Decimal(30), "date": APPLIED_ON, "elsewhere": "INV-9"}
        made = take_allocation_from_remote(credit_note=note, invoice=None, **told)
        assert sums() == (30, 70, 0, 100)
        take_credit(invoice=invoice, amount=Decimal(30))
        update_allocation_from_remote(allocation=made, invoice=invoice, **told)
        assert sums() == (30, 70, 30, 70)
        before = Allocation.objects.get().updated_at
        update_allocation_from_remote(allocation=made, invoice=invoice, **told)
    assert (Allocation.objects.get().updated_at, Allocation.objects.get().elsewhere) == (before, "")


def test_allocation_that_xero_changed_moves_both(pair: Pair, in_workspace: Workspace) -> None:
    note, invoice = pair
    made = make_allocation(note, invoice)
    other = make_invoice(in_workspace, customer=note.customer, status="approved")
    told = {"amount": Decimal(45), "date": APPLIED_ON, "elsewhere": ""}
    with caused_by("remote"):
        update_allocation_from_remote(allocation=made, invoice=other, **told)
    assert [Invoice.objects.get(pk=row.pk).credited for row in (invoice, other)] == [0, 45]
    assert CreditNote.objects.get().remaining == 55


def test_invoice_is_not_voided_while_credit_is_applied(pair: Pair) -> None:
    made = make_allocation(*pair)
    with pytest.raises(Locked, match=r"^Credit is applied to INV-0001\. Take it off, then void it\.$"):
        void_invoice(invoice=pair[1], by=None)
    take_off_invoice(invoice=pair[1], expected={made.pk}, by=None)
    assert void_invoice(invoice=pair[1], by=None).voided_at


def test_take_off_with_an_allocation_that_nobody_was_shown_is_refused(pair: Pair) -> None:
    first = make_allocation(*pair)
    make_allocation(*pair, amount="5")
    with pytest.raises(Refused, match="changed meanwhile"):
        take_off_invoice(invoice=pair[1], expected={first.pk}, by=None)
    assert sums() == (35, 65, 35, 65)


def test_apply_to_invoice_takes_of_many_notes_or_of_none(pair: Pair, in_workspace: Workspace) -> None:
    note, invoice = pair
    other = make_credit_note(in_workspace, customer=note.customer)
    shares = {note.pk: Decimal(40), other.pk: Decimal(61)}
    with pytest.raises(Refused, match=r"Only NZD 60\.00 is due"):
        apply_to_invoice(invoice=invoice, amounts=shares, date=APPLIED_ON, by=None)
    assert not Allocation.objects.exists()
    shares[other.pk] = Decimal(60)
    assert apply_to_invoice(invoice=invoice, amounts=shares, date=APPLIED_ON, by=None).is_paid
    assert [CreditNote.objects.get(pk=row.pk).remaining for row in (note, other)] == [60, 40]


def test_apply_note_gives_to_many_invoices(pair: Pair, in_workspace: Workspace) -> None:
    note, invoice = pair
    other = make_invoice(in_workspace, customer=note.customer, status="approved")
    shares = {invoice.pk: Decimal(70), other.pk: Decimal(30)}
    assert apply_note(credit_note=note, amounts=shares, date=APPLIED_ON, by=None).remaining == 0
    assert [Invoice.objects.get(pk=row.pk).amount_due for row in (invoice, other)] == [30, 70]
