"""Writes of payments. The invoice's row is locked first, then the payment's, always in this order.

`by` is the person who acts, None when Xero does. Under `origin() == "remote"` an amount above what is due is taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core.changes import origin
from core.money import cents
from core.refusals import Refused
from credit.queries import lock_with_its_notes
from credit.services.allocations import take_off_invoice
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.queries import lock_invoice
from invoices.services import refresh_amount_paid, void_invoice
from lines.workflow import open_day
from payments.models import Payment
from payments.queries import live_payments_of, lock_payment
from payments.signals import bank_for
from workspaces.audit import actor, log_action
from workspaces.models import User
from workspaces.submissions import once


@transaction.atomic
@once
def record_payment(
    *,
    invoice: Invoice,
    amount: Decimal,
    date: dt.date,
    reference: str = "",
    bank_amount: Decimal | None = None,
    rate: Decimal | None = None,
    by: User | None,
) -> Payment:
    """Money received for an issued invoice, in its currency. `invoice.amount_paid` follows.

    `bank_amount` is what came into the bank account, where that has another currency (`payments.signals`); None where
    nobody knows yet. `rate` is units of the invoice's currency for one of the organisation's, as the books tell it.
    Where its day can no longer be booked, it may take the first day that can.
    Raises Refused when the invoice is not issued, the amount is not positive or more than is due, the day can no
    longer be booked (`lines.signals`), or no account of another currency is known for the bank's amount.
    """
    invoice = lock_invoice(invoice.pk)
    _check_amount(amount)
    _check_payable(invoice, amount)
    date = open_day(Payment, date)
    payment = Payment.objects.create(
        workspace_id=invoice.workspace_id,
        invoice=invoice,
        amount=cents(amount),
        date=date,
        reference=reference,
        rate=rate,
        **_in_bank(invoice, bank_amount),
        **actor(by),
    )
    payment.invoice = refresh_amount_paid(invoice=invoice)
    _audit(payment, "recorded", f"Recorded a payment of {_money(payment)}", by)
    return payment


@transaction.atomic
def update_payment_from_remote(
    *, payment: Payment, amount: Decimal, date: dt.date, reference: str, rate: Decimal | None = None
) -> Payment:
    """Bring a payment in line with Xero's. Nothing is written when nothing differs. The rate is a fact of the books,
    and no change that anybody made."""
    payment = _locked(payment)
    if payment.rate != rate:
        payment.rate = rate
        payment.save(update_fields=["rate", "updated_at"])
    wanted = {"amount": cents(amount), "date": date, "reference": reference}
    changed = {name: value for name, value in wanted.items() if getattr(payment, name) != value}
    if not changed:
        return payment
    _check_amount(amount)
    before = f"{_money(payment)}, {payment.date:%-d %b %Y}"
    for name, value in changed.items():
        setattr(payment, name, value)
    payment.save(update_fields=[*changed, "updated_at"])
    payment.invoice = refresh_amount_paid(invoice=payment.invoice)
    after = f"{_money(payment)}, {payment.date:%-d %b %Y}"
    _audit(payment, "changed", f"Changed the payment of {before} to {after}", None)
    return payment


@transaction.atomic
def reverse_payment(*, payment: Payment, by: User | None) -> Payment:
    """Take a payment back. It stays in the list as reversed; reversing it again changes nothing."""
    payment = _locked(payment)
    if payment.is_reversed:
        return payment
    payment.reversed_at = timezone.now()
    payment.save(update_fields=["reversed_at", "updated_at"])
    payment.invoice = refresh_amount_paid(invoice=payment.invoice)
    _audit(payment, "reversed", f"Reversed the payment of {_money(payment)}, {payment.date:%-d %b %Y}", by)
    return payment


@transaction.atomic
def reverse_and_void(
    *, invoice: Invoice, expected: Collection[UUID], credit: Collection[UUID] = (), by: User | None
) -> Invoice:
    """Take every payment of an invoice back, and the credit of notes here off it, and cancel it for good: all or
    nothing. Doing it again changes nothing.

    `expected` are the payments and `credit` the allocations that whoever decided was shown. Raises Refused when others
    stand on it by now, and Locked while credit does that is not here.
    """
    invoice = lock_with_its_notes(invoice)
    if invoice.status == InvoiceStatus.VOIDED:
        return invoice
    standing = list(live_payments_of(invoice))
    if {payment.pk for payment in standing} != set(expected):
        raise Refused(f"The payments of {invoice} changed meanwhile. Look at them again before you void it.")
    take_off_invoice(invoice=invoice, expected=credit, by=by)
    for payment in standing:
        reverse_payment(payment=payment, by=by)
    return void_invoice(invoice=invoice, by=by)


def _locked(payment: Payment) -> Payment:
    lock_invoice(payment.invoice_id)
    return lock_payment(payment.pk)


def _check_amount(amount: Decimal) -> None:
    if cents(amount) <= 0:
        raise Refused("A payment must be more than zero.", field="amount")


def _check_payable(invoice: Invoice, amount: Decimal) -> None:
    if not invoice.is_issued:
        status = invoice.get_status_display().lower()
        told = f"The payment of {invoice.currency} {amount:,.2f} can be recorded once it is approved."
        raise Refused(f"{invoice} is {status}. {told}")
    if cents(amount) > invoice.amount_due and origin() != "remote":
        due = f"{invoice.currency} {invoice.amount_due:,.2f}"
        raise Refused(f"Only {due} is due on {invoice}.", field="amount")


def _in_bank(invoice: Invoice, bank_amount: Decimal | None) -> dict[str, Any]:
    if bank_amount is None:
        return {}
    bank = bank_for(invoice.currency)
    if bank is None or bank.currency in ("", invoice.currency):
        raise Refused(
            "The bank account takes this currency as it is, so leave this empty.", field="bank_amount"
        )
    if cents(bank_amount) <= 0:
        raise Refused("What came into the bank must be more than zero.", field="bank_amount")
    return {"bank_amount": cents(bank_amount), "bank_currency": bank.currency}


def _money(payment: Payment) -> str:
    told = f"{payment.invoice.currency} {payment.amount:,.2f}"
    return f"{told} ({payment.reference})" if payment.reference else told


def _audit(payment: Payment, action: str, summary: str, by: User | None) -> None:
    """Told on the invoice: that is the page where people look for what became of a payment."""
    log_action(target=payment.invoice, action=f"payment.{action}", summary=summary, by=by)
