"""Both sides changed: what they last agreed on, what each has now, and what was decided."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounting.enums import ConflictState, Kind, Resolution
from accounting.models.connection import Connection
from accounting.models.link import Link
from workspaces.keys import same_workspace
from workspaces.models import WorkspaceOwned


class Conflict(WorkspaceOwned):
    """One open per record. Snapshots are documents; `fields` names where ours and theirs differ.

    While it is open either side may move on. Each time a version is shown that was not there before, `version` counts
    it, and `earlier` keeps what the last few showed: {version: {"ours": ..., "theirs": ...}}.

    What was put together from both says by which picks ({choice: side}), and what it came to. What a person decided
    remembers how record and link stood `before` and `after` it, so that it can be taken back.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="conflicts", db_constraint=False
    )
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="conflicts", db_constraint=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    local_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=ConflictState.choices, default=ConflictState.OPEN)
    base = models.JSONField()
    ours = models.JSONField()
    theirs = models.JSONField()
    remote_version = models.DateTimeField()
    fields = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1, help_text="Counts what it has shown.")
    earlier = models.JSONField(default=dict, blank=True)
    resolution = models.CharField(max_length=12, choices=Resolution.choices, blank=True)
    picks = models.JSONField(default=dict, db_default={}, blank=True)
    result = models.JSONField(default=dict, db_default={}, blank=True)
    memory = models.JSONField(default=dict, db_default={}, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["link"], condition=Q(state=ConflictState.OPEN), name="one_open_conflict_per_record"
            ),
            models.CheckConstraint(condition=Q(state__in=ConflictState.values), name="conflict_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="conflict_kind_known"),
            models.CheckConstraint(
                condition=Q(resolution__in=Resolution.values), name="conflict_resolution_known"
            ),
            models.CheckConstraint(
                condition=(Q(state=ConflictState.OPEN, resolved_at=None, resolution=""))
                | (Q(state=ConflictState.RESOLVED, resolved_at__isnull=False) & ~Q(resolution="")),
                name="conflict_resolved_says_how_and_when",
            ),
            models.CheckConstraint(
                condition=(Q(resolution=Resolution.MERGE) & ~Q(picks={}) & ~Q(result={}))
                | (~Q(resolution=Resolution.MERGE) & Q(picks={}, result={})),
                name="conflict_put_together_has_picks",
            ),
            models.CheckConstraint(
                condition=~Q(state=ConflictState.OPEN) | Q(memory={}), name="conflict_open_remembers_nothing"
            ),
            *same_workspace("conflict", "connection", "link"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.local_id} out of sync"
