"""An invoice as Xero answers it. A field without a value is left out, never null."""

from __future__ import annotations

from typing import Any

from xero_sandbox.books import Books
from xero_sandbox.documents import Credit, Document, Invoice, Line, Payment
from xero_sandbox.rules.money import unit_price
from xero_sandbox.wire import day_string, ms_date, ms_stamp, second_string


def invoice_json(invoice: Invoice, books: Books, decimals: int = 2) -> dict[str, Any]:
    """The whole document: single GET, paged lists and the answer to a write."""
    return {
        **invoice_summary(invoice, books),
        "Payments": [payment_stub(payment) for payment in live_payments("invoice", invoice, books)],
        "HasAttachments": False,
        "LineItems": [line_json(line, decimals) for line in invoice.lines],
        "Attachments": [],
        "InvoicePaymentServices": [],
    }


def invoice_summary(invoice: Invoice, books: Books) -> dict[str, Any]:
    """What summaryOnly answers: no lines, no payments, no attachments flag."""
    shape: dict[str, Any] = {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number,
        "Reference": invoice.reference,
        "CreditNotes": _credits(invoice, "CreditNote", books),
        "Prepayments": [],
        "Overpayments": [],
        "AmountDue": invoice.amount_due,
        "AmountPaid": invoice.amount_paid,
        "AmountCredited": invoice.amount_credited,
        "SentToContact": invoice.sent_to_contact,
        "CurrencyRate": invoice.currency_rate,
        "IsDiscounted": invoice.total_discount != 0,
        "HasErrors": False,
        "Contact": contact_stub(invoice.contact_id, books),
        **document_dates(invoice),
        **_planned(invoice),
        "Status": invoice.status,
        "LineAmountTypes": invoice.line_amount_types,
        "SubTotal": invoice.sub_total,
        "TotalTax": invoice.total_tax,
        "Total": invoice.total,
        "UpdatedDateUTC": ms_stamp(invoice.updated),
        "UpdatedDateUTCString": second_string(invoice.updated),
        "CurrencyCode": invoice.currency_code,
    }
    if invoice.total_discount:
        shape["TotalDiscount"] = invoice.total_discount
    extras = {"Url": invoice.url, "BrandingThemeID": invoice.branding_theme_id}
    return shape | {name: value for name, value in extras.items() if value}


def unpaged_invoice(invoice: Invoice, books: Books) -> dict[str, Any]:
    """A list without pages answers the contact's name and no lines."""
    return {
        **invoice_summary(invoice, books),
        "Payments": [payment_stub(payment) for payment in live_payments("invoice", invoice, books)],
        "HasAttachments": False,
        "LineItems": [],
    }


def live_payments(index: str, document: Document, books: Books) -> list[Payment]:
    """Deleted payments are not listed inside their document."""
    return [payment for payment in books.payments.find(index, document.id) if payment.status != "DELETED"]


def contact_stub(contact_id: str, books: Books) -> dict[str, Any]:
    contact = books.contacts.get(contact_id)
    stub = {
        "ContactID": contact_id,
        "Name": contact.name if contact else "",
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }
    return stub | ({"ContactNumber": contact.contact_number} if contact and contact.contact_number else {})


def document_dates(document: Document) -> dict[str, str]:
    """Dates come twice, as a stamp and as a text; those that are not set do not come."""
    shape = {"DateString": day_string(document.date), "Date": ms_date(document.date)}
    if document.due_date:
        shape |= {"DueDateString": day_string(document.due_date), "DueDate": ms_date(document.due_date)}
    return shape | ({"FullyPaidOnDate": ms_date(document.fully_paid_on)} if document.fully_paid_on else {})


def _planned(invoice: Invoice) -> dict[str, str]:
    days = {
        "ExpectedPaymentDate": invoice.expected_payment_date,
        "PlannedPaymentDate": invoice.planned_payment_date,
    }
    return {name: ms_date(day) for name, day in days.items() if day}


def line_json(line: Line, decimals: int) -> dict[str, Any]:
    """A line; the unit amount shows two places unless unitdp=4 asks for more."""
    shape: dict[str, Any] = {
        "Description": line.description,
        "TaxAmount": line.tax_amount,
        "LineAmount": line.line_amount,
        "Tracking": list(line.tracking),
        "LineItemID": line.id,
    }
    optional = {
        "Quantity": line.quantity,
        "UnitAmount": None if line.unit_amount is None else unit_price(line.unit_amount, decimals),
        "TaxType": line.tax_type,
        "AccountCode": line.account_code,
        "AccountID": line.account_id,
        "DiscountRate": line.discount_rate,
        "DiscountAmount": line.discount_amount,
    }
    return shape | {name: value for name, value in optional.items() if value is not None}


def _credits(invoice: Invoice, kind: str, books: Books) -> list[dict[str, Any]]:
    """One entry for each credit that was applied, however many times."""
    applied: dict[str, list[Credit]] = {}
    for credit in invoice.credits:
        if credit.kind == kind:
            applied.setdefault(credit.id, []).append(credit)
    return [_credit(kind, parts, books) for parts in applied.values()]


def _credit(kind: str, parts: list[Credit], books: Books) -> dict[str, Any]:
    whole = books.credit(parts[0].id)
    shape: dict[str, Any] = {
        f"{kind}ID": parts[0].id,
        "ID": parts[0].id,
        "Date": ms_date(whole.date if whole else parts[0].date),
        "AppliedAmount": sum(part.amount for part in parts),
        "Total": whole.total if whole else parts[0].amount,
        "HasErrors": False,
    }
    return shape | ({"CreditNoteNumber": parts[0].number} if kind == "CreditNote" else {})


def payment_stub(payment: Payment) -> dict[str, Any]:
    return {
        "PaymentID": payment.id,
        "Date": ms_date(payment.date),
        "Amount": payment.amount,
        "Reference": payment.reference,
        "CurrencyRate": payment.currency_rate,
        "HasAccount": False,
        "HasValidationErrors": False,
    }
