"""Sending what was saved before the connection was made, and what could not be sent because its name is taken there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounting.enums import BackfillState, Kind, Taken
from accounting.models.connection import Connection
from workspaces.keys import same_workspace
from workspaces.models import WorkspaceOwned


class Backfill(WorkspaceOwned):
    """How far the sending of what was never sent has come: it goes on behind `after`, in the order of the kinds.

    It says where to go on and nothing of what was done: that is counted from the records themselves.
    """

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, related_name="backfill", db_constraint=False
    )
    state = models.CharField(max_length=10, choices=BackfillState.choices, default=BackfillState.RUNNING)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.CUSTOMER)
    after = models.UUIDField(
        null=True, blank=True, help_text="The last record of this kind that was looked at."
    )
    total = models.PositiveIntegerField(
        default=0, help_text="How many records were never sent when it began."
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BackfillState.values), name="backfill_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="backfill_kind_known"),
            models.CheckConstraint(
                condition=Q(state=BackfillState.RUNNING, finished_at=None)
                | Q(state=BackfillState.DONE, finished_at__isnull=False),
                name="backfill_done_has_a_time",
            ),
            *same_workspace("backfill", "connection"),
        ]

    def __str__(self) -> str:
        return f"Backfill of {self.connection_id}"


class Clash(WorkspaceOwned):
    """A record that was not sent, because something in the organisation has its number, reference or name already."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="clashes", db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    local_id = models.UUIDField()
    taken = models.CharField(max_length=10, choices=Taken.choices)
    remote_id = models.CharField(max_length=128)
    there = models.JSONField(help_text="The document that has it, as it was read.")

    class Meta:
        ordering = ["kind", "id"]
        verbose_name_plural = "clashes"
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "local_id"], name="one_clash_per_record"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="clash_kind_known"),
            models.CheckConstraint(condition=Q(taken__in=Taken.values), name="clash_taken_known"),
            models.CheckConstraint(condition=~Q(remote_id=""), name="clash_names_what_is_there"),
            *same_workspace("clash", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.taken} of {self.kind} {self.local_id} is taken"
