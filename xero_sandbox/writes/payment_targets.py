"""What a payment pays: an invoice or a bill, or out of credit (Xero docs, "Payments: refunds")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xero_sandbox.books import Books, Table, name_key
from xero_sandbox.credit_documents import CreditDocument
from xero_sandbox.documents import Invoice
from xero_sandbox.errors import Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import messages

Target = Invoice | CreditDocument
_TABLES: dict[str, Callable[[Books], Table[Any]]] = {
    "Invoice": lambda books: books.invoices,
    "CreditNote": lambda books: books.credit_notes,
}


def find_target(sent: Fields, books: Books) -> Target:
    """The one document named, by id or by a number of ours. An id of another kind is unknown here."""
    named = [name for name in _TABLES if sent.has(name) or sent.has(f"{name}Number")]
    if len(named) > 1:
        raise Rejected(messages.ONE_TARGET)
    found = _find(named[0], sent, books) if named else None
    if found is None:
        raise Rejected(messages.DOCUMENT_NOT_FOUND)
    return found


def _find(name: str, sent: Fields, books: Books) -> Target | None:
    given = sent.child(name) or Fields({})
    table = _TABLES[name](books)
    identity = given.text(f"{name}ID")
    found: Target | None
    if identity:
        found = table.get(identity.lower())
        return found
    number = given.text(f"{name}Number") or sent.text(f"{name}Number")
    found = next(iter(table.find("live_number", name_key(number))), None) if number else None
    return found
