"""Sales invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from accounting.port.documents.base import Kind
from accounting.port.documents.facts import Fact, Shown
from accounting.port.documents.lines import LinedDocument
from accounting.port.documents.payments import PaymentDoc


class InvoiceDoc(LinedDocument, frozen=True, kw_only=True):
    """A sales invoice. `payments` are only read: they are the live payments the remote side shows on the invoice. A
    bill that was received is read in the same shape; `is_sale` tells them apart, and nothing of ours is ever one.
    `marks_sent` is only written: whether the write that approves it there marks it as sent to its customer too.
    """

    kind: ClassVar[Kind] = "invoice"
    settled_by: ClassVar[tuple[Kind, ...]] = (PaymentDoc.kind,)
    told_there: ClassVar[tuple[Fact, ...]] = (Fact("Credit applied", Shown.MONEY, name="amount_credited"),)
    settled_fact: ClassVar[Fact | None] = Fact("Amount paid", Shown.MONEY, name="amount_paid")

    amount_paid: Decimal = Decimal(0)
    amount_credited: Decimal = Decimal(0)
    url: str = ""
    payments: tuple[PaymentDoc, ...] = ()
    is_sale: bool = True
    marks_sent: bool = False

    @property
    def is_stray(self) -> bool:
        return not self.is_sale

    @property
    def credit(self) -> Decimal:
        return self.amount_credited

    @property
    def settlements(self) -> tuple[PaymentDoc, ...]:
        return self.payments
