"""Money received against an invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from accounting.port.documents.base import Kind, Ref, Settlement
from accounting.port.documents.facts import Fact


class Paid(Settlement, frozen=True, kw_only=True):
    """Money that went through an account, in the currency of what it settles."""

    reference: Annotated[str, Fact("Reference")] = ""
    account_id: str = ""
    removed: Annotated[bool, Fact("Reversed")] = False

    @property
    def key(self) -> tuple[Any, ...]:
        return self.settles

    @property
    def identity(self) -> tuple[Any, ...]:
        return *self.key, self.amount, self.date, self.reference

    @property
    def is_gone(self) -> bool:
        return self.removed


class PaymentDoc(Paid, frozen=True, kw_only=True):
    """Money received against one invoice, in the invoice's currency.

    `bank_amount` is what came into a bank account of another currency, None where that is the remote side's to work
    out; `rate` is units of the invoice's currency for one of the organisation's, None where they are the same.
    `batch_id` names the payment of many at once that it is part of: such a one is only taken back there, as a whole.
    """

    kind: ClassVar[Kind] = "payment"

    invoice_id: str
    bank_amount: Decimal | None = None
    rate: Decimal | None = None
    batch_id: str = ""

    @property
    def settles(self) -> tuple[Ref, ...]:
        return (Ref("invoice", self.invoice_id),) if self.invoice_id else ()
