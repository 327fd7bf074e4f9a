"""Each kind of document that moves what a customer owes, as rows of one shape: what it was, of which day, its number,
and by how much it moved the debt (above zero: they owe more), in its currency.

Applying credit of a note that is here to an invoice that is here moves nothing: both stand in the ledger by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, F, QuerySet, Value

from credit.enums import CreditNoteStatus
from credit.models import Allocation, CreditNote, Refund
from customers.models import Customer
from invoices.enums import ISSUED
from invoices.models import Invoice
from ledger.enums import Moved
from payments.models import Payment

COLUMNS = ("day", "moved", "row", "document", "number", "note", "amount")
"""`row` tells rows of one day apart; `document` is the id of the invoice or the note whose page tells of it."""


def moves_of(customer: Customer, currency: str) -> Sequence[QuerySet[Any, Any]]:
    """All that moved the debt of a customer in one currency, a query a kind, each of the COLUMNS."""
    return (
        _invoices(customer, currency),
        _credited_elsewhere(customer, currency),
        _notes(customer, currency),
        _applied_elsewhere(customer, currency),
        _payments(customer, currency),
        _refunds(customer, currency),
    )


def _invoices(customer: Customer, currency: str) -> QuerySet[Any, Any]:
    rows = Invoice.objects.filter(customer=customer, currency=currency, status__in=ISSUED)
    return _told(
        rows, Moved.INVOICE, day="issue_date", document="pk", number="number", note="reference", by=F("total")
    )


def _credited_elsewhere(customer: Customer, currency: str) -> QuerySet[Any, Any]:
    """It has no day of its own here: that of its invoice is the first on which it can count."""
    rows = Invoice.objects.filter(
        customer=customer, currency=currency, status__in=ISSUED, credited_elsewhere__gt=0
    )
    by = -F("credited_elsewhere")
    return _told(
        rows, Moved.CREDIT_ELSEWHERE, day="issue_date", document="pk", number="number", note="", by=by
    )


def _notes(customer: Customer, currency: str) -> QuerySet[Any, Any]:
    rows = CreditNote.objects.filter(customer=customer, currency=currency, status=CreditNoteStatus.APPROVED)
    by = -F("total")
    return _told(
        rows, Moved.CREDIT_NOTE, day="issue_date", document="pk", number="number", note="reference", by=by
    )


def _applied_elsewhere(customer: Customer, currency: str) -> QuerySet[Any, Any]:
    rows = Allocation.objects.filter(
        credit_note__customer=customer, credit_note__currency=currency, removed_at=None, invoice=None
    )
    names = {"document": "credit_note_id", "number": "credit_note__number", "note": "elsewhere"}
    return _told(rows, Moved.APPLIED_ELSEWHERE, day="date", by=F("amount"), **names)


def _payments(customer: Customer, currency: str) -> QuerySet[Any, Any]:
    rows = Payment.objects.filter(invoice__customer=customer, invoice__currency=currency, reversed_at=None)
    names = {"document": "invoice_id", "number": "invoice__number", "note": "reference"}
    return _told(rows, Moved.PAYMENT, day="date", by=-F("amount"), **names)


def _refunds(customer: Customer, currency: str) -> QuerySet[Any, Any]:
    rows = Refund.objects.filter(
        credit_note__customer=customer, credit_note__currency=currency, reversed_at=None
    )
    names = {"document": "credit_note_id", "number": "credit_note__number", "note": "reference"}
    return _told(rows, Moved.REFUND, day="date", by=F("amount"), **names)


def _told(
    rows: QuerySet[Any, Any], moved: Moved, *, day: str, document: str, number: str, note: str, by: Any
) -> QuerySet[Any, Any]:
    as_text = CharField(max_length=255)
    told = {
        "day": F(day),
        "moved": Value(moved.value, output_field=as_text),
        "row": F("pk"),
        "document": F(document),
        "number": F(number),
        "note": F(note) if note else Value("", output_field=as_text),
        "amount": by,
    }
    named = rows.order_by().annotate(**{f"move_{name}": told[name] for name in COLUMNS})
    return named.values_list(*(f"move_{name}" for name in COLUMNS))
