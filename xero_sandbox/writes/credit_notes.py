"""Credit notes, as their callers name them."""

from __future__ import annotations

from xero_sandbox.books import Books
from xero_sandbox.credit_documents import CreditNote
from xero_sandbox.fields import Fields
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.kinds import CREDIT_NOTES
from xero_sandbox.writes.written_documents import document_by_key, write_document


def write_credit_note(sent: Fields, writing: Writing) -> tuple[CreditNote, list[str]]:
    """Create (PUT) or find and edit (POST) one credit note; answers it and Xero's warnings."""
    return write_document(CREDIT_NOTES, sent, writing)


def credit_note_by_key(books: Books, key: str) -> CreditNote:
    """By id, else by the number of a live note of ours; 404 otherwise."""
    return document_by_key(CREDIT_NOTES, books, key)
