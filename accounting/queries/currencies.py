"""Which currencies the connected organisation takes."""

from __future__ import annotations

from accounting.queries.connections import connection_of_workspace
from workspaces.signals import Usable


def enabled_currencies() -> Usable | None:
    """Those it has enabled, as they were last read; None while none is connected, or its lists were not read."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active or not connection.currencies:
        return None
    return Usable(f"Enabled in {connection.tenant_name}", connection.currencies)
