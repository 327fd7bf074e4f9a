"""What the invoice services refuse, each with a sentence for people."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from invoices.signals import Objection


class InvoiceRefused(Exception):
    """The invoice cannot be written like this. The message is a sentence for people; `field` says which input;
    `in_the_way` is the other invoice that stands in its way, if one does."""

    def __init__(self, message: str, *, field: str = "", in_the_way: UUID | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.in_the_way = in_the_way


class InvoiceLocked(InvoiceRefused):
    """The invoice is issued or voided, and what was asked would change what the customer already holds."""


class StaleInvoice(InvoiceRefused):
    """Somebody else saved the invoice after the caller read it."""


class NumberRefused(InvoiceRefused):
    """The number is taken, or no number an invoice can have."""


class WrongStatus(InvoiceRefused):
    """The step does not follow from the status the invoice has."""


class ApprovalRefused(InvoiceRefused):
    """The invoice cannot be approved as it stands. `objections` tells everything that stops it."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(" ".join(_told(objection) for objection in objections))
        self.objections = list(objections)


def _told(objection: Objection) -> str:
    return f"Line {objection.line}: {objection.message}" if objection.line else objection.message
