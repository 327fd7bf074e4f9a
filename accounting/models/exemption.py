"""What a person took out of the sync, for how long, and why."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounting.enums import Kind, Until
from accounting.models.connection import Connection
from workspaces.keys import same_workspace, workspace_key
from workspaces.models import WorkspaceOwned

_WORDS = {
    Until.CHANGE: "Left out of the sync until it changes.",
    Until.DAY: "Left out of the sync until {day:%-d %b %Y}.",
    Until.GOOD: "Left out of the sync for good.",
    Until.DECISION: "It is linked to nothing in Xero. Link it, or create it there.",
}


def say_left_out(until: str, day: dt.date | None) -> str:
    """Why a record goes nowhere, in a sentence for people."""
    return _WORDS[Until(until)].format(day=day)


class Exemption(WorkspaceOwned):
    """One of our records that goes neither way. That ends when the record is edited here or changes there, on a day, or
    when a person ends it. Nothing is forgotten meanwhile: what waited is looked at again then.

    `since` is the record's own time of change when it was made: a later one is an edit.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="exemptions", db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    local_id = models.UUIDField()
    until = models.CharField(max_length=10, choices=Until.choices)
    day = models.DateField(null=True, blank=True, help_text="The first day on which it holds no more.")
    since = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    of_run = models.BooleanField(
        default=False, db_default=False, help_text="A run left it open: the next one compares it again."
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "local_id"], name="one_exemption_per_record"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="exemption_kind_known"),
            models.CheckConstraint(condition=Q(until__in=Until.values), name="exemption_until_known"),
            models.CheckConstraint(
                condition=Q(of_run=False) | Q(until=Until.DECISION),
                name="exemption_of_run_waits_for_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(until=Until.DAY) ^ Q(day=None), name="exemption_until_a_day_names_it"
            ),
            workspace_key("exemption"),
            *same_workspace("exemption", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.local_id} is left out"

    @property
    def words(self) -> str:
        """Why the record goes nowhere, in a sentence for people."""
        return say_left_out(self.until, self.day)
