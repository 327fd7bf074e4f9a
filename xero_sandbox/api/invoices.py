"""/Invoices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xero_sandbox.api.call import Call
from xero_sandbox.api.document_fields import document_fields
from xero_sandbox.api.invoice_shape import invoice_json, invoice_summary, unpaged_invoice
from xero_sandbox.api.listing import Filter, Page, candidates, list_page
from xero_sandbox.api.where import Getter
from xero_sandbox.books import Books, name_key
from xero_sandbox.documents import Invoice
from xero_sandbox.writes.invoices import invoice_by_key


def list_invoices(call: Call, books: Books) -> tuple[list[dict[str, Any]], dict[str, int] | None]:
    """Statuses and summaryOnly enforce paging; a list without pages has no lines."""
    summary = call.flag("summaryOnly")
    must_page = summary or call.words("Statuses") is not None
    page: Page = list_page(
        call, _records(call, books), _filters(call, books), _fields(books), must_page=must_page
    )
    if summary:
        return [invoice_summary(invoice, books) for invoice in page.records], page.pagination
    if not page.is_paged:
        return [unpaged_invoice(invoice, books) for invoice in page.records], None
    return [invoice_json(invoice, books, call.decimals) for invoice in page.records], page.pagination


def get_invoice(call: Call, books: Books, key: str) -> dict[str, Any]:
    return invoice_json(invoice_by_key(books, key), books, call.decimals)


def written_invoice(invoice: Invoice, call: Call, books: Books) -> dict[str, Any]:
    """The echo of a void still shows the old AmountDue; only a fresh read shows nought (seen on the wire)."""
    shape = invoice_json(invoice, books, call.decimals)
    return shape | {"AmountDue": invoice.total} if invoice.status == "VOIDED" else shape


def _records(call: Call, books: Books) -> Iterable[Invoice]:
    """Look up by id or number where the query names them, else walk the table."""
    identities, numbers = call.words("IDs"), call.words("InvoiceNumbers")
    if identities is None and numbers is None:
        return candidates(call, books.invoices)
    found = [books.invoices.get(identity.lower()) for identity in identities or ()]
    for number in numbers or ():
        found += books.invoices.find("number", name_key(number))
    since = {invoice.id for invoice in candidates(call, books.invoices)} if _is_conditional(call) else None
    unique = {invoice.id: invoice for invoice in found if invoice and (since is None or invoice.id in since)}
    return sorted(unique.values(), key=lambda invoice: invoice.updated)


def _is_conditional(call: Call) -> bool:
    return "If-Modified-Since" in call.headers


def _filters(call: Call, books: Books) -> list[Filter]:
    filters: list[Filter] = []
    statuses = call.words("Statuses")
    if statuses is not None:
        filters.append(lambda invoice: invoice.status in statuses)
    contacts = call.words("ContactIDs")
    if contacts is not None:
        wanted = {contact.lower() for contact in contacts}
        filters.append(lambda invoice: invoice.contact_id in wanted)
    if call.flag("createdByMyApp") and call.claims:
        filters.append(lambda invoice: invoice.created_by == call.claims.client_id)  # type: ignore[union-attr]
    if not call.flag("includeArchived"):
        filters.append(lambda invoice: not _has_archived_contact(invoice, books))
    term = (call.query.get("searchTerm") or "").casefold()
    if term:
        filters.append(
            lambda invoice: term in invoice.number.casefold() or term in invoice.reference.casefold()
        )
    return filters


def _has_archived_contact(invoice: Invoice, books: Books) -> bool:
    contact = books.contacts.get(invoice.contact_id)
    return contact is not None and contact.status == "ARCHIVED"


def _fields(books: Books) -> dict[str, Getter]:
    return document_fields(books) | {
        "invoiceid": lambda invoice: invoice.id,
        "invoicenumber": lambda invoice: invoice.number,
        "amountdue": lambda invoice: invoice.amount_due,
        "amountpaid": lambda invoice: invoice.amount_paid,
    }
