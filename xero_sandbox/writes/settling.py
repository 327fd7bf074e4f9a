"""What settles a document moves its amounts, its status and its stamp, on both sides at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from xero_sandbox.books import Books
from xero_sandbox.credit_documents import CreditDocument
from xero_sandbox.documents import Invoice
from xero_sandbox.rules import transitions
from xero_sandbox.writes.kinds import D


def put_settled(books: Books, document: D, day: date | None) -> D:
    """Write a document whose open amount has moved; `day` is when, should that have settled it whole."""
    status = transitions.settled_status(document)
    return books.put(replace(document, status=status, fully_paid_on=day if status == "PAID" else None))


def move_paid(books: Books, document: Invoice | CreditDocument, amount: Decimal, day: date | None) -> None:
    """Money came (or with a negative amount was taken back): paid on an invoice, paid out of credit."""
    if isinstance(document, Invoice):
        put_settled(books, replace(document, amount_paid=document.amount_paid + amount), day)
    else:
        put_settled(books, replace(document, refunded=document.refunded + amount), day)
