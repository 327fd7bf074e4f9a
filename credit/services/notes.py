"""Writes of credit notes. Every function locks the row, works on it as it is now, and returns that fresh row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import QuerySet, Sum

from core.changes import origin
from core.money import ZERO
from core.refusals import Refused
from credit.enums import EDITABLE, CreditNoteStatus
from credit.models import Allocation, CreditNote, CreditNumberSequence, Refund
from credit.queries import lock_credit_note
from customers.models import Customer
from invoices.models import Invoice
from invoices.queries import lock_invoice
from lines import workflow
from lines.changes import check_revision, plan_change, save_new, told_total
from lines.enums import LineAmounts
from lines.numbering import checked_number, take_number
from lines.plan import assign, differences
from lines.refusals import Locked
from lines.totals import LineInput, Sums
from workspaces.models import User, Workspace
from workspaces.submissions import once

LEFT_OPEN = ("reference", "notes")


@transaction.atomic
@once
def create_credit_note(
    *,
    workspace: Workspace,
    customer: Customer,
    lines: Sequence[LineInput],
    by: User | None,
    issue_date: dt.date,
    currency: str = "",
    amounts: str = LineAmounts.EXCLUSIVE,
    number: str = "",
    reference: str = "",
    notes: str = "",
    invoice: Invoice | None = None,
    approve: bool = False,
) -> CreditNote:
    """A new draft, or with `approve` an issued credit note. Without a number it takes the next of the workspace's
    sequence; without a currency, the customer's. `invoice` is the one that it is raised from.

    Raises NumberRefused, Refused for a line beyond Xero's limit or with a discount and for more than the invoice comes
    to, and what `approve_credit_note` raises; then there is no credit note.
    """
    _check_undiscounted(lines)
    note = CreditNote(
        workspace=workspace,
        customer=customer,
        invoice=invoice,
        number=checked_number(number, CreditNote) if number else _next_number(workspace),
        reference=reference,
        issue_date=issue_date,
        currency=currency or (invoice or customer).currency,
        amounts=amounts,
        notes=notes,
    )
    save_new(note, lines)
    workflow.audit(note, "created", f"Created {note} for {customer}, {told_total(note)}", by)
    if approve:
        note = approve_credit_note(credit_note=note, by=by)
    _check_within_invoice(note)
    return note


@transaction.atomic
def update_credit_note(
    *,
    credit_note: CreditNote,
    by: User | None,
    lines: Sequence[LineInput] | None = None,
    customer: Customer | None = None,
    number: str | None = None,
    reference: str | None = None,
    issue_date: dt.date | None = None,
    currency: str | None = None,
    amounts: str | None = None,
    notes: str | None = None,
    sums: Sums | None = None,
    expected_revision: object = None,
    approve: bool = False,
) -> CreditNote:
    """Change what is given and differs; None keeps. Lines keep their identity by `id`, others are replaced. Amounts are
    computed where what they follow from changes; `sums` are those of the other side of the books, taken as they are.

    A save without a difference writes nothing. An issued note opens only its reference and notes.
    With `approve` it is approved as well; what stops that stops the change too.
    Raises Stale when `expected_revision` is not the row's, Locked, NumberRefused, Refused.
    """
    _check_undiscounted(lines or ())
    note = lock_credit_note(credit_note.pk)
    check_revision(note, expected_revision)
    given = {
        "customer": customer,
        "number": None if number is None else checked_number(number, CreditNote),
        "reference": reference,
        "issue_date": issue_date,
        "currency": currency,
        "amounts": amounts,
        "notes": notes,
    }
    change = plan_change(note, given, lines, sums)
    workflow.check_open(note, change.names, LEFT_OPEN)
    if change:
        change.save()
        _check_within_invoice(note)
        workflow.audit(note, "updated", change.told(), by)
    return approve_credit_note(credit_note=note, by=by) if approve else note


@transaction.atomic
def submit_credit_note(*, credit_note: CreditNote, by: User | None) -> CreditNote:
    """Ask for approval of a draft. Asking again changes nothing. Raises WrongStatus."""
    note = lock_credit_note(credit_note.pk)
    if note.status == CreditNoteStatus.AWAITING_APPROVAL:
        return note
    workflow.require_status(note, "submitted for approval", CreditNoteStatus.DRAFT)
    workflow.check_has_lines(note)
    return workflow.move(note, CreditNoteStatus.AWAITING_APPROVAL, by, "submitted", "Submitted for approval")


@transaction.atomic
def approve_credit_note(*, credit_note: CreditNote, by: User | None) -> CreditNote:
    """Issue a draft: from now on its credit can be applied and paid back. Approving again changes nothing. As Xero, one
    voided here may be let stand again, because there it never fell.

    Where others say that its day can no longer be booked, it may take the first day that can.
    Raises WrongStatus for a voided one, Refused for one without lines or with a total below zero,
    ApprovalRefused for what others object to (`lines.signals`).
    """
    note = lock_credit_note(credit_note.pk)
    if note.is_issued:
        return note
    workflow.require_status(note, "approved", *EDITABLE, *workflow.unless_remote(CreditNoteStatus.VOIDED))
    return workflow.approve(note, by, status=CreditNoteStatus.APPROVED, redate=partial(_redate, by=by))


@transaction.atomic
def reopen_credit_note(*, credit_note: CreditNote, by: User | None) -> CreditNote:
    """Make it a draft again, so that it can be edited. Reopening a draft changes nothing. As Xero, one voided here may
    be let stand again, because there it never fell.

    Raises WrongStatus when it is voided, Locked when some of it was applied or paid back.
    """
    note = lock_credit_note(credit_note.pk)
    if note.status == CreditNoteStatus.DRAFT:
        return note
    refused = {CreditNoteStatus.VOIDED} - set(workflow.unless_remote(CreditNoteStatus.VOIDED))
    workflow.require_status(note, "reopened", *(set(CreditNoteStatus) - refused))
    _check_unused(note, "reopen")
    return workflow.reopen(note, by, status=CreditNoteStatus.DRAFT)


@transaction.atomic
def void_credit_note(*, credit_note: CreditNote, by: User | None) -> CreditNote:
    """Cancel it for good; it stays, with its number. Voiding again changes nothing.

    Raises Locked while some of it is applied or paid back.
    """
    note = lock_credit_note(credit_note.pk)
    if note.status == CreditNoteStatus.VOIDED:
        return note
    _check_unused(note, "void")
    return workflow.void(note, by, status=CreditNoteStatus.VOIDED)


@transaction.atomic
def delete_credit_note(*, credit_note: CreditNote, by: User | None) -> None:
    """Delete a draft that was never issued, with its lines. Its history stays. Raises Locked."""
    note = lock_credit_note(credit_note.pk)
    workflow.check_never_issued(note)
    workflow.audit(note, "deleted", f"Deleted draft {note}", by)
    note.delete()


@transaction.atomic
def refresh_used(*, credit_note: CreditNote) -> CreditNote:
    """Bring `applied` and `refunded` in line with the allocations and refunds that stand. Not counted as a revision: no
    form edits them."""
    note = lock_credit_note(credit_note.pk)
    used = {
        "applied": _sum(Allocation.objects.filter(credit_note=note, removed_at=None)),
        "refunded": _sum(Refund.objects.filter(credit_note=note, reversed_at=None)),
    }
    if changed := differences(note, used):
        assign(note, changed)
        note.save(update_fields=[*changed, "updated_at"])
    return note


def _next_number(workspace: Workspace) -> str:
    return take_number(CreditNumberSequence, CreditNote, workspace)


def _redate(note: CreditNote, day: dt.date, by: User | None) -> CreditNote:
    return update_credit_note(credit_note=note, issue_date=day, by=by)


def _sum(rows: QuerySet[Allocation] | QuerySet[Refund]) -> Decimal:
    return rows.aggregate(sum=Sum("amount"))["sum"] or ZERO


def _check_unused(note: CreditNote, step: str) -> None:
    if origin() == "remote":
        return
    if note.applied:
        raise Locked(f"{note} is applied to invoices. Take it off them, then {step} it.")
    if note.refunded:
        raise Locked(f"{note} has refunds. Reverse them, then {step} it.")


def _check_within_invoice(note: CreditNote) -> None:
    """What is raised from an invoice never comes to more than the invoice. Its row is the lock: two notes at the same
    moment are counted one after the other."""
    if note.invoice_id is None or origin() == "remote":
        return
    invoice = lock_invoice(note.invoice_id)
    if (note.customer_id, note.currency) != (invoice.customer_id, invoice.currency):
        raise Refused(f"A credit note from {invoice} keeps its customer and its currency.", field="customer")
    others = invoice.credit_notes.exclude(status=CreditNoteStatus.VOIDED).exclude(pk=note.pk)
    left = invoice.total - (others.aggregate(sum=Sum("total"))["sum"] or ZERO)
    if note.total > left:
        raise Refused(f"Only {invoice.currency} {max(left, ZERO):,.2f} of {invoice} is left to credit.")


def _check_undiscounted(lines: Sequence[LineInput]) -> None:
    """Xero takes a discount on sales only (Xero docs: Invoices, "Line items")."""
    if origin() != "remote" and any(line.discount_percent or line.discount_amount for line in lines):
        raise Refused("A credit note has no discounts. Write the price that is left after it.")
