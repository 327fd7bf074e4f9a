"""What only the remote side decides about a record of ours."""

from __future__ import annotations

from typing import Any

from accounting.models import Link
from accounting.port.documents import Kind
from accounting.queries.connections import connection_of_workspace
from accounting.resources.rules import rules_of

TOLD = "Change it in Xero: your workspace chose that Xero decides about it. It follows here by itself."


def owned_there(kind: Kind, record: Any) -> dict[str, str]:
    """Why these fields of our record cannot be changed here, by their names; nothing of one that is not there yet."""
    connection = connection_of_workspace()
    fields = rules_of(connection).theirs_of(kind) if connection and connection.is_active else frozenset()
    if not fields or not Link.objects.filter(connection=connection, kind=kind, local_id=record.pk).exists():
        return {}
    return dict.fromkeys(fields, TOLD)
