"""Credit as Xero answers it: what it is, what is left of it, and where the rest went."""

from __future__ import annotations

from typing import Any

from xero_sandbox.api.invoice_shape import (
    contact_stub,
    document_dates,
    line_json,
    live_payments,
    payment_stub,
)
from xero_sandbox.books import Books
from xero_sandbox.credit_documents import Allocation, CreditDocument, CreditNote
from xero_sandbox.wire import ms_date, ms_stamp, second_string


def credit_note_json(note: CreditNote, books: Books, decimals: int = 2) -> dict[str, Any]:
    """The whole note: single GET, paged lists and the answer to a write."""
    return {
        **unpaged_credit_note(note, books),
        "LineItems": [line_json(line, decimals) for line in note.lines],
    }


def unpaged_credit_note(note: CreditNote, books: Books) -> dict[str, Any]:
    """A list without pages has no lines."""
    shape = {
        **credit_json(note, books),
        "CreditNoteNumber": note.number,
        "Reference": note.reference,
        "SentToContact": note.sent_to_contact,
        "HasErrors": False,
        "LineItems": [],
    }
    return shape | ({"BrandingThemeID": note.branding_theme_id} if note.branding_theme_id else {})


def credit_json(credit: CreditDocument, books: Books) -> dict[str, Any]:
    """What credit of every kind answers."""
    return {
        f"{credit.kind}ID": credit.id,
        "ID": credit.id,
        "Type": credit.type,
        "Contact": contact_stub(credit.contact_id, books),
        **document_dates(credit),
        "Status": credit.status,
        "LineAmountTypes": credit.line_amount_types,
        "SubTotal": credit.sub_total,
        "TotalTax": credit.total_tax,
        "Total": credit.total,
        "UpdatedDateUTC": ms_stamp(credit.updated),
        "UpdatedDateUTCString": second_string(credit.updated),
        "CurrencyCode": credit.currency_code,
        "CurrencyRate": credit.currency_rate,
        "RemainingCredit": credit.remaining,
        "Allocations": [_allocation(allocation, books) for allocation in credit.allocations],
        "Payments": [payment_stub(payment) for payment in live_payments("credit", credit, books)],
        "HasAttachments": False,
    }


def _allocation(allocation: Allocation, books: Books) -> dict[str, Any]:
    invoice = books.invoices.get(allocation.invoice_id)
    return {
        "AllocationID": allocation.id,
        "Amount": allocation.amount,
        "Date": ms_date(allocation.date),
        "Invoice": {
            "InvoiceID": allocation.invoice_id,
            "InvoiceNumber": invoice.number if invoice else "",
            **_NOTHING_IN_IT,
        },
    }


def made_allocation_json(credit: CreditDocument, allocation: Allocation) -> dict[str, Any]:
    """The answer to a write: the invoice and the credit by their ids only."""
    return {
        "AllocationID": allocation.id,
        "Amount": allocation.amount,
        "Date": ms_date(allocation.date),
        "Invoice": {"InvoiceID": allocation.invoice_id, **_NOTHING_IN_IT},
        credit.kind: {f"{credit.kind}ID": credit.id, "ID": credit.id, "LineItems": []},
        "ValidationErrors": [],
    }


def removed_allocation_json(allocation: Allocation) -> dict[str, Any]:
    """Spelt unlike all else: AllocationId, and the invoice in a list (Xero's OpenAPI file, its example)."""
    return {
        "AllocationId": allocation.id,
        "Date": ms_date(allocation.date),
        "Invoice": [{"InvoiceID": allocation.invoice_id}],
        "IsDeleted": True,
    }


_NOTHING_IN_IT: dict[str, Any] = {
    "Payments": [],
    "CreditNotes": [],
    "Prepayments": [],
    "Overpayments": [],
    "HasErrors": False,
    "IsDiscounted": False,
    "LineItems": [],
}
