"""Documents that owe the contact something: what is left of them is applied to invoices or paid out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Day
from decimal import Decimal
from typing import ClassVar

from xero_sandbox.documents import ZERO, Document


@dataclass(frozen=True, slots=True)
class Allocation:
    """What of a credit was applied to one invoice, as the credit sees it."""

    id: str
    invoice_id: str
    amount: Decimal
    date: Day


@dataclass(frozen=True, slots=True)
class CreditDocument(Document):
    """Credit, whatever it was born of. `refunded` is what payments paid out of it."""

    kind: ClassVar[str] = ""
    """Its name where a payment or an allocation names it, and the stem of its id."""

    allocations: tuple[Allocation, ...] = ()
    refunded: Decimal = ZERO

    @property
    def allocated(self) -> Decimal:
        return sum((allocation.amount for allocation in self.allocations), ZERO)

    @property
    def remaining(self) -> Decimal:
        """RemainingCredit; nothing is left of what was voided or deleted."""
        return ZERO if self.is_dead else self.total - self.allocated - self.refunded

    @property
    def open_amount(self) -> Decimal:
        return self.remaining

    @property
    def is_settled_in_part(self) -> bool:
        return bool(self.allocations) or self.refunded != ZERO

    @property
    def settles(self) -> str:
        """The type of document it may be applied to."""
        return "ACCREC" if self.type.startswith(("ACCREC", "RECEIVE")) else "ACCPAY"


@dataclass(frozen=True, slots=True)
class CreditNote(CreditDocument):
    """Ours to a customer (ACCRECCREDIT), or a supplier's to us (ACCPAYCREDIT)."""

    kind: ClassVar[str] = "CreditNote"
    number_field: ClassVar[str] = "CreditNoteNumber"
    noun: ClassVar[str] = "credit note"
