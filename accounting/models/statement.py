"""Whether both sides agree, as it was found: the statement of a night, and what was apart."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounting.enums import Kind, Reading, Remedy, StatementState
from accounting.models.connection import Connection
from workspaces.keys import same_workspace
from workspaces.models import WorkspaceOwned


class Statement(WorkspaceOwned):
    """What was found as of an instant, and never changed afterwards; `day` is the date where the workspace was.

    `lines` has an entry per kind and currency: how many records are linked, what they come to here and in Xero
    (decimals as text; null for what is no money), how many are apart, how many are on their way. `unsent` counts per
    kind what is not in Xero, `only_there` what is in Xero alone, as far as a full proof has seen it. A full proof goes
    in turns and remembers in `place` how far it has come; `calls` is what it cost.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="statements", db_constraint=False
    )
    reading = models.CharField(max_length=8, choices=Reading.choices, default=Reading.KNOWN)
    state = models.CharField(max_length=8, choices=StatementState.choices, default=StatementState.DONE)
    day = models.DateField()
    as_of = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    lines = models.JSONField(default=list, blank=True)
    unsent = models.JSONField(default=dict, blank=True)
    only_there = models.JSONField(default=dict, blank=True)
    agreeing = models.PositiveIntegerField(default=0)
    apart = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    place = models.JSONField(default=dict, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-as_of"]
        indexes = [models.Index(fields=["connection", "day"], name="statement_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state=StatementState.RUNNING),
                name="one_statement_under_way",
            ),
            models.CheckConstraint(condition=Q(reading__in=Reading.values), name="statement_reading_known"),
            models.CheckConstraint(
                condition=Q(state=StatementState.RUNNING, finished_at=None)
                | Q(state=StatementState.DONE, finished_at__isnull=False),
                name="statement_done_has_a_time",
            ),
            *same_workspace("statement", "connection"),
        ]

    def __str__(self) -> str:
        return f"Agreement of {self.day}"


class StatementDifference(WorkspaceOwned):
    """A record that both sides say otherwise, from the day on which it was found to the instant it was settled.

    `fields` has [name, ours, theirs] of each that differs; `ours` and `theirs` are what the record comes to.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="differences", db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    local_id = models.UUIDField()
    remote_id = models.CharField(max_length=128)
    currency = models.CharField(max_length=3, blank=True)
    ours = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    theirs = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    fields = models.JSONField(default=list, blank=True)
    words = models.CharField(max_length=500, blank=True)
    remedy = models.CharField(max_length=8, choices=Remedy.choices)
    found_by = models.CharField(max_length=8, choices=Reading.choices)
    first_day = models.DateField(help_text="The date where the workspace was when it was first found apart.")
    found_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["first_day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "local_id"],
                condition=Q(settled_at=None),
                name="one_open_difference_per_record",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="statement_difference_kind_known"),
            models.CheckConstraint(condition=Q(remedy__in=Remedy.values), name="difference_remedy_known"),
            models.CheckConstraint(condition=Q(found_by__in=Reading.values), name="difference_reading_known"),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(settled_at__gte=models.F("found_at")),
                name="difference_settled_after_it_was_found",
            ),
            *same_workspace("statement_difference", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.local_id} apart since {self.first_day}"
