"""The fields that documents of every kind can be asked for in `where` and `order`."""

from __future__ import annotations

from typing import Any

from xero_sandbox.api.where import Getter
from xero_sandbox.books import Books
from xero_sandbox.documents import Document


def document_fields(books: Books) -> dict[str, Getter]:
    def contact(document: Document) -> Any:
        return books.contacts.get(document.contact_id)

    return {
        "type": lambda document: document.type,
        "status": lambda document: document.status,
        "reference": lambda document: document.reference,
        "contact.contactid": lambda document: document.contact_id,
        "contact.name": lambda document: contact(document).name,
        "contact.contactnumber": lambda document: contact(document).contact_number,
        "date": lambda document: document.date,
        "duedate": lambda document: document.due_date,
        "total": lambda document: document.total,
        "currencycode": lambda document: document.currency_code,
        "updateddateutc": lambda document: document.updated,
    }
