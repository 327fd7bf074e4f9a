"""Credit that was paid back to a customer."""

from __future__ import annotations

from typing import ClassVar

from accounting.port.documents.base import Kind, Ref
from accounting.port.documents.payments import Paid


class RefundDoc(Paid, frozen=True, kw_only=True):
    """Money paid back of one credit note."""

    kind: ClassVar[Kind] = "refund"

    credit_note_id: str

    @property
    def settles(self) -> tuple[Ref, ...]:
        return (Ref("credit_note", self.credit_note_id),) if self.credit_note_id else ()
