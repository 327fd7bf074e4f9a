"""Credit paid back: a payment whose target is a credit note (Xero docs: Payments)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from msgspec.structs import replace

from accounting.port.documents import RefundDoc
from accounting.port.exchange import Outgoing
from accounting.providers.xero.kinds.base import Call
from accounting.providers.xero.kinds.payments import MoneyCodec, Payment, Refunded
from accounting.providers.xero.kinds.shown_on_notes import one_of, shown_on_notes
from accounting.providers.xero.shapes import shaped
from accounting.providers.xero.wire import Json, Source, Told


class RefundCodec(MoneyCodec):
    kind = "refund"

    def target(self, document: RefundDoc) -> Json:
        return {"CreditNote": {"CreditNoteID": document.credit_note_id}}

    def decode(self, source: Told) -> RefundDoc:
        told = shaped(source, Payment)
        note = told.CreditNote or Refunded()
        return RefundDoc(**self.common(told), credit_note_id=note.CreditNoteID or "")

    def embedded(self, payments: Iterable[Payment], note_id: str) -> tuple[RefundDoc, ...]:
        """The refunds that a note shows: live ones only. Raises Unreadable."""
        return tuple(replace(self.decode(payment), credit_note_id=note_id) for payment in payments)

    def look_up(self, elements: Sequence[Outgoing]) -> Sequence[Call]:
        """By the notes, which show them: to filter payments by their note is no optimised way (Xero docs: Payments,
        "Optimised use of the where filter")."""
        notes = one_of(cast(RefundDoc, element.document).credit_note_id for element in elements)
        return [Call("get_credit_notes", options={"page": 1, "page_size": 1000, "where": notes})]

    def elements(self, body: Source) -> Sequence[Source]:
        """Those of an answer of payments, or of credit notes."""
        shown = [each.whole() for each in shown_on_notes(body, self.envelope)]
        return shown or super().elements(body)
