"""The history of the sync, shown to users. Append-only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounting.enums import RARE_EVENTS, WAYS, EventKind, Kind, Way
from accounting.models.connection import Connection
from workspaces.keys import same_workspace
from workspaces.models import Attributed, WorkspaceOwned, actor_fits


class SyncEvent(WorkspaceOwned, Attributed):
    """One thing that happened to a record or to the connection, in a sentence, with what changed.

    Every write to Xero ends in one, so an index costs: there is one for the order in which they are read, and beside
    it only such as the usual ones are not in.
    """

    workspace = models.ForeignKey(
        "workspaces.Workspace", on_delete=models.CASCADE, related_name="+", editable=False, db_index=False
    )
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="events", db_constraint=False
    )
    event = models.CharField(max_length=14, choices=EventKind.choices)
    kind = models.CharField(max_length=20, choices=Kind.choices, blank=True)
    local_id = models.UUIDField(null=True, blank=True)
    remote_id = models.CharField(max_length=128, blank=True)
    message = models.CharField(max_length=500)
    detail = models.TextField(blank=True)
    reference = models.CharField(
        max_length=100,
        blank=True,
        db_default="",
        help_text="By which the remote side's support finds its answer.",
    )
    changes = models.JSONField(default=list, blank=True, help_text="[field, before, after] for each field.")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "local_id", "-id"], name="sync_event_by_record"),
            models.Index(fields=["workspace", "-id"], name="sync_event_newest"),
            models.Index(
                fields=["workspace", "-id"], condition=Q(event__in=RARE_EVENTS), name="sync_event_rare"
            ),
            models.Index(
                fields=["workspace", "actor", "-id"],
                condition=Q(actor__isnull=False),
                name="sync_event_by_person",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(event__in=EventKind.values), name="sync_event_known"),
            models.CheckConstraint(condition=Q(kind__in=["", *Kind.values]), name="sync_event_kind_known"),
            actor_fits("sync_event_actor_fits"),
            *same_workspace("sync_event", "connection"),
        ]

    def __str__(self) -> str:
        return self.message

    @property
    def way(self) -> Way:
        """Which way it went. What failed on the way from Xero names the record there, what failed to go does not."""
        if self.event == EventKind.FAILED:
            return Way.FROM_XERO if self.remote_id else Way.TO_XERO
        return next((way for way, events in WAYS.items() if self.event in events), Way.HERE)
