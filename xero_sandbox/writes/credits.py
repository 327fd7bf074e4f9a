"""Credit on a document, as a person applies it in Xero's own pages: a credit note of that amount, allocated at once."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal

from xero_sandbox.books import Books
from xero_sandbox.documents import Credit, Invoice
from xero_sandbox.errors import NotFound, Rejected
from xero_sandbox.rules import messages, money, transitions


def apply_credit(books: Books, invoice: Invoice, amount: Decimal) -> Credit:
    """Set this much of a new credit note against an approved document."""
    if invoice.status != "AUTHORISED":
        raise Rejected(messages.CREDIT_NOT_AUTHORISED)
    if not 0 < amount <= invoice.amount_due:
        raise Rejected(messages.CREDIT_TOO_LARGE)
    today = books.clock.today(books.organisation.zone)
    credit = Credit(str(uuid.uuid4()), f"CN-{invoice.number}", today, money.cents(amount))
    _put(books, replace(invoice, credits=(*invoice.credits, credit)))
    return credit


def remove_credit(books: Books, invoice: Invoice, credit_id: str) -> None:
    """Take the allocation back; the document is owed again."""
    left = tuple(credit for credit in invoice.credits if credit.id != credit_id)
    if left == invoice.credits:
        raise NotFound()
    _put(books, replace(invoice, credits=left))


def _put(books: Books, invoice: Invoice) -> None:
    status = transitions.settled_status(invoice)
    paid_on = books.clock.today(books.organisation.zone) if status == "PAID" else None
    books.put(replace(invoice, status=status, fully_paid_on=paid_on))
