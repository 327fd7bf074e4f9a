"""Writes of allocations: the note's row is locked first, then the invoice's, then the allocation's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core.changes import origin
from core.money import ZERO, cents
from core.refusals import Refused
from credit.models import Allocation, CreditNote
from credit.queries import (
    live_allocations_on,
    lock_allocation,
    lock_credit_note,
    lock_with_its_notes,
    locked_credit_notes,
)
from credit.services.notes import refresh_used
from invoices.models import Invoice
from invoices.queries import lock_invoice, locked_invoices
from invoices.services import refresh_credited
from lines.plan import assign, differences
from lines.workflow import open_day
from workspaces.audit import actor, log_action
from workspaces.models import User
from workspaces.submissions import once


@transaction.atomic
def allocate(
    *, credit_note: CreditNote, invoice: Invoice, amount: Decimal, date: dt.date, by: User | None
) -> Allocation:
    """Apply credit of a note to an invoice of the same customer and currency. What is left of the one and due on the
    other follows. As Xero, what it counted on the invoice already is not counted again.

    Where its day can no longer be booked, it may take the first day that can.
    Raises Refused when either is not approved, they do not belong together, the amount is not positive, more than is
    left or more than is due, or the day can no longer be booked (`lines.signals`).
    """
    note, invoice = lock_credit_note(credit_note.pk), lock_invoice(invoice.pk)
    _check_amount(amount)
    if origin() != "remote":
        _check_fit(note, invoice)
        _check_room(note, invoice, cents(amount))
    return _record(note, invoice, "", amount, open_day(Allocation, date), by)


@transaction.atomic
def take_allocation_from_remote(
    *, credit_note: CreditNote, invoice: Invoice | None, elsewhere: str, amount: Decimal, date: dt.date
) -> Allocation:
    """Credit of a note that Xero applied. Where the invoice is not here, `elsewhere` is its number there."""
    note = lock_credit_note(credit_note.pk)
    invoice = lock_invoice(invoice.pk) if invoice else None
    _check_amount(amount)
    return _record(note, invoice, elsewhere, amount, date, None)


@transaction.atomic
def update_allocation_from_remote(
    *, allocation: Allocation, invoice: Invoice | None, elsewhere: str, amount: Decimal, date: dt.date
) -> Allocation:
    """Bring an allocation in line with Xero's. Nothing is written when nothing differs."""
    allocation = _locked(allocation, invoice)
    told, left, counted = _told(allocation), allocation.invoice, allocation.amount
    wanted = {
        "invoice": invoice,
        "elsewhere": "" if invoice else elsewhere,
        "amount": cents(amount),
        "date": date,
    }
    changed = differences(allocation, wanted)
    if not changed:
        return allocation
    _check_amount(amount)
    assign(allocation, changed)
    allocation.save(update_fields=[*changed, "updated_at"])
    if left and left != invoice:
        refresh_credited(invoice=left)
    counted = counted if left == invoice else ZERO
    allocation = _follow(allocation, from_elsewhere=max(allocation.amount - counted, ZERO))
    _audit(allocation, "changed", f"Changed credit: {told} became {_told(allocation)}", None)
    return allocation


@transaction.atomic
def remove_allocation(*, allocation: Allocation, by: User | None) -> Allocation:
    """Take credit off an invoice again. It stays in the list as taken off; doing it again changes nothing."""
    allocation = _locked(allocation)
    if allocation.is_removed:
        return allocation
    allocation.removed_at = timezone.now()
    allocation.save(update_fields=["removed_at", "updated_at"])
    allocation = _follow(allocation)
    _audit(allocation, "removed", f"Took off credit: {_told(allocation)}", by)
    return allocation


@transaction.atomic
def take_off_invoice(*, invoice: Invoice, expected: Collection[UUID], by: User | None) -> Invoice:
    """Take all credit of notes here off an invoice, all or nothing. `expected` are the allocations that whoever decided
    was shown. Raises Refused when others stand on it by now."""
    invoice = lock_with_its_notes(invoice)
    standing = list(live_allocations_on([invoice]))
    if {allocation.pk for allocation in standing} != set(expected):
        raise Refused(f"The credit on {invoice} changed meanwhile. Look at it again before you take it off.")
    for allocation in standing:
        remove_allocation(allocation=allocation, by=by)
    return lock_invoice(invoice.pk)


