"""What is kept in tandem: provider-neutral snapshots, one module a kind. Frozen, hashable, without Django and without a
vendor's words.

Money is Decimal in the document's currency, dates are calendar dates, instants are aware UTC.
"""

from __future__ import annotations

from accounting.port.documents.allocations import AllocationDoc
from accounting.port.documents.base import Document, Kind, Ref, Settlement
from accounting.port.documents.contacts import ContactDoc
from accounting.port.documents.credit_notes import CreditNoteDoc
from accounting.port.documents.facts import Fact, Shown, facts_of
from accounting.port.documents.invoices import InvoiceDoc
from accounting.port.documents.lines import Amounts, LinedDocument, LineDoc, State, Tracked, pair_lines
from accounting.port.documents.payments import PaymentDoc
from accounting.port.documents.picks import LINES, OURS, SIDES, Picks, Side, keys_of
from accounting.port.documents.refunds import RefundDoc

__all__ = [
    "DOCUMENTS", "LINES", "OURS", "SIDES", "AllocationDoc", "Amounts", "ContactDoc", "CreditNoteDoc", "Document",
    "Fact", "InvoiceDoc", "Kind", "LineDoc", "LinedDocument", "PaymentDoc", "Picks", "Ref", "RefundDoc", "Settlement",
    "Shown", "Side", "State", "Tracked", "UnknownKind", "facts_of", "keys_of", "pair_lines", "shape_of",
]  # fmt: skip


class UnknownKind(LookupError):
    """Nothing is registered under this kind: its room was not built, or is not in this release."""


DOCUMENTS: dict[Kind, type[Document]] = {
    shape.kind: shape
    for shape in (ContactDoc, InvoiceDoc, CreditNoteDoc, PaymentDoc, AllocationDoc, RefundDoc)
}


def shape_of(kind: Kind) -> type[Document]:
    """The document of this kind. Raises UnknownKind."""
    try:
        return DOCUMENTS[kind]
    except KeyError:
        raise UnknownKind(f"no document is registered for {kind!r}") from None
