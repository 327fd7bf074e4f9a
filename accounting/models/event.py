"""The history of the sync, shown to users. Append-only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounting.enums import EventKind, Kind
from accounting.models.connection import Connection
from workspaces.models import WorkspaceOwned


class SyncEvent(WorkspaceOwned):
    """One thing that happened to a record or to the connection, in a sentence, with what changed."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="events")
    event = models.CharField(max_length=14, choices=EventKind.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    local_id = models.UUIDField(null=True, blank=True)
    remote_id = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=500)
    detail = models.TextField(blank=True)
    changes = models.JSONField(default=list, blank=True, help_text="[field, before, after] for each field.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["workspace", "local_id", "-id"], name="sync_event_by_record")]
        constraints = [
            models.CheckConstraint(condition=Q(event__in=EventKind.values), name="sync_event_known"),
            models.CheckConstraint(condition=Q(kind__in=["", *Kind.values]), name="sync_event_kind_known"),
        ]

    def __str__(self) -> str:
        return self.message
