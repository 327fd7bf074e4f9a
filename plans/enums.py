"""What a plan may have, and how a workspace stands with its own."""

from __future__ import annotations

import enum

from django.db import models


class Feature(models.TextChoices):
    """What some plans have and others do not. Each is asked of `plans.queries`."""

    INTEGRATIONS = "integrations", "Integrations"

    @property
    def told(self) -> str:
        """What it is, in a sentence."""
        return _TOLD[self]


_TOLD = {Feature.INTEGRATIONS: "Your books in Xero, kept in step with Tandem both ways."}


class Source(models.TextChoices):
    """Who says which plan a workspace is on."""

    MANUAL = "manual", "Tandem's support"


class Standing(enum.StrEnum):
    """How a workspace stands with its plan: paid, over and all still there for a while, or over."""

    ACTIVE = "active"
    GRACE = "grace"
    LAPSED = "lapsed"
