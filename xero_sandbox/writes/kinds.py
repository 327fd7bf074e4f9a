"""The documents an app may write, and in what they differ: the rules over them are the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from xero_sandbox.books import Books, Table
from xero_sandbox.credit_documents import CreditNote
from xero_sandbox.documents import Document, Invoice

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class DocumentKind(Generic[D]):
    """`ours` is the type whose numbers we give, and which are unique; a supplier's are the supplier's."""

    record: type[D]
    table: Callable[[Books], Table[D]]
    id_field: str
    veto: str
    ours: str
    theirs: str
    prefix: Callable[[Books], str]
    needs_due_date: bool = False


INVOICES = DocumentKind(
    Invoice,
    lambda books: books.invoices,
    "InvoiceID",
    "INVOICE",
    "ACCREC",
    "ACCPAY",
    lambda books: books.organisation.invoice_prefix,
    needs_due_date=True,
)
CREDIT_NOTES = DocumentKind(
    CreditNote,
    lambda books: books.credit_notes,
    "CreditNoteID",
    "CREDITNOTE",
    "ACCRECCREDIT",
    "ACCPAYCREDIT",
    lambda books: books.organisation.credit_note_prefix,
)
