"""Writes of invoices. Every function locks the row, works on it as it is now, and returns that fresh row.

`by` is the person who acts, None when Xero does. Under `origin() == "remote"` what Xero says is taken: locks
and refusals that protect users from themselves do not apply.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from core.changes import origin
from core.money import ZERO
from customers.models import Customer
from invoices.enums import InvoiceStatus, LineAmounts
from invoices.models import Invoice, NumberSequence, number_problem
from invoices.plan import LinePlan, assign, differences, keep_amounts, plan_lines
from invoices.queries import id_of_number, lines_of, lock_invoice, next_number
from invoices.refusals import (
    ApprovalRefused,
    InvoiceLocked,
    InvoiceRefused,
    NumberRefused,
    StaleInvoice,
    WrongStatus,
)
from invoices.signals import objections_to
from invoices.totals import LineInput, Sums
from workspaces.audit import log_action, say_changes
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

    Raises NumberRefused, InvoiceRefused for a line beyond Xero's limit, and what `approve_invoice` raises; then there
    is no invoice.
    """
    invoice = Invoice(
        workspace=workspace,
        customer=customer,
        number=_checked_number(number) if number else _take_number(workspace),
        reference=reference,
        issue_date=issue_date,
        due_date=due_date,
        currency=currency or customer.currency,
        amounts=amounts,
        notes=notes,
    )
    plan = plan_lines(invoice, lines, [])
    assign(invoice, _totals_of(plan))
    with _number_free(invoice):
        invoice.save(force_insert=True)
    plan.save()
    _audit(invoice, "created", f"Created {invoice} for {customer}, {_money(invoice)}", by)
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
    Raises StaleInvoice when `expected_revision` is not the row's, InvoiceLocked, NumberRefused, InvoiceRefused.
    """
    invoice = lock_invoice(invoice.pk)
    _check_revision(invoice, expected_revision)
    given = {
        "customer": customer,
        "number": None if number is None else _checked_number(number),
        "reference": reference,
        "issue_date": issue_date,
        "due_date": due_date,
        "currency": currency,
        "amounts": amounts,
        "notes": notes,
    }
    changed = differences(invoice, {name: value for name, value in given.items() if value is not None})
    before, total = {name: getattr(invoice, name) for name in changed}, _money(invoice)
    assign(invoice, changed)
    existing = list(lines_of(invoice))
    wanted = [line.as_input() for line in existing] if lines is None else lines
    plan = plan_lines(invoice, wanted if "amounts" in changed else keep_amounts(wanted, existing), existing)
    moved = differences(invoice, asdict(sums) if sums else _totals_after(plan, changed))
    _check_open(invoice, {*changed, *(["lines"] if plan.has_changes else [])})
    if changed or plan.has_changes or moved:
        plan.save()
        assign(invoice, moved)
        _save_header(invoice, [*changed, *moved])
        _audit(invoice, "updated", _told(invoice, before, plan, total), by)
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

    Raises WrongStatus for a voided one, InvoiceRefused for one without lines or with a total below zero,
    ApprovalRefused for what others object to (`invoices.signals`).
    """
    invoice = lock_invoice(invoice.pk)
    if invoice.is_issued:
        return invoice
    voided = [InvoiceStatus.VOIDED] if origin() == "remote" else []
    _require(invoice, "approved", InvoiceStatus.DRAFT, InvoiceStatus.AWAITING_APPROVAL, *voided)
    _check_has_lines(invoice)
    _check_not_negative(invoice)
    _check_objections(invoice)
    now, told = timezone.now(), f"Approved, {_money(invoice)}"
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
    """Make it a draft again, so that it can be edited. Reopening a draft changes nothing.

    Raises WrongStatus when it is voided, InvoiceLocked when something was paid or credited on it.
    """
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.DRAFT:
        return invoice
    _require(invoice, "reopened", *(set(InvoiceStatus) - {InvoiceStatus.VOIDED}))
    _check_unsettled(invoice, "reopen")
    cleared = {"approved_at": None, "approved_by": None, "sent_at": None}
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


def _checked_number(number: str) -> str:
    if problem := number_problem(number.strip()):
        raise NumberRefused(problem, field="number")
    return number.strip()


def _take_number(workspace: Workspace) -> str:
    """The next free number. The sequence's row stays locked until the commit, so no two callers get the same;
    a number that is deleted later leaves a gap."""
    sequence, _ = NumberSequence.objects.select_for_update(of=("self",)).get_or_create(workspace=workspace)
    number = next_number(sequence)
    sequence.next_number = number + 1
    sequence.save(update_fields=["next_number", "updated_at"])
    return sequence.text(number)


def _totals_after(plan: LinePlan, changed: Iterable[str]) -> dict[str, Decimal]:
    """The totals, where they follow anew from the lines; a change of words leaves them as they are."""
    return _totals_of(plan) if plan.moves_amounts or "amounts" in changed else {}


def _totals_of(plan: LinePlan) -> dict[str, Decimal]:
    return {"net": plan.totals.net, "tax": plan.totals.tax, "total": plan.totals.total}


def _save_header(invoice: Invoice, names: Iterable[str]) -> None:
    invoice.revision += 1
    with _number_free(invoice):
        invoice.save(update_fields=[*names, "revision", "updated_at"])


@contextmanager
def _number_free(invoice: Invoice) -> Iterator[None]:
    """The constraint decides, not a look beforehand: two people may pick the same number at the same moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "invoice_number_unique" not in str(error):
            raise
        told = f"{invoice.number} is taken by another invoice."
        raise NumberRefused(told, field="number", in_the_way=id_of_number(invoice.number)) from error


def _move(
    invoice: Invoice, status: InvoiceStatus, by: User | None, action: str, told: str, **stamps: Any
) -> Invoice:
    values = {"status": status, **stamps}
    assign(invoice, values)
    _save_header(invoice, values)
    _audit(invoice, action, told, by)
    return invoice


def _check_revision(invoice: Invoice, expected: object) -> None:
    if expected is not None and str(expected) != str(invoice.revision):
        raise StaleInvoice(f"{invoice} was changed while you were editing it.")


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
        raise InvoiceRefused(f"{invoice} has no lines yet. Add one first.")


def _check_not_negative(invoice: Invoice) -> None:
    if origin() != "remote" and invoice.total < 0:
        raise InvoiceRefused(f"{invoice} comes to less than zero, so it cannot be approved.")


def _check_objections(invoice: Invoice) -> None:
    if found := objections_to(invoice):
        raise ApprovalRefused(found)


def _require(invoice: Invoice, step: str, *statuses: InvoiceStatus) -> None:
    if invoice.status not in statuses:
        raise WrongStatus(f"{invoice} is {invoice.get_status_display().lower()}, so it cannot be {step}.")


def _money(invoice: Invoice) -> str:
    return f"{invoice.currency} {invoice.total:,.2f}"


def _told(invoice: Invoice, before: dict[str, Any], plan: LinePlan, total: str) -> str:
    words = [say_changes(invoice, before)] if before else []
    words += ["lines"] if plan.has_changes else []
    after = _money(invoice)
    return f"Changed {', '.join(words)}" + (f": {total} became {after}" if after != total else "")


def _audit(invoice: Invoice, action: str, summary: str, by: User | None) -> None:
    log_action(target=invoice, action=f"invoice.{action}", summary=summary, by=by)
