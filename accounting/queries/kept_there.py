"""What the remote side will not let go of, said before somebody tries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from accounting.enums import LinkState
from accounting.models import Link
from accounting.port.snapshots import load
from accounting.queries.connections import connection_of_workspace
from accounting.resources.registry import get_resource


def kept_there(kind: str, records: Iterable[Any]) -> Mapping[UUID, str]:
    """Of these records of ours, those that cannot be removed there from here, and why. One query."""
    connection = connection_of_workspace()
    if connection is None:
        return {}
    mine = [record.pk for record in records]
    links = Link.objects.filter(connection=connection, kind=kind, state=LinkState.ACTIVE, local_id__in=mine)
    resource = get_resource(kind)
    told = {link.local_id: resource.kept_there(load(kind, link.base)) for link in links if link.base}
    return {local_id: why for local_id, why in told.items() if why}
