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
from xero_sandbox.writes.kinds import D, DocumentKind

AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")


def merge_header(document: D, sent: Fields, writing: Writing) -> D:
    """The header as it would stand; what was not sent keeps its value."""
    document = merge_free_fields(document, sent)
    types = sent.text("LineAmountTypes") or document.line_amount_types
    if types not in AMOUNT_TYPES:
        raise bad_data(f"LineAmountTypes '{types}' is not one of {', '.join(AMOUNT_TYPES)}.")
    document = replace(document, date=sent.day("Date") or document.date, line_amount_types=types)
    return _currency(document, sent, writing)


def merge_free_fields(document: D, sent: Fields) -> D:
    """The fields that stay free even on a paid document (Xero docs, "Invoices: updating paid invoices")."""

    def text(name: str, current: str) -> str:
        value = sent.text(name)
        return current if value is None else value

    sent_flag = sent.flag("SentToContact")
    document = replace(
        document,
        number=text(document.number_field, document.number),
        reference=text("Reference", document.reference),
        url=text("Url", document.url),
        branding_theme_id=text("BrandingThemeID", document.branding_theme_id),
        due_date=sent.day("DueDate") or document.due_date,
        sent_to_contact=document.is_approved
        and (document.sent_to_contact if sent_flag is None else sent_flag),
    )
    if not isinstance(document, Invoice):
        return document
    return replace(
        document,
        expected_payment_date=sent.day("ExpectedPaymentDate") or document.expected_payment_date,
        planned_payment_date=sent.day("PlannedPaymentDate") or document.planned_payment_date,
    )


def _currency(document: D, sent: Fields, writing: Writing) -> D:
    """Lines sent without a rate reset a foreign document to the day's rate, as integrators have seen."""
    base = writing.books.organisation.base_currency
    code = sent.text("CurrencyCode") or document.currency_code
    rate = sent.number("CurrencyRate")
    if code == base:
        return replace(document, currency_code=code, currency_rate=ONE)
    if rate is None and (sent.has("LineItems") or code != document.currency_code):
        rate = day_rate(base, code)
    kept = document.currency_rate if rate is None else rate.quantize(Decimal("0.000001"))
    return replace(document, currency_code=code, currency_rate=kept)


def header_errors(kind: DocumentKind[D], document: D, books: Books) -> list[str]:
    """Everything the header can break, in the order Xero tends to name it."""
    organisation = books.organisation
    errors = locks.new_date_errors(organisation, document.date)
    if document.currency_code not in organisation.currencies:
        errors.append(messages.currency_missing(document.currency_code))
    return errors + free_field_errors(kind, document, books)


def free_field_errors(kind: DocumentKind[D], document: D, books: Books) -> list[str]:
    errors = []
    for name, value in ((document.number_field, document.number), ("Reference", document.reference)):
        if len(value) > 255:
            errors.append(messages.too_long(name, 255))
    if _number_taken(kind, document, books):
        errors.append(messages.NUMBERS_TAKEN[kind.record.noun])
    return errors + url_errors(document.url)


def url_errors(url: str) -> list[str]:
    return [messages.URL_INVALID] if url and not _is_good_url(url) else []


def _number_taken(kind: DocumentKind[D], document: D, books: Books) -> bool:
    """Numbers of ours are unique; a deleted document frees its number, a voided one does not."""
    if document.type != kind.ours or not document.number:
        return False
    others = kind.table(books).find("live_number", name_key(document.number))
    return any(other.id != document.id for other in others)


def _is_good_url(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "xero" not in url.lower()
