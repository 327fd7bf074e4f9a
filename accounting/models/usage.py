"""How many calls a connection made, and how much came back, day by day."""

from __future__ import annotations

from django.db import models

from accounting.models.connection import Connection
from workspaces.keys import same_workspace
from workspaces.models import WorkspaceOwned


class Usage(WorkspaceOwned):
    """One day (UTC) of one organisation. A connection that moved on to another keeps the days of the one before, until
    they are forgotten.

    Counted are the calls that were answered or may have arrived; what was refused over a limit counts against none.
    `received` is the size of the answers, unpacked, in bytes.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="usage", db_constraint=False
    )
    tenant_id = models.CharField(max_length=64)
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    received = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        verbose_name_plural = "usage"
        constraints = [
            models.UniqueConstraint(fields=["connection", "tenant_id", "day"], name="one_usage_per_day"),
            *same_workspace("usage", "connection"),
        ]
        indexes = [models.Index(fields=["day"], name="usage_by_day")]

    def __str__(self) -> str:
        return f"{self.calls} calls on {self.day}"
