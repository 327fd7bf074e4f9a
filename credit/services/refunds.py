"""Writes of refunds: the note's row is locked first, then the refund's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.changes import origin
from core.money import cents
from core.refusals import Refused
from credit.models import CreditNote, Refund
from credit.queries import lock_credit_note, lock_refund
from credit.services.notes import refresh_used
from lines.plan import assign, differences
from lines.workflow import open_day
from workspaces.audit import actor, log_action
from workspaces.models import User
from workspaces.submissions import once


@transaction.atomic
@once
def refund(
    *, credit_note: CreditNote, amount: Decimal, date: dt.date, reference: str = "", by: User | None
) -> Refund:
    """Credit of a note that was paid back, in its currency. What is left of the note follows.

    Where its day can no longer be booked, it may take the first day that can.
    Raises Refused when the note is not approved, the amount is not positive or more than is left, or the day can no
    longer be booked (`lines.signals`).
    """
    note = lock_credit_note(credit_note.pk)
    _check_amount(amount)
    _check_refundable(note, cents(amount))
    paid = Refund.objects.create(
        workspace_id=note.workspace_id,
        credit_note=note,
        amount=cents(amount),
        date=open_day(Refund, date),
        reference=reference,
        **actor(by),
    )
    paid.credit_note = refresh_used(credit_note=note)
    _audit(paid, "recorded", f"Recorded a refund of {_money(paid)}", by)
    return paid


@transaction.atomic
def update_refund_from_remote(*, refund: Refund, amount: Decimal, date: dt.date, reference: str) -> Refund:
    """Bring a refund in line with Xero's. Nothing is written when nothing differs."""
    refund = _locked(refund)
    changed = differences(refund, {"amount": cents(amount), "date": date, "reference": reference})
    if not changed:
        return refund
    _check_amount(amount)
    before = f"{_money(refund)}, {refund.date:%-d %b %Y}"
    assign(refund, changed)
    refund.save(update_fields=[*changed, "updated_at"])
    refund.credit_note = refresh_used(credit_note=refund.credit_note)
    after = f"{_money(refund)}, {refund.date:%-d %b %Y}"
    _audit(refund, "changed", f"Changed the refund of {before} to {after}", None)
    return refund


@transaction.atomic
def reverse_refund(*, refund: Refund, by: User | None) -> Refund:
    """Take a refund back. It stays in the list as reversed; reversing it again changes nothing."""
    refund = _locked(refund)
    if refund.is_reversed:
        return refund
    refund.reversed_at = timezone.now()
    refund.save(update_fields=["reversed_at", "updated_at"])
    refund.credit_note = refresh_used(credit_note=refund.credit_note)
    _audit(refund, "reversed", f"Reversed the refund of {_money(refund)}, {refund.date:%-d %b %Y}", by)
    return refund


def _locked(refund: Refund) -> Refund:
    lock_credit_note(refund.credit_note_id)
    return lock_refund(refund.pk)


def _check_amount(amount: Decimal) -> None:
    if cents(amount) <= 0:
        raise Refused("A refund must be more than zero.", field="amount")


def _check_refundable(note: CreditNote, amount: Decimal) -> None:
    if origin() == "remote":
        return
    if not note.is_issued:
        status = note.get_status_display().lower()
        raise Refused(f"{note} is {status}. A refund can be recorded once it is approved.")
    if amount > note.remaining:
        raise Refused(f"Only {note.currency} {note.remaining:,.2f} of {note} is left.", field="amount")


def _money(refund: Refund) -> str:
    told = f"{refund.credit_note.currency} {refund.amount:,.2f}"
    return f"{told} ({refund.reference})" if refund.reference else told


def _audit(refund: Refund, action: str, summary: str, by: User | None) -> None:
    """Told on the note: that is the page where people look for what became of a refund."""
    log_action(target=refund.credit_note, action=f"refund.{action}", summary=summary, by=by)
