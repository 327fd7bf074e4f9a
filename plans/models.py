"""What is sold, and which workspace has what."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.clock import day_in
from plans.enums import Feature, Source, Standing
from workspaces.models import Workspace, WorkspaceOwned


class Plan(models.Model):
    """What a workspace may be on. It is data: the people who run Tandem word it, price it and say what it has."""

    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=60, unique=True)
    summary = models.CharField(max_length=200, blank=True, help_text="What it is for, in one sentence.")
    price = models.CharField(max_length=60, blank=True, help_text="As people read it: NZ$39 a month.")
    features = ArrayField(models.CharField(max_length=20, choices=Feature.choices), default=list, blank=True)
    order = models.PositiveSmallIntegerField(default=0, help_text="The smallest is shown first.")

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(features__contained_by=Feature.values), name="plan_features_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def has(self, feature: Feature) -> bool:
        """Whether it has this feature."""
        return feature in self.features


class Subscription(WorkspaceOwned):
    """The plan a workspace is on, since when and until when. A workspace without one is held to no plan: it has
    everything.

    Nothing happens at `until`: whoever asks compares it with the clock. For `GRACE` longer all is still there.
    """

    GRACE = dt.timedelta(days=14)

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(help_text="When the workspace came on this plan.")
    until = models.DateTimeField(
        null=True, blank=True, help_text="What is paid ends here. Empty: it has no end."
    )
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.MANUAL)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=Source.values), name="subscription_source_known"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="subscription_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workspace} on {self.plan}"

    @property
    def ends_on(self) -> dt.date | None:
        """The day `until` falls on, where the workspace is; None: it has no end."""
        return self.until and day_in(timezone.get_current_timezone(), self.until)

    @property
    def lapses_on(self) -> dt.date | None:
        """The day on which all it has stops; None: never."""
        return self.until and day_in(timezone.get_current_timezone(), self.until + self.GRACE)

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        now = timezone.now()
        if self.until is None or self.until > now:
            return Standing.ACTIVE
        return Standing.GRACE if self.until + self.GRACE > now else Standing.LAPSED
