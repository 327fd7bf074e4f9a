"""Money received against an invoice."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from accounting.port.documents.base import Kind, Ref, Settlement
from accounting.port.documents.facts import Fact


class PaymentDoc(Settlement, frozen=True, kw_only=True):
    """Money received against one invoice, in the invoice's currency."""

    kind: ClassVar[Kind] = "payment"

    invoice_id: str
    reference: Annotated[str, Fact("Reference")] = ""
    account_id: str = ""
    removed: Annotated[bool, Fact("Reversed")] = False

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
