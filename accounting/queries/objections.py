"""What is known beforehand to be refused by the organisation, so that it is said at the form and not days later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounting.queries.connections import connection_of_workspace
from accounting.resources.base import Objection
from accounting.resources.registry import get_resource


def objections_to(kind: str, record: Any) -> Sequence[Objection]:
    """Why the workspace's organisation would not take this record. Nothing while none is connected."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active:
        return ()
    return get_resource(kind).objections(record, connection)
