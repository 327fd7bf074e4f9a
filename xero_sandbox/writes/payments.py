"""Recording a payment and taking it back (Xero docs, "Payments"). There is no such thing as editing one."""

from __future__ import annotations

import uuid
from dataclasses import replace

from xero_sandbox.books import Books
from xero_sandbox.credit_documents import CreditDocument
from xero_sandbox.documents import ZERO, Account, Invoice, Payment
from xero_sandbox.errors import NotFound, Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import locks, messages, money
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.payment_targets import Target, find_target
from xero_sandbox.writes.settling import move_paid


def write_payment(sent: Fields, writing: Writing) -> tuple[Payment, list[str]]:
    """Create a payment; with an id in the path, delete that one."""
    writing.check_veto("PAYMENT", sent)
    if writing.target_id:
        return delete_payment(writing.books, writing.target_id, sent), []
    if sent.has("PaymentID"):
        raise Rejected(messages.PAYMENT_FIXED)
    target = find_target(sent, writing.books)
    account = _account(sent, writing.books)
    payment = _read(sent, target, account, writing)
    errors = _errors(payment, target, account, writing.books)
    if errors:
        raise Rejected(*errors)
    payment = writing.books.put(payment)
    move_paid(writing.books, target, payment.amount, payment.date)
    return payment, []


def delete_payment(books: Books, payment_id: str, sent: Fields) -> Payment:
    """Reverse a payment; what it paid, or paid out, goes back to AUTHORISED."""
    payment = books.payments.get(payment_id.lower())
    if payment is None:
        raise NotFound()
    if sent.text("Status") != "DELETED":
        raise Rejected(messages.PAYMENT_FIXED)
    if payment.status == "DELETED":
        raise Rejected(messages.PAYMENT_DELETED)
    if payment.is_reconciled:
        raise Rejected(messages.RECONCILED)
    errors = locks.edit_errors(books.organisation, payment.date)
    if errors:
        raise Rejected(*errors)
    payment = books.put(replace(payment, status="DELETED"))
    target = books.invoices.get(payment.invoice_id) or books.credit(payment.credit_id)
    if target is not None:
        move_paid(books, target, -payment.amount, None)
    return payment


def _account(sent: Fields, books: Books) -> Account:
    given = sent.child("Account") or Fields({})
    code = given.text("Code") or sent.text("Code")
    account = books.accounts.get((given.text("AccountID") or "").lower())
    account = account or next(iter(books.accounts.find("code", code)), None)
    if account is None:
        raise Rejected(messages.PAYMENT_ACCOUNT_UNKNOWN)
    return account


def _read(sent: Fields, target: Target, account: Account, writing: Writing) -> Payment:
    amount = money.cents(sent.number("Amount") or ZERO)
    rate = sent.number("CurrencyRate") or target.currency_rate
    in_document_currency = account.currency_code == target.currency_code
    bank_amount = sent.number("BankAmount") or (amount if in_document_currency else amount / rate)
    return Payment(
        id=str(uuid.uuid4()),
        invoice_id=target.id if isinstance(target, Invoice) else "",
        credit_id=target.id if isinstance(target, CreditDocument) else "",
        account_id=account.id,
        date=sent.day("Date") or writing.today,
        amount=amount,
        reference=sent.text("Reference") or "",
        currency_rate=rate,
        bank_amount=money.cents(bank_amount),
        is_reconciled=bool(sent.flag("IsReconciled")),
    )


def _errors(payment: Payment, target: Target, account: Account, books: Books) -> list[str]:
    errors = _account_errors(account, target, books)
    if payment.amount <= ZERO:
        errors.append(messages.PAYMENT_NOT_POSITIVE)
    if target.status != "AUTHORISED":
        errors.append(messages.PAYMENT_NOT_AUTHORISED)
    elif payment.amount > target.open_amount:
        errors.append(messages.PAYMENT_TOO_LARGE)
    if len(payment.reference) > 255:
        errors.append(messages.too_long("Reference", 255))
    return errors + locks.new_date_errors(books.organisation, payment.date)


def _account_errors(account: Account, target: Target, books: Books) -> list[str]:
    if not account.takes_payments:
        return [messages.PAYMENT_ACCOUNT_WRONG]
    if account.status != "ACTIVE":
        return [messages.PAYMENT_ACCOUNT_ARCHIVED]
    fitting = (None, target.currency_code, books.organisation.base_currency)
    return [] if account.currency_code in fitting else [messages.PAYMENT_CURRENCY]
