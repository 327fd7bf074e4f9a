"""Recording a payment and taking it back (Xero docs, "Payments"). There is no such thing as editing one."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal

from xero_sandbox.books import Books, name_key
from xero_sandbox.documents import ZERO, Account, Invoice, Payment
from xero_sandbox.errors import NotFound, Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import locks, messages, money, transitions
from xero_sandbox.writes.context import Writing


def write_payment(sent: Fields, writing: Writing) -> tuple[Payment, list[str]]:
    """Create a payment; with an id in the path, delete that one."""
    writing.check_veto("PAYMENT", sent)
    if writing.target_id:
        return delete_payment(writing.books, writing.target_id, sent), []
    if sent.has("PaymentID"):
        raise Rejected(messages.PAYMENT_FIXED)
    invoice = _target(sent, writing.books)
    account = _account(sent, writing.books)
    payment = _read(sent, invoice, account, writing)
    errors = _errors(payment, invoice, account, writing.books)
    if errors:
        raise Rejected(*errors)
    payment = writing.books.put(payment)
    _apply(writing.books, invoice, payment.amount, payment.date)
    return payment, []


def delete_payment(books: Books, payment_id: str, sent: Fields) -> Payment:
    """Reverse a payment; its document goes back to AUTHORISED."""
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
    invoice = books.invoices.get(payment.invoice_id)
    if invoice is not None:
        _apply(books, invoice, -payment.amount, None)
    return payment


def _apply(books: Books, invoice: Invoice, amount: Decimal, paid_on: date | None) -> None:
    """Move the document's paid amount; its own stamp moves with it."""
    paid = invoice.amount_paid + amount
    invoice = replace(invoice, amount_paid=paid)
    status = transitions.settled_status(invoice)
    books.put(replace(invoice, status=status, fully_paid_on=paid_on if status == "PAID" else None))


def _target(sent: Fields, books: Books) -> Invoice:
    """The document by id or number. Credit notes and prepayments are not in this sandbox, so their ids are unknown."""
    given = sent.child("Invoice") or Fields({})
    identity = given.text("InvoiceID")
    number = given.text("InvoiceNumber") or sent.text("InvoiceNumber")
    if identity:
        found = books.invoices.get(identity.lower())
    else:
        found = next(iter(books.invoices.find("live_number", name_key(number))), None) if number else None
    if found is None:
        raise Rejected(messages.DOCUMENT_NOT_FOUND)
    return found


def _account(sent: Fields, books: Books) -> Account:
    given = sent.child("Account") or Fields({})
    code = given.text("Code") or sent.text("Code")
    account = books.accounts.get((given.text("AccountID") or "").lower())
    account = account or next(iter(books.accounts.find("code", code)), None)
    if account is None:
        raise Rejected(messages.PAYMENT_ACCOUNT_UNKNOWN)
    return account


def _read(sent: Fields, invoice: Invoice, account: Account, writing: Writing) -> Payment:
    amount = money.cents(sent.number("Amount") or ZERO)
    rate = sent.number("CurrencyRate") or invoice.currency_rate
    in_document_currency = account.currency_code == invoice.currency_code
    bank_amount = sent.number("BankAmount") or (amount if in_document_currency else amount / rate)
    return Payment(
        id=str(uuid.uuid4()),
        invoice_id=invoice.id,
        account_id=account.id,
        date=sent.day("Date") or writing.today,
        amount=amount,
        reference=sent.text("Reference") or "",
        currency_rate=rate,
        bank_amount=money.cents(bank_amount),
        is_reconciled=bool(sent.flag("IsReconciled")),
    )


def _errors(payment: Payment, invoice: Invoice, account: Account, books: Books) -> list[str]:
    errors = _account_errors(account, invoice, books)
    if payment.amount <= ZERO:
        errors.append(messages.PAYMENT_NOT_POSITIVE)
    if invoice.status != "AUTHORISED":
        errors.append(messages.PAYMENT_NOT_AUTHORISED)
    elif payment.amount > invoice.amount_due:
        errors.append(messages.PAYMENT_TOO_LARGE)
    if len(payment.reference) > 255:
        errors.append(messages.too_long("Reference", 255))
    return errors + locks.new_date_errors(books.organisation, payment.date)


def _account_errors(account: Account, invoice: Invoice, books: Books) -> list[str]:
    if not account.takes_payments:
        return [messages.PAYMENT_ACCOUNT_WRONG]
    if account.status != "ACTIVE":
        return [messages.PAYMENT_ACCOUNT_ARCHIVED]
    fitting = (None, invoice.currency_code, books.organisation.base_currency)
    return [] if account.currency_code in fitting else [messages.PAYMENT_CURRENCY]
