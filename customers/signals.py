"""What the customer's services ask the rooms above them (ADR 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.dispatch import Signal

if TYPE_CHECKING:
    from customers.models import Customer

naming_owned = Signal()
"""Which fields of this `customer` are decided about somewhere else. An answer is a sentence for each by its name."""


def owned_elsewhere(customer: Customer) -> dict[str, str]:
    """Why these of its fields cannot be changed here, each in a sentence."""
    told: dict[str, str] = {}
    for _, answer in naming_owned.send(sender=type(customer), customer=customer):
        told |= answer
    return told
