"""/CreditNotes."""

from __future__ import annotations

from typing import Any

from xero_sandbox.api.call import Call
from xero_sandbox.api.credit_shape import credit_note_json, unpaged_credit_note
from xero_sandbox.api.document_fields import document_fields
from xero_sandbox.api.listing import candidates, list_page
from xero_sandbox.books import Books
from xero_sandbox.credit_documents import CreditNote
from xero_sandbox.writes.credit_notes import credit_note_by_key


def list_credit_notes(call: Call, books: Books) -> tuple[list[dict[str, Any]], dict[str, int] | None]:
    """Both types. There are no IDs, Statuses or summaryOnly here: what is not in the file is not heard."""
    fields = document_fields(books) | {
        "creditnoteid": lambda note: note.id,
        "creditnotenumber": lambda note: note.number,
        "remainingcredit": lambda note: note.remaining,
    }
    page = list_page(call, candidates(call, books.credit_notes), [], fields)
    if not page.is_paged:
        return [unpaged_credit_note(note, books) for note in page.records], None
    return [credit_note_json(note, books, call.decimals) for note in page.records], page.pagination


def get_credit_note(call: Call, books: Books, key: str) -> dict[str, Any]:
    return credit_note_json(credit_note_by_key(books, key), books, call.decimals)


def written_credit_note(note: CreditNote, call: Call, books: Books) -> dict[str, Any]:
    return credit_note_json(note, books, call.decimals)
