"""What this room asks the rooms above it. They answer; it knows nothing of them."""

from __future__ import annotations

from typing import NamedTuple

from django.dispatch import Signal

naming_bank = Signal()
"""Sent with `sender` None and `currency`, before a payment in this currency is recorded. A receiver answers Bank, or
None when it knows of none."""


class Bank(NamedTuple):
    """The account that payments go to: what it is called, and its currency."""

    name: str
    currency: str


def bank_for(currency: str) -> Bank | None:
    """Where payments in this currency go, as the rooms above know; None where nobody says."""
    answers = (answer for _, answer in naming_bank.send(sender=None, currency=currency))
    return next((answer for answer in answers if answer), None)
