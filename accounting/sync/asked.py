"""What people asked for by hand, told in the history of each record: who, when, and what for."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accounting.enums import EventKind, Lane
from accounting.models import Connection, Link, Operation, SyncEvent
from accounting.sync.history import row
from core.transactions import require_transaction
from workspaces.models import User

AT_ONCE = 500


def tell_asked(
    operations: Sequence[Operation], words: str, *, by: User | None, event: EventKind = EventKind.DECIDED
) -> None:
    """Tell of each record that this was asked for by hand; `by` is None where it was Tandem itself. What comes from
    there is told of what it is linked to. Must be inside the transaction that does it."""
    require_transaction("telling what was asked for")
    connections = Connection.objects.in_bulk({each.connection_id for each in operations})
    linked = _linked([each for each in operations if each.lane == Lane.PULL])
    events = [
        row(
            connections[each.connection_id], event, words, kind=each.kind,
            local_id=each.local_id or linked.get((each.kind, each.remote_id)),
            remote_id=each.remote_id, by=by,
        )
        for each in operations
    ]  # fmt: skip
    SyncEvent.objects.bulk_create(events, batch_size=AT_ONCE)


def _linked(pulls: Sequence[Operation]) -> dict[tuple[str, str], UUID]:
    if not pulls:
        return {}
    found = Link.objects.filter(remote_id__in=[each.remote_id for each in pulls])
    return {(link.kind, link.remote_id): link.local_id for link in found}
