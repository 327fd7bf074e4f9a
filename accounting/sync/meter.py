"""Counting calls: in memory while the books are open, written once when they are closed."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import Error
from django.db.models import F
from django.utils import timezone

from accounting.models import Connection, Usage
from core.clock import day_in
from workspaces.scope import all_workspaces

log = structlog.get_logger(__name__)

KEPT = dt.timedelta(days=31)
"""So that a month can be summed up: what Xero bills is bytes in a month."""


class CallMeter:
    """What one opening of a connection's books costs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._calls = self._received = 0

    def count(self, received: int) -> None:
        """One more call, which brought so many bytes."""
        self._calls += 1
        self._received += received

    def close(self) -> None:
        """Write it down. A count that cannot be written is no reason to stop what the calls were made for."""
        if not self._calls:
            return
        try:
            _add(self._connection, self._calls, self._received)
        except Error as error:
            log.warning("calls_not_counted", connection=str(self._connection.pk), error=type(error).__name__)


def _add(connection: Connection, calls: int, received: int) -> None:
    today = Usage.objects.filter(connection=connection, tenant_id=connection.tenant_id, day=day_in(dt.UTC))
    added = {"calls": F("calls") + calls, "received": F("received") + received}
    if today.update(**added):
        return
    Usage.objects.get_or_create(
        workspace_id=connection.workspace_id,
        connection=connection,
        tenant_id=connection.tenant_id,
        day=day_in(dt.UTC),
    )
    today.update(**added)


def forget_old() -> int:
    """Delete what is older than a month. Returns how many days."""
    with all_workspaces("usage is forgotten in every workspace"):
        return Usage.objects.filter(day__lt=day_in(dt.UTC, timezone.now() - KEPT)).delete()[0]
