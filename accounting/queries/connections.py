"""Which organisation the workspace is connected to."""

from __future__ import annotations

from accounting.enums import Provider
from accounting.models import Connection
from accounting.queries.logged import named_in_logs


def connection_of_workspace() -> Connection | None:
    """The workspace's connection to Xero, whatever its state."""
    rows = Connection.objects.select_related("connected_by", "workspace", "grant")
    return named_in_logs(rows.filter(provider=Provider.XERO).first())
