"""Writes of invoices. Every function locks the row, works on it as it is now, and returns that fresh row.

`by` is the person who acts, None when Xero does. Under `origin() == "remote"` what Xero says is taken: locks
and refusals that protect users from themselves do not apply.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core.changes import origin
from core.money import ZERO
from core.refusals import Refused
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice, NumberSequence
from invoices.queries import lock_invoice
from invoices.refusals import InvoiceLocked, WrongStatus
from lines.changes import check_revision, plan_change, save_header, save_new, told_total
from lines.enums import LineAmounts
from lines.numbering import checked_number, take_number
from lines.plan import assign
from lines.refusals import ApprovalRefused
from lines.signals import Objection, closed_on, objections_to
from lines.totals import LineInput, Sums
from workspaces.audit import log_action
from workspaces.models import User, Workspace
from workspaces.submissions import once

OPEN_WHEN_ISSUED = frozenset({"reference", "due_date", "notes"})


@transaction.atomic
@once
def create_invoice(
    *,
    workspace: Workspace,
    customer: Customer,
    lines: Sequence[LineInput],
    by: User | None,
    issue_date: dt.date,
    due_date: dt.date,
    currency: str = "",
    amounts: str = LineAmounts.EXCLUSIVE,
    number: str = "",
    reference: str = "",
    notes: str = "",
    approve: bool = False,
) -> Invoice:
    """A new draft, or with `approve` an issued invoice. Without a number it takes the next of the workspace's
    sequence; without a currency, the customer's.

    Raises NumberRefused, Refused for a line beyond Xero's limit, and what `approve_invoice` raises; then there
    is no invoice.
    """
    invoice = Invoice(
        workspace=workspace,
        customer=customer,
        number=checked_number(number, Invoice) if number else take_number(NumberSequence, Invoice, workspace),
        reference=reference,
        issue_date=issue_date,
        due_date=due_date,
        currency=currency or customer.currency,
        amounts=amounts,
        notes=notes,
    )
    save_new(invoice, lines)
    _audit(invoice, "created", f"Created {invoice} for {customer}, {told_total(invoice)}", by)
    return approve_invoice(invoice=invoice, by=by) if approve else invoice


@transaction.atomic
def update_invoice(
    *,
    invoice: Invoice,
    by: User | None,
    lines: Sequence[LineInput] | None = None,
    customer: Customer | None = None,
    number: str | None = None,
    reference: str | None = None,
    issue_date: dt.date | None = None,
    due_date: dt.date | None = None,
    currency: str | None = None,
    amounts: str | None = None,
    notes: str | None = None,
    sums: Sums | None = None,
    expected_revision: object = None,
    approve: bool = False,
) -> Invoice:
    """Change what is given and differs; None keeps. Lines keep their identity by `id`, others are replaced. Amounts are
    computed where what they follow from changes; `sums` are those of the other side of the books, taken as they are.

    A save without a difference writes nothing. An issued invoice opens only its reference, due date and notes.
    With `approve` it is approved as well; what stops that stops the change too.
    Raises Stale when `expected_revision` is not the row's, InvoiceLocked, NumberRefused, Refused.
    """
    invoice = lock_invoice(invoice.pk)
    check_revision(invoice, expected_revision)
    given = {
        "customer": customer,
        "number": None if number is None else checked_number(number, Invoice),
        "reference": reference,
        "issue_date": issue_date,
        "due_date": due_date,
        "currency": currency,
        "amounts": amounts,
        "notes": notes,
    }
    change = plan_change(invoice, given, lines, sums)
    _check_open(invoice, change.names)
    if change:
        change.save()
        _audit(invoice, "updated", change.told(), by)
    return approve_invoice(invoice=invoice, by=by) if approve else invoice


@transaction.atomic
def submit_invoice(*, invoice: Invoice, by: User | None) -> Invoice:
    """Ask for approval of a draft. Asking again changes nothing. Raises WrongStatus."""
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.AWAITING_APPROVAL:
        return invoice
    _require(invoice, "submitted for approval", InvoiceStatus.DRAFT)
    _check_has_lines(invoice)
    return _move(invoice, InvoiceStatus.AWAITING_APPROVAL, by, "submitted", "Submitted for approval")


@transaction.atomic
def approve_invoice(*, invoice: Invoice, by: User | None) -> Invoice:
    """Issue a draft: its lines are locked from now on. Approving again changes nothing. As Xero, one voided here may
    be let stand again, because there it never fell.

    Where others say that its day can no longer be booked, it may take the first day that can.
    Raises WrongStatus for a voided one, Refused for one without lines or with a total below zero,
    ApprovalRefused for what others object to (`lines.signals`).
    """
    invoice = lock_invoice(invoice.pk)
    if invoice.is_issued:
        return invoice
    voided = [InvoiceStatus.VOIDED] if origin() == "remote" else []
    _require(invoice, "approved", InvoiceStatus.DRAFT, InvoiceStatus.AWAITING_APPROVAL, *voided)
    _check_has_lines(invoice)
    _check_not_negative(invoice)
    invoice = _date_to_open_day(invoice, by)
    _check_objections(invoice)
    now, told = timezone.now(), f"Approved, {told_total(invoice)}"
    stamps = {"approved_at": now, "approved_by": by, "issued_at": invoice.issued_at or now, "voided_at": None}
    return _move(invoice, InvoiceStatus.APPROVED, by, "approved", told, **stamps)


@transaction.atomic
def mark_sent(*, invoice: Invoice, by: User | None) -> Invoice:
    """Remember that the customer has it. Marking again changes nothing. Raises WrongStatus unless approved."""
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.SENT:
        return invoice
    _require(invoice, "marked as sent", InvoiceStatus.APPROVED)
    return _move(invoice, InvoiceStatus.SENT, by, "sent", "Marked as sent", sent_at=timezone.now())


@transaction.atomic
def reopen_invoice(*, invoice: Invoice, by: User | None) -> Invoice:
    """Make it a draft again, so that it can be edited. Reopening a draft changes nothing. As Xero, one voided here may
    be let stand again, because there it never fell.

    Raises WrongStatus when it is voided, InvoiceLocked when something was paid or credited on it.
    """
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.DRAFT:
        return invoice
    refused = set() if origin() == "remote" else {InvoiceStatus.VOIDED}
    _require(invoice, "reopened", *(set(InvoiceStatus) - refused))
    _check_unsettled(invoice, "reopen")
    cleared = {"approved_at": None, "approved_by": None, "sent_at": None, "voided_at": None}
    return _move(invoice, InvoiceStatus.DRAFT, by, "reopened", "Reopened as a draft", **cleared)


@transaction.atomic
def void_invoice(*, invoice: Invoice, by: User | None) -> Invoice:
    """Cancel it for good; it stays, with its number. Voiding again changes nothing.

    Raises InvoiceLocked while payments or credit stand on it.
    """
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.VOIDED:
        return invoice
    _check_unsettled(invoice, "void")
    return _move(invoice, InvoiceStatus.VOIDED, by, "voided", "Voided", voided_at=timezone.now())


@transaction.atomic
def delete_invoice(*, invoice: Invoice, by: User | None) -> None:
    """Delete a draft that was never issued, with its lines. Its history stays. Raises InvoiceLocked."""
    invoice = lock_invoice(invoice.pk)
    if invoice.issued_at or not invoice.is_editable:
        raise InvoiceLocked(f"{invoice} was issued, so it cannot be deleted. Void it instead.")
    _audit(invoice, "deleted", f"Deleted draft {invoice}", by)
    invoice.delete()


@transaction.atomic
def refresh_amount_paid(*, invoice: Invoice) -> Invoice:
    """Bring `amount_paid` in line with the payments that stand. Not counted as a revision: no form edits it."""
    invoice = lock_invoice(invoice.pk)
    paid = invoice.payments.filter(reversed_at=None).aggregate(sum=Sum("amount"))["sum"] or ZERO
    if invoice.amount_paid != paid:
        invoice.amount_paid = paid
        invoice.save(update_fields=["amount_paid", "updated_at"])
    return invoice


@transaction.atomic
def take_credit(*, invoice: Invoice, amount: Decimal) -> Invoice:
    """Remember how much credit Xero has applied to it now, in its currency. Nobody here applies any, and no form
    edits it, so it is not counted as a revision."""
    invoice = lock_invoice(invoice.pk)
    if invoice.credited != amount:
        before = invoice.credited
        invoice.credited = amount
        invoice.save(update_fields=["credited", "updated_at"])
        _audit(invoice, "credited", f"Credit applied in Xero: {before:,.2f} became {amount:,.2f}", None)
    return invoice


def _move(
    invoice: Invoice, status: InvoiceStatus, by: User | None, action: str, told: str, **stamps: Any
) -> Invoice:
    values = {"status": status, **stamps}
    assign(invoice, values)
    save_header(invoice, values)
    _audit(invoice, action, told, by)
    return invoice


def _check_open(invoice: Invoice, changes: set[str]) -> None:
    if origin() == "remote" or invoice.is_editable or not changes:
        return
    if invoice.status == InvoiceStatus.VOIDED:
        raise InvoiceLocked(f"{invoice} is voided and can no longer change.")
    if not changes <= OPEN_WHEN_ISSUED:
        raise InvoiceLocked(
            f"{invoice} is approved: only its reference, due date and notes can change. "
            "Reopen it to change the rest."
        )


def _check_unsettled(invoice: Invoice, step: str) -> None:
    if origin() == "remote":
        return
    if invoice.amount_paid:
        raise InvoiceLocked(f"{invoice} has payments. Reverse them, then {step} it.")
    if invoice.credited:
        raise InvoiceLocked(f"Credit was applied to {invoice} in Xero. Remove it there, then {step} it.")


def _check_has_lines(invoice: Invoice) -> None:
    if origin() != "remote" and not invoice.lines.exists():
        raise Refused(f"{invoice} has no lines yet. Add one first.")


def _check_not_negative(invoice: Invoice) -> None:
    if origin() != "remote" and invoice.total < 0:
        raise Refused(f"{invoice} comes to less than zero, so it cannot be approved.")


def _date_to_open_day(invoice: Invoice, by: User | None) -> Invoice:
    """The invoice under the first open day, where its own is closed and others have it moved."""
    closed = closed_on(Invoice, invoice.issue_date)
    if closed is None or not closed.moves:
        return invoice
    _audit(invoice, "dated", f"Dated anew: {closed.message}", by)
    due = max(invoice.due_date, closed.first_open)
    return update_invoice(invoice=invoice, issue_date=closed.first_open, due_date=due, by=by)


def _check_objections(invoice: Invoice) -> None:
    found = objections_to(invoice)
    if closed := closed_on(Invoice, invoice.issue_date):
        found = [Objection(closed.message, "issue_date", cure=closed.cure), *found]
    if found:
        raise ApprovalRefused(found)


def _require(invoice: Invoice, step: str, *statuses: InvoiceStatus) -> None:
    if invoice.status not in statuses:
        raise WrongStatus(f"{invoice} is {invoice.get_status_display().lower()}, so it cannot be {step}.")


def _audit(invoice: Invoice, action: str, summary: str, by: User | None) -> None:
    log_action(target=invoice, action=f"invoice.{action}", summary=summary, by=by)
