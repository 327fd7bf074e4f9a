"""Credit notes to customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from accounting.port.documents import CreditNoteDoc
from accounting.port.exchange import Outgoing
from accounting.providers.xero.kinds.allocations import Allocation, AllocationCodec
from accounting.providers.xero.kinds.base import Call
from accounting.providers.xero.kinds.lined import Customer, LinedCodec
from accounting.providers.xero.kinds.lines import Line
from accounting.providers.xero.kinds.payments import Payment
from accounting.providers.xero.kinds.refunds import RefundCodec
from accounting.providers.xero.kinds.shown_on_notes import one_of
from accounting.providers.xero.shapes import Element, Many, Number, Text, amount, many, shaped
from accounting.providers.xero.wire import Told

NAMES = 50
"""How many numbers one address may carry: each stands in it with the name of its field."""

_ALLOCATIONS, _REFUNDS = AllocationCodec(), RefundCodec()


class CreditNote(Element):
    """A credit note as Xero writes it."""

    CreditNoteID: Text = None
    Type: Text = None
    Contact: Customer | None = None
    DateString: Text = None
    Date: Text = None
    Status: Text = None
    LineAmountTypes: Text = None
    SubTotal: Number = None
    TotalTax: Number = None
    Total: Number = None
    CurrencyCode: Text = None
    CurrencyRate: Number = None
    RemainingCredit: Number = None
    Allocations: Many[Allocation] = None
    Payments: Many[Payment] = None
    CreditNoteNumber: Text = None
    Reference: Text = None
    LineItems: Many[Line] = None


class CreditNoteCodec(LinedCodec):
    kind = "credit_note"
    envelope = "CreditNotes"
    id_field = "CreditNoteID"
    number_field = "CreditNoteNumber"
    sales_type = "ACCRECCREDIT"
    shape = CreditNote
    category = "CREDITNOTE"
    deep_link = "/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={id}"
    writers = {
        "create": "create_credit_notes",
        "update": "update_or_create_credit_notes",
        "remove": "update_or_create_credit_notes",
    }
    lister = "get_credit_notes"
    list_options = {"unitdp": 4}
    names_per_call = NAMES

    def decode(self, source: Told) -> CreditNoteDoc:
        told = shaped(source, CreditNote)
        total, note_id = amount(told.Total), told.CreditNoteID or ""
        return CreditNoteDoc(
            **self.common(told),
            amount_used=total - amount(told.RemainingCredit, total),
            allocations=_ALLOCATIONS.embedded(many(told.Allocations, Allocation), note_id),
            refunds=_REFUNDS.embedded(many(told.Payments, Payment), note_id),
        )

    def reading(self, remote_ids: Sequence[str]) -> Sequence[Call]:
        return [self.listing(where=one_of(remote_ids))]

    def look_up(self, elements: Sequence[Outgoing]) -> Sequence[Call]:
        """A number that cannot stand in a filter is found by its day."""
        documents = [cast(CreditNoteDoc, element.document) for element in elements]
        plain = [doc.number for doc in documents if _is_plain(doc.number)]
        days = {doc.issue_date for doc in documents if not _is_plain(doc.number)}
        return [*self._numbered(plain), *(self.listing(where=_on(day)) for day in sorted(days))]

    def having(self, keys: Sequence[str]) -> Sequence[Call] | None:
        return [*self._numbered(keys)] if all(map(_is_plain, keys)) else None

    def _numbered(self, numbers: Sequence[str]) -> Iterator[Call]:
        for start in range(0, len(numbers), NAMES):
            yield self.listing(where=_named(numbers[start : start + NAMES]))


def _is_plain(number: str) -> bool:
    """How a quotation mark is written inside a filter, Xero does not say."""
    return '"' not in number


def _named(numbers: Iterable[str]) -> str:
    return " OR ".join(f'CreditNoteNumber=="{number}"' for number in numbers)


def _on(day: dt.date) -> str:
    return f"Date==DateTime({day.year},{day.month},{day.day})"
