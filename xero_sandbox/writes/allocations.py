"""Applying credit to invoices and taking it back (Xero docs, "Credit notes: allocations", "Overpayments")."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from xero_sandbox.books import Books
from xero_sandbox.credit_documents import Allocation, CreditDocument, CreditNote
from xero_sandbox.documents import ZERO, Credit, Invoice
from xero_sandbox.errors import NotFound, Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import locks, messages, money
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.settling import put_settled

FindCredit = Callable[[Books, str], CreditDocument]


@dataclass(frozen=True, slots=True)
class Allocated:
    """One allocation and the credit it was made of."""

    credit: CreditDocument
    allocation: Allocation


def allocate(find: FindCredit, sent: Fields, writing: Writing) -> tuple[Allocated, list[str]]:
    """Apply some of the credit named in the path to one invoice."""
    writing.check_veto("ALLOCATION", sent)
    credit = find(writing.books, writing.target_id or "")
    invoice = _invoice(sent, writing.books)
    allocation = Allocation(
        id=str(uuid.uuid4()),
        invoice_id=invoice.id,
        amount=money.cents(sent.number("Amount") or ZERO),
        date=_day(credit, invoice, sent, writing),
    )
    errors = _errors(allocation, credit, invoice, writing.books)
    if errors:
        raise Rejected(*errors)
    return Allocated(_apply(writing.books, credit, invoice, allocation), allocation), []


def remove_allocation(books: Books, credit: CreditDocument, allocation_id: str) -> Allocation:
    """The credit is free again and the invoice is owed again; 404 when it was taken back before."""
    found = next((item for item in credit.allocations if item.id == allocation_id.lower()), None)
    if found is None:
        raise NotFound()
    errors = locks.edit_errors(books.organisation, found.date)
    if errors:
        raise Rejected(*errors)
    left = tuple(item for item in credit.allocations if item is not found)
    with books.atomic():
        put_settled(books, replace(credit, allocations=left), None)
        invoice = books.invoices.get(found.invoice_id)
        if invoice is not None:
            credits = tuple(item for item in invoice.credits if item.allocation_id != found.id)
            put_settled(books, replace(invoice, credits=credits), None)
    return found


def _invoice(sent: Fields, books: Books) -> Invoice:
    given = sent.child("Invoice") or Fields({})
    found = books.invoices.get((given.text("InvoiceID") or "").lower())
    if found is None:
        raise Rejected(messages.DOCUMENT_NOT_FOUND)
    return found


def _day(credit: CreditDocument, invoice: Invoice, sent: Fields, writing: Writing) -> date:
    """A credit note is allocated on the later of the two documents' dates, whatever was sent."""
    if isinstance(credit, CreditNote):
        return max(credit.date, invoice.date)
    return sent.day("Date") or writing.today


def _errors(allocation: Allocation, credit: CreditDocument, invoice: Invoice, books: Books) -> list[str]:
    errors = _fit_errors(credit, invoice)
    if allocation.amount <= ZERO:
        errors.append(messages.ALLOCATION_NOT_POSITIVE)
    if credit.status != "AUTHORISED":
        errors.append(messages.CREDIT_NOT_OPEN)
    elif invoice.status == "PAID":
        errors.append(messages.ALREADY_PAID_OFF)
    elif invoice.status != "AUTHORISED":
        errors.append(messages.CREDIT_NOT_AUTHORISED)
    elif allocation.amount > min(credit.remaining, invoice.amount_due):
        errors.append(messages.ALLOCATION_TOO_LARGE)
    return errors + locks.new_date_errors(books.organisation, allocation.date)


def _fit_errors(credit: CreditDocument, invoice: Invoice) -> list[str]:
    reasons = (
        (credit.settles != invoice.type, messages.ALLOCATION_TYPE),
        (credit.contact_id != invoice.contact_id, messages.ALLOCATION_CONTACT),
        (credit.currency_code != invoice.currency_code, messages.ALLOCATION_CURRENCY),
    )
    return [message for broken, message in reasons if broken]


def _apply(books: Books, credit: CreditDocument, invoice: Invoice, allocation: Allocation) -> CreditDocument:
    seen = Credit(credit.id, credit.number, allocation.date, allocation.amount, allocation.id, credit.kind)
    put_settled(books, replace(invoice, credits=(*invoice.credits, seen)), allocation.date)
    return put_settled(books, replace(credit, allocations=(*credit.allocations, allocation)), allocation.date)
