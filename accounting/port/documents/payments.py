"""Money received against an invoice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from accounting.port.documents.base import Kind, Ref, Settlement
from accounting.port.documents.facts import Shown, fact


@dataclass(frozen=True, slots=True)
class PaymentDoc(Settlement):
    """Money received against one invoice, in the invoice's currency."""

    kind: ClassVar[Kind] = "payment"

    invoice_id: str
    amount: Decimal = fact("Amount", Shown.MONEY)
    date: dt.date = fact("Date", Shown.DATE)
    reference: str = fact("Reference", default="")
    account_id: str = ""
    removed: bool = fact("Reversed", default=False)
    remote_id: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.invoice_id,)

    @property
    def identity(self) -> tuple[Any, ...]:
        return self.invoice_id, self.amount, self.date, self.reference

    @property
    def is_gone(self) -> bool:
        return self.removed

    @property
    def settles(self) -> tuple[Ref, ...]:
        return (Ref("invoice", self.invoice_id),) if self.invoice_id else ()
