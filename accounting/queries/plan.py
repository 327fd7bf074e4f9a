"""What the workspace's plan says of its sync: whether it has one, since when it does not, and what waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from core.clock import day_in
from core.templatetags.display import day
from core.words import listed
from plans.enums import Feature, Standing
from plans.models import Subscription
from plans.queries import lost_since, plans_with, subscription_of
from workspaces.models import Workspace

HAS_NONE = "Your plan has no integrations."


@dataclass(frozen=True, slots=True)
class Cover:
    """`since` when the plan has no integrations, and the `plans` that do; both empty while it has them.
    `grace` is the workspace's plan where it is over, and its integrations go on for a while."""

    since: dt.datetime | None = None
    plans: tuple[str, ...] = ()
    grace: Subscription | None = None

    @property
    def words(self) -> str:
        """That it has none, in a sentence; "" while it does."""
        return say_lost(self.since) if self.since else ""

    @property
    def offer(self) -> str:
        """Which plans have integrations, to go on with ": " or "."; "" where none does."""
        return f"{listed(self.plans)} {'have' if self.plans[1:] else 'has'} them" if self.plans else ""


def cover_of(workspace: Workspace) -> Cover:
    """Whether the workspace may have its books connected. Two queries."""
    since = lost_since(workspace, Feature.INTEGRATIONS)
    if since is not None:
        return Cover(since, tuple(plan.name for plan in plans_with(Feature.INTEGRATIONS)))
    mine = subscription_of(workspace)
    return Cover(grace=mine if mine and mine.standing == Standing.GRACE else None)


def say_lost(since: dt.datetime) -> str:
    """That the plan has no integrations, and since which day where the workspace is."""
    return f"Your plan has had no integrations since {day(day_in(timezone.get_current_timezone(), since))}."
