"""Writes of invoices. Every function locks the row, works on it as it is now, and returns that fresh row.

`by` is the person who acts, None when Xero does. Under `origin() == "remote"` what Xero says is taken: locks
and refusals that protect users from themselves do not apply.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core.changes import origin
from core.money import ZERO
from customers.models import Customer
from invoices.enums import EDITABLE, InvoiceStatus
from invoices.models import Invoice, NumberSequence
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

LEFT_OPEN = ("reference", "due_date", "notes")


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
    workflow.audit(invoice, "created", f"Created {invoice} for {customer}, {told_total(invoice)}", by)
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
    Raises Stale when `expected_revision` is not the row's, Locked, NumberRefused, Refused.
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
    workflow.check_open(invoice, change.names, LEFT_OPEN)
    if change:
        change.save()
        workflow.audit(invoice, "updated", change.told(), by)
    return approve_invoice(invoice=invoice, by=by) if approve else invoice


@transaction.atomic
def submit_invoice(*, invoice: Invoice, by: User | None) -> Invoice:
    """Ask for approval of a draft. Asking again changes nothing. Raises WrongStatus."""
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.AWAITING_APPROVAL:
        return invoice
    workflow.require_status(invoice, "submitted for approval", InvoiceStatus.DRAFT)
    workflow.check_has_lines(invoice)
    return workflow.move(invoice, InvoiceStatus.AWAITING_APPROVAL, by, "submitted", "Submitted for approval")


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
    workflow.require_status(invoice, "approved", *EDITABLE, *workflow.unless_remote(InvoiceStatus.VOIDED))
    return workflow.approve(invoice, by, status=InvoiceStatus.APPROVED, redate=partial(_redate, by=by))


@transaction.atomic
def mark_sent(*, invoice: Invoice, by: User | None) -> Invoice:
    """Remember that the customer has it. Marking again changes nothing. Raises WrongStatus unless approved."""
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.SENT:
        return invoice
    workflow.require_status(invoice, "marked as sent", InvoiceStatus.APPROVED)
    return workflow.move(invoice, InvoiceStatus.SENT, by, "sent", "Marked as sent", sent_at=timezone.now())


@transaction.atomic
def reopen_invoice(*, invoice: Invoice, by: User | None) -> Invoice:
    """Make it a draft again, so that it can be edited. Reopening a draft changes nothing. As Xero, one voided here may
    be let stand again, because there it never fell.

    Raises WrongStatus when it is voided, Locked when something was paid or credited on it.
    """
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.DRAFT:
        return invoice
    refused = {InvoiceStatus.VOIDED} - set(workflow.unless_remote(InvoiceStatus.VOIDED))
    workflow.require_status(invoice, "reopened", *(set(InvoiceStatus) - refused))
    _check_unsettled(invoice, "reopen")
    return workflow.reopen(invoice, by, status=InvoiceStatus.DRAFT, sent_at=None)


@transaction.atomic
def void_invoice(*, invoice: Invoice, by: User | None) -> Invoice:
    """Cancel it for good; it stays, with its number. Voiding again changes nothing.

    Raises Locked while payments or credit stand on it.
    """
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.VOIDED:
        return invoice
    _check_unsettled(invoice, "void")
    return workflow.void(invoice, by, status=InvoiceStatus.VOIDED)


@transaction.atomic
def delete_invoice(*, invoice: Invoice, by: User | None) -> None:
    """Delete a draft that was never issued, with its lines. Its history stays. Raises Locked."""
    invoice = lock_invoice(invoice.pk)
    workflow.check_never_issued(invoice)
    workflow.audit(invoice, "deleted", f"Deleted draft {invoice}", by)
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
def refresh_credited(*, invoice: Invoice, from_elsewhere: Decimal = ZERO) -> Invoice:
    """Bring `credited` in line with the credit that is applied here and what Xero told of beside it. `from_elsewhere`
    is what of the latter turned out to be applied here. Not counted as a revision: no form edits it."""
    invoice = lock_invoice(invoice.pk)
    return _keep_credit(invoice, max(invoice.credited_elsewhere - from_elsewhere, ZERO))


@transaction.atomic
def take_credit(*, invoice: Invoice, amount: Decimal) -> Invoice:
    """Remember how much credit Xero has applied to it now from documents that are not here, in its currency. No form
    edits it, so it is not counted as a revision."""
    invoice = lock_invoice(invoice.pk)
    if (before := invoice.credited_elsewhere) != amount:
        invoice = _keep_credit(invoice, amount)
        workflow.audit(
            invoice, "credited", f"Credit applied in Xero: {before:,.2f} became {amount:,.2f}", None
        )
    return invoice


def _keep_credit(invoice: Invoice, elsewhere: Decimal) -> Invoice:
    here = invoice.allocations.filter(removed_at=None).aggregate(sum=Sum("amount"))["sum"] or ZERO
    values = differences(invoice, {"credited_elsewhere": elsewhere, "credited": elsewhere + here})
    if values:
        assign(invoice, values)
        invoice.save(update_fields=[*values, "updated_at"])
    return invoice


def _redate(invoice: Invoice, day: dt.date, by: User | None) -> Invoice:
    return update_invoice(invoice=invoice, issue_date=day, due_date=max(invoice.due_date, day), by=by)


def _check_unsettled(invoice: Invoice, step: str) -> None:
    if origin() == "remote":
        return
    if invoice.amount_paid:
        raise Locked(f"{invoice} has payments. Reverse them, then {step} it.")
    if invoice.credited > invoice.credited_elsewhere:
        raise Locked(f"Credit is applied to {invoice}. Take it off, then {step} it.")
    if invoice.credited:
        raise Locked(f"Credit was applied to {invoice} in Xero. Remove it there, then {step} it.")
