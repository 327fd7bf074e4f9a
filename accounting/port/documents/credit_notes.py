"""Credit notes to customers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from accounting.port.documents.allocations import AllocationDoc
from accounting.port.documents.base import Kind, Settlement
from accounting.port.documents.facts import Fact, Shown
from accounting.port.documents.lines import LinedDocument
from accounting.port.documents.refunds import RefundDoc


class CreditNoteDoc(LinedDocument, frozen=True, kw_only=True):
    """What a customer need not pay. `amount_used`, `allocations` and `refunds` are only read: what of it is used up
    there, by what stands against it now. A supplier's is read in the same shape; `is_sale` tells them apart, and
    nothing of ours is ever one. It is due on no day.
    """

    kind: ClassVar[Kind] = "credit_note"
    settled_by: ClassVar[tuple[Kind, ...]] = (AllocationDoc.kind, RefundDoc.kind)
    settled_fact: ClassVar[Fact | None] = Fact("Applied and refunded", Shown.MONEY, name="amount_used")

    due_date: dt.date | None = None
    amount_used: Decimal = Decimal(0)
    allocations: tuple[AllocationDoc, ...] = ()
    refunds: tuple[RefundDoc, ...] = ()
    is_sale: bool = True

    @property
    def is_stray(self) -> bool:
        return not self.is_sale

    @property
    def settlements(self) -> tuple[Settlement, ...]:
        return *self.allocations, *self.refunds
