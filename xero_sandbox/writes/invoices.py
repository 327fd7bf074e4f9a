"""Invoices and bills, as their callers name them."""

from __future__ import annotations

from xero_sandbox.books import Books
from xero_sandbox.documents import Invoice
from xero_sandbox.fields import Fields
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.kinds import INVOICES
from xero_sandbox.writes.written_documents import document_by_key, write_document


def write_invoice(sent: Fields, writing: Writing) -> tuple[Invoice, list[str]]:
    """Create (PUT) or find and edit (POST) one document; answers it and Xero's warnings."""
    return write_document(INVOICES, sent, writing)


def invoice_by_key(books: Books, key: str) -> Invoice:
    """By id, else by the number of a live sales invoice; 404 otherwise."""
    return document_by_key(INVOICES, books, key)
