"""What a workspace's rooms ask those above them. They answer; nobody here knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.dispatch import Signal

listing_currencies = Signal()
"""Sent with `sender` None, in the workspace's scope, before a list of currencies is shown. A receiver answers Usable,
or None when it has nothing to say."""


class Usable(NamedTuple):
    """Currencies that can be used without further ado, and what they are called in the list."""

    label: str
    codes: Sequence[str]


def usable_currencies() -> list[Usable]:
    """What the rooms above say of currencies that can be used."""
    return [answer for _, answer in listing_currencies.send(sender=None) if answer]
