"""What the plans ask the rooms above them, and tell them. Nobody here knows who answers."""

from __future__ import annotations

from typing import NamedTuple

from django.dispatch import Signal

from plans.enums import Feature

subscription_changed = Signal()
"""Sent with `sender` None and `workspace`, in its scope and in the transaction that changed what it is on."""

listing_uses = Signal()
"""Sent with `sender` None, in the workspace's scope, before Billing is shown. A receiver answers a list of Use."""


class Use(NamedTuple):
    """One thing of the workspace that its plan must have: what it is called, and what happens without the feature."""

    feature: Feature
    name: str
    stops: str


def uses_of_features() -> list[Use]:
    """What of the scope's workspace would stop with a feature."""
    return [use for _, answer in listing_uses.send(sender=None) for use in answer]
