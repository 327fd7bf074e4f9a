"""A credit note from its first draft to its end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.changes import caused_by
from core.refusals import Refused, Stale
from credit.enums import CreditNoteStatus
from credit.models import CreditNote
from credit.services.notes import (
    approve_credit_note,
    create_credit_note,
    delete_credit_note,
    reopen_credit_note,
    submit_credit_note,
    update_credit_note,
    void_credit_note,
)
from lines.refusals import Locked, NumberRefused, WrongStatus
from tests.factories.credit import make_allocation, make_credit_note, make_pair, make_refund
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from workspaces.models import Workspace
from workspaces.queries import history_of


def summaries(note: CreditNote) -> list[str]:
    return [entry.summary for entry in history_of(note.pk)]


def test_credit_note_has_a_sequence_of_its_own(in_workspace: Workspace) -> None:
    make_invoice(in_workspace)
    assert [make_credit_note(in_workspace).number for _ in range(2)] == ["CN-0001", "CN-0002"]


def test_credit_note_takes_the_customers_currency_and_its_lines_sum(in_workspace: Workspace) -> None:
    note = make_credit_note(in_workspace, lines=[make_line(quantity="3"), make_line(unit_amount="0.5")])
    assert (note.currency, note.total, note.remaining) == (
        note.customer.currency,
        Decimal("300.50"),
        note.total,
    )


def test_credit_note_with_a_taken_number_is_refused(in_workspace: Workspace) -> None:
    make_credit_note(in_workspace, number="A")
    with pytest.raises(NumberRefused, match="taken by another credit note"):
        make_credit_note(in_workspace, number="A")


def test_credit_note_goes_its_steps_and_tells_each(in_workspace: Workspace) -> None:
    note = make_credit_note(in_workspace, status=CreditNoteStatus.DRAFT)
    assert note.remaining == 0
    note = submit_credit_note(credit_note=submit_credit_note(credit_note=note, by=None), by=None)
    note = approve_credit_note(credit_note=approve_credit_note(credit_note=note, by=None), by=None)
    assert (note.status, note.remaining, bool(note.issued_at)) == (CreditNoteStatus.APPROVED, 100, True)
    note = reopen_credit_note(credit_note=note, by=None)
    assert (note.status, note.approved_at) == (CreditNoteStatus.DRAFT, None)
    note = void_credit_note(credit_note=void_credit_note(credit_note=note, by=None), by=None)
    assert (note.status, note.remaining) == (CreditNoteStatus.VOIDED, 0)
    told = ["Voided", "Reopened as a draft", "Approved, NZD 100.00", "Submitted for approval"]
    assert summaries(note)[:4] == told


def test_credit_note_that_is_voided_stays_voided_but_for_xero(in_workspace: Workspace) -> None:
    note = make_credit_note(in_workspace, status=CreditNoteStatus.VOIDED)
    for step in (submit_credit_note, approve_credit_note, reopen_credit_note):
        with pytest.raises(WrongStatus, match="CN-0001 is voided"):
            step(credit_note=note, by=None)
    with caused_by("remote"):
        assert approve_credit_note(credit_note=note, by=None).is_issued


def test_credit_note_below_zero_or_without_lines_is_not_approved(in_workspace: Workspace) -> None:
    with pytest.raises(Refused, match="less than zero"):
        make_credit_note(in_workspace, lines=[make_line(unit_amount="-1")])
    with pytest.raises(Refused, match="no lines"):
        make_credit_note(in_workspace, lines=[])


def test_update_writes_what_differs_and_nothing_else(in_workspace: Workspace) -> None:
    note = make_credit_note(in_workspace, status=CreditNoteStatus.DRAFT)
    same = update_credit_note(credit_note=note, reference=note.reference, by=None)
    assert same.revision == note.revision
    changed = update_credit_note(credit_note=note, lines=[make_line(unit_amount="40")], by=None)
    assert (changed.total, summaries(note)[0]) == (40, "Changed lines: NZD 100.00 became NZD 40.00")
    with pytest.raises(Stale):
        update_credit_note(credit_note=note, reference="x", expected_revision=note.revision, by=None)


def test_update_of_an_issued_note_opens_reference_and_notes_only(in_workspace: Workspace) -> None:
    note = make_credit_note(in_workspace)
    assert update_credit_note(credit_note=note, reference="PO 7", notes="Sorry", by=None).reference == "PO 7"
    with pytest.raises(Locked, match="only its reference and notes can change"):
        update_credit_note(credit_note=note, lines=[make_line()], by=None)
    with caused_by("remote"):
        update_credit_note(credit_note=note, lines=[make_line(unit_amount="9")], by=None)


@pytest.mark.parametrize("step", [void_credit_note, reopen_credit_note])
@pytest.mark.parametrize(
    ("use", "told"), [("applied", "is applied to invoices"), ("refunded", "has refunds")]
)
def test_credit_note_that_is_used_is_neither_voided_nor_reopened(
    in_workspace: Workspace, step: Any, use: str, told: str
) -> None:
    note, invoice = make_pair(in_workspace)
    made = make_allocation(note, invoice) if use == "applied" else make_refund(note)
    with pytest.raises(Locked, match=told):
        step(credit_note=made.credit_note, by=None)
    with caused_by("remote"):
        step(credit_note=made.credit_note, by=None)


def test_delete_takes_a_draft_that_was_never_issued(in_workspace: Workspace) -> None:
    delete_credit_note(credit_note=make_credit_note(in_workspace, status=CreditNoteStatus.DRAFT), by=None)
    assert not CreditNote.objects.exists()
    note = reopen_credit_note(credit_note=make_credit_note(in_workspace), by=None)
    with pytest.raises(Locked, match="Void it instead"):
        delete_credit_note(credit_note=note, by=None)


def test_credit_notes_of_an_invoice_never_come_to_more_than_it(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, status="approved")
    raise_one = {"customer": invoice.customer, "invoice": invoice}
    first = make_credit_note(in_workspace, lines=[make_line(unit_amount="60")], **raise_one)
    with pytest.raises(Refused, match=r"Only NZD 40\.00 of INV-0001 is left to credit\."):
        make_credit_note(in_workspace, lines=[make_line(unit_amount="40.01")], **raise_one)
    assert CreditNote.objects.count() == 1
    void_credit_note(credit_note=first, by=None)
    assert make_credit_note(in_workspace, **raise_one).total == 100


def test_credit_note_of_an_invoice_keeps_its_customer(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, status="approved")
    with pytest.raises(Refused, match="keeps its customer"):
        make_credit_note(in_workspace, invoice=invoice)


def test_create_as_xero_takes_what_is_said(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace)
    with caused_by("remote"):
        note = create_credit_note(
            workspace=in_workspace,
            customer=invoice.customer,
            lines=[],
            by=None,
            issue_date=ISSUED_ON,
            invoice=invoice,
            approve=True,
        )
    assert note.is_issued


def test_discount_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Refused, match="no discounts"):
        make_credit_note(in_workspace, lines=[make_line(discount_percent="10")])
