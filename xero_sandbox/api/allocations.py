"""/CreditNotes/{id}/Allocations and its like: applying credit, and taking it back."""

from __future__ import annotations

from typing import Any

from xero_sandbox.api.call import Call
from xero_sandbox.api.credit_shape import made_allocation_json, removed_allocation_json
from xero_sandbox.books import Books
from xero_sandbox.credit_documents import CreditDocument
from xero_sandbox.errors import NotFound
from xero_sandbox.fields import Fields
from xero_sandbox.writes.allocations import Allocated, FindCredit, allocate, remove_allocation
from xero_sandbox.writes.batches import WriteOne
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.credit_notes import credit_note_by_key


def note_in_path(books: Books, key: str) -> CreditDocument:
    return credit_note_by_key(books, key)


def allocating(find: FindCredit) -> WriteOne:
    """The write of one allocation of the credit that `find` finds by the key in the path."""

    def write_one(sent: Fields, writing: Writing) -> tuple[Allocated, list[str]]:
        return allocate(find, sent, writing)

    return write_one


def made_allocation(made: Allocated, call: Call, books: Books) -> dict[str, Any]:
    return made_allocation_json(made.credit, made.allocation)


def taking_back(find: FindCredit) -> Any:
    """The removal of the allocation named last in the path."""

    def remove(call: Call, books: Books) -> dict[str, Any]:
        if len(call.parts) != 4:
            raise NotFound()
        credit = find(books, call.parts[1])
        return removed_allocation_json(remove_allocation(books, credit, call.parts[3]))

    return remove


def no_list(call: Call, books: Books) -> Any:
    """Allocations are read inside their credit only."""
    raise NotFound()
