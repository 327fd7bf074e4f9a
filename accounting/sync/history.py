"""Writes the history that users read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounting.enums import EventKind
from accounting.models import Connection, Link, SyncEvent
from workspaces.audit import actor


def tell(
    connection: Connection,
    event: EventKind,
    message: str,
    *,
    kind: str = "",
    local_id: UUID | None = None,
    remote_id: str = "",
    detail: str = "",
    reference: str = "",
    changes: list[tuple[str, Any, Any]] | None = None,
    by: Any = None,
) -> SyncEvent:
    """Remember one thing that happened, in a sentence for the user. `by` is the person who caused it, if one did;
    `detail` is what Xero said and `reference` how its support finds that."""
    event_row = row(connection, event, message, kind, local_id, remote_id, detail, reference, changes, by)
    event_row.save(force_insert=True)
    return event_row


def tell_of(
    link: Link,
    event: EventKind,
    message: str,
    *,
    changes: list[tuple[str, Any, Any]] | None = None,
    by: Any = None,
) -> SyncEvent:
    """Like `tell`, of the record of this link."""
    return tell(
        link.connection, event, message, kind=link.kind, local_id=link.local_id, remote_id=link.remote_id,
        changes=changes, by=by,
    )  # fmt: skip


def row(
    connection: Connection,
    event: EventKind,
    message: str,
    kind: str = "",
    local_id: UUID | None = None,
    remote_id: str = "",
    detail: str = "",
    reference: str = "",
    changes: list[tuple[str, Any, Any]] | None = None,
    by: Any = None,
) -> SyncEvent:
    """The same, not yet stored: for many things that happened at once."""
    return SyncEvent(
        workspace_id=connection.workspace_id,
        connection=connection,
        event=event,
        kind=kind,
        local_id=local_id,
        remote_id=remote_id,
        message=message[:500],
        detail=detail[:10_000],
        reference=reference[:100],
        changes=[list(change) for change in changes or []],
        **actor(by),
    )
