"""A document's header: dates, number, reference, currency, link."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit

from xero_sandbox.books import Books, name_key
from xero_sandbox.currencies import day_rate
from xero_sandbox.documents import ONE, Invoice
from xero_sandbox.errors import bad_data
from xero_sandbox.fields import Fields
from xero_sandbox.rules import locks, messages
from xero_sandbox.writes.context import Writing

AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")


def merge_header(invoice: Invoice, sent: Fields, writing: Writing) -> Invoice:
    """The header as it would stand; what was not sent keeps its value."""
    invoice = merge_free_fields(invoice, sent)
    types = sent.text("LineAmountTypes") or invoice.line_amount_types
    if types not in AMOUNT_TYPES:
        raise bad_data(f"LineAmountTypes '{types}' is not one of {', '.join(AMOUNT_TYPES)}.")
    invoice = replace(invoice, date=sent.day("Date") or invoice.date, line_amount_types=types)
    return _currency(invoice, sent, writing)


def merge_free_fields(invoice: Invoice, sent: Fields) -> Invoice:
    """The fields that stay free even on a paid document (Xero docs, "Invoices: updating paid invoices")."""

    def text(name: str, current: str) -> str:
        value = sent.text(name)
        return current if value is None else value

    sent_flag = sent.flag("SentToContact")
    return replace(
        invoice,
        number=text("InvoiceNumber", invoice.number),
        reference=text("Reference", invoice.reference),
        url=text("Url", invoice.url),
        branding_theme_id=text("BrandingThemeID", invoice.branding_theme_id),
        due_date=sent.day("DueDate") or invoice.due_date,
        expected_payment_date=sent.day("ExpectedPaymentDate") or invoice.expected_payment_date,
        planned_payment_date=sent.day("PlannedPaymentDate") or invoice.planned_payment_date,
        sent_to_contact=invoice.is_approved and (invoice.sent_to_contact if sent_flag is None else sent_flag),
    )


def _currency(invoice: Invoice, sent: Fields, writing: Writing) -> Invoice:
    """Lines sent without a rate reset a foreign document to the day's rate, as integrators have seen."""
    base = writing.books.organisation.base_currency
    code = sent.text("CurrencyCode") or invoice.currency_code
    rate = sent.number("CurrencyRate")
    if code == base:
        return replace(invoice, currency_code=code, currency_rate=ONE)
    if rate is None and (sent.has("LineItems") or code != invoice.currency_code):
        rate = day_rate(base, code)
    kept = invoice.currency_rate if rate is None else rate.quantize(Decimal("0.000001"))
    return replace(invoice, currency_code=code, currency_rate=kept)


def header_errors(invoice: Invoice, books: Books) -> list[str]:
    """Everything the header can break, in the order Xero tends to name it."""
    organisation = books.organisation
    errors = locks.new_date_errors(organisation, invoice.date)
    if invoice.currency_code not in organisation.currencies:
        errors.append(messages.currency_missing(invoice.currency_code))
    return errors + free_field_errors(invoice, books)


def free_field_errors(invoice: Invoice, books: Books) -> list[str]:
    errors = []
    for name, value in (("InvoiceNumber", invoice.number), ("Reference", invoice.reference)):
        if len(value) > 255:
            errors.append(messages.too_long(name, 255))
    if _number_taken(invoice, books):
        errors.append(messages.NUMBER_TAKEN)
    if invoice.url and not _is_good_url(invoice.url):
        errors.append(messages.URL_INVALID)
    return errors


def _number_taken(invoice: Invoice, books: Books) -> bool:
    """Sales numbers are unique; a deleted document frees its number, a voided one does not."""
    if invoice.type != "ACCREC" or not invoice.number:
        return False
    return any(
        other.id != invoice.id for other in books.invoices.find("live_number", name_key(invoice.number))
    )


def _is_good_url(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "xero" not in url.lower()