@transaction.atomic
@once
def apply_to_invoice(
    *, invoice: Invoice, amounts: Mapping[UUID, Decimal], date: dt.date, by: User | None
) -> Invoice:
    """Apply credit of several notes, by their ids, to one invoice: all or nothing. Raises what `allocate` does."""
    notes = list(locked_credit_notes().filter(pk__in=amounts))
    for note in sorted(notes, key=lambda note: (note.issue_date, note.pk)):
        allocate(credit_note=note, invoice=invoice, amount=amounts[note.pk], date=date, by=by)
    return lock_invoice(invoice.pk)


@transaction.atomic
@once
def apply_note(
    *, credit_note: CreditNote, amounts: Mapping[UUID, Decimal], date: dt.date, by: User | None
) -> CreditNote:
    """Apply credit of one note to several invoices, by their ids: all or nothing. Raises what `allocate` does."""
    note = lock_credit_note(credit_note.pk)
    invoices = list(locked_invoices().filter(pk__in=amounts).order_by("pk"))
    for invoice in sorted(invoices, key=lambda invoice: (invoice.due_date, invoice.pk)):
        allocate(credit_note=note, invoice=invoice, amount=amounts[invoice.pk], date=date, by=by)
    return lock_credit_note(note.pk)


def _record(
    note: CreditNote,
    invoice: Invoice | None,
    elsewhere: str,
    amount: Decimal,
    date: dt.date,
    by: User | None,
) -> Allocation:
    allocation = Allocation.objects.create(
        workspace_id=note.workspace_id,
        credit_note=note,
        invoice=invoice,
        elsewhere="" if invoice else elsewhere,
        amount=cents(amount),
        date=date,
        **actor(by),
    )
    counted = allocation.amount if origin() == "remote" else ZERO
    allocation = _follow(allocation, from_elsewhere=counted)
    _audit(allocation, "recorded", f"Applied {_told(allocation)}", by)
    return allocation


def _locked(allocation: Allocation, invoice: Invoice | None = None) -> Allocation:
    """The allocation as it is now, under the locks of its note and its invoice, and of another one if it is to be
    that one's. Whoever changes an allocation holds its note, so what it names stays what it is."""
    lock_credit_note(allocation.credit_note_id)
    named = Allocation.objects.values_list("invoice_id", flat=True).get(pk=allocation.pk)
    wanted = {pk for pk in (named, invoice and invoice.pk) if pk}
    list(locked_invoices().filter(pk__in=wanted).order_by("pk"))
    return lock_allocation(allocation.pk)


def _follow(allocation: Allocation, *, from_elsewhere: Decimal = ZERO) -> Allocation:
    """Bring the note and the invoice in line with it."""
    allocation.credit_note = refresh_used(credit_note=allocation.credit_note)
    if allocation.invoice:
        allocation.invoice = refresh_credited(invoice=allocation.invoice, from_elsewhere=from_elsewhere)
    return allocation


def _check_amount(amount: Decimal) -> None:
    if cents(amount) <= 0:
        raise Refused("Credit that is applied must be more than zero.", field="amount")


def _check_fit(note: CreditNote, invoice: Invoice) -> None:
    for document in (note, invoice):
        if not document.is_issued:
            status = document.get_status_display().lower()
            raise Refused(f"{document} is {status}. Credit can be applied once it is approved.")
    if note.customer_id != invoice.customer_id:
        raise Refused(f"{note} and {invoice} are not of the same customer.")
    if note.currency != invoice.currency:
        told = f"{note} is in {note.currency} and {invoice} in {invoice.currency}"
        raise Refused(f"{told}: credit is applied in its own currency only.")


def _check_room(note: CreditNote, invoice: Invoice, amount: Decimal) -> None:
    if amount > note.remaining:
        raise Refused(f"Only {note.currency} {note.remaining:,.2f} of {note} is left.", field="amount")
    if amount > invoice.amount_due:
        due = f"{invoice.currency} {max(invoice.amount_due, ZERO):,.2f}"
        raise Refused(f"Only {due} is due on {invoice}.", field="amount")


def _told(allocation: Allocation) -> str:
    """The amount, the note and the invoice: "NZD 30.00 of CN-0001 on INV-0001"."""
    note, named = allocation.credit_note, allocation.invoice or allocation.elsewhere
    return f"{note.currency} {allocation.amount:,.2f} of {note} on {named}"


def _audit(allocation: Allocation, action: str, summary: str, by: User | None) -> None:
    """Told on the note and on the invoice: people look for it on either page."""
    for document in (allocation.credit_note, allocation.invoice):
        if document:
            log_action(target=document, action=f"allocation.{action}", summary=summary, by=by)
