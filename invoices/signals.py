"""What this room asks the rooms above it. They answer; it knows nothing of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.dispatch import Signal

if TYPE_CHECKING:
    from invoices.models import Invoice

before_approval = Signal()
"""Sent with `sender` (Invoice) and `invoice`, with its lines saved, inside the transaction that approves it. A receiver
answers a list of Objection; any of them stops the approval."""


class Objection(NamedTuple):
    """Why an invoice cannot be approved: a sentence, the field of the form it is about, and the position of the line
    (from 1) where the field is a line's. No field: the invoice as a whole."""

    message: str
    field: str = ""
    line: int = 0


def objections_to(invoice: Invoice) -> list[Objection]:
    """What the rooms above object to approving this invoice."""
    answers = before_approval.send(sender=type(invoice), invoice=invoice)
    return [objection for _, answer in answers for objection in answer]
