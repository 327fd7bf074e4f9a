"""What happened, told newest first."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounting.enums import EventKind, Way
from accounting.models import SyncEvent
from accounting.port.documents import shape_of
from accounting.queries.problems import said_more
from accounting.queries.records import Key, Record, records_named
from accounting.queries.words import Change, Names, load_names, refs_in, say_changes
from accounting.resources.registry import settlements_of

SHOWN = 30

_LOOKS = {
    EventKind.SENT_NEW: ("send", "success"),
    EventKind.SENT: ("send", "success"),
    EventKind.REMOVED: ("ban", "neutral"),
    EventKind.LINKED: ("link", "info"),
    EventKind.RECEIVED: ("download", "info"),
    EventKind.FAILED: ("alert", "danger"),
    EventKind.UNCERTAIN: ("clock", "warning"),
    EventKind.OUT_OF_SYNC: ("split", "warning"),
    EventKind.RESOLVED: ("check-circle", "success"),
    EventKind.DECIDED: ("check", "info"),
    EventKind.CONNECTED: ("link", "success"),
    EventKind.DISCONNECTED: ("x-circle", "neutral"),
    EventKind.REFUSED: ("lock", "danger"),
    EventKind.SETTINGS: ("settings", "neutral"),
    EventKind.SUPPORT: ("pause", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One event, in words. `compares` tells that its changes set ours against theirs, not before against after."""

    id: UUID
    event: str
    label: str
    icon: str
    tone: str
    message: str
    detail: str
    reference: str
    way: Way
    at: dt.datetime
    actor: str
    changes: tuple[Change, ...]
    compares: bool
    record: Record | None = None


def history(kind: str, local_id: UUID, limit: int = SHOWN) -> list[Told]:
    """What happened to one record, newest first; to what settles it too, which has no page of its own."""
    about = Q(kind=kind, local_id=local_id)
    for settlement in settlements_of(shape_of(kind)):
        mine = settlement.against(local_id).order_by().values("pk")
        about |= Q(kind=settlement.kind, local_id__in=mine)
    events = list(SyncEvent.objects.filter(about).order_by("-id")[:limit])
    return tell_all(events, _named_here({(e.kind, e.local_id) for e in events if e.kind != kind}))


def _named_here(keys: Iterable[Key]) -> dict[Key, Record]:
    """The names of records that are shown on this very page: without a way to it."""
    return {key: dataclasses.replace(record, page="") for key, record in records_named(keys).items()}


def tell_activity(events: Sequence[SyncEvent]) -> list[Told]:
    """Events of several records, each with its record's name."""
    return tell_all(events, records_named({(event.kind, event.local_id) for event in events}))


def tell_all(events: Sequence[SyncEvent], records: dict[Any, Record] | None = None) -> list[Told]:
    """These events in words. Names of codes are looked up only where something changed."""
    names = _names_for(events)
    return [_tell(event, names, (records or {}).get((event.kind, event.local_id))) for event in events]


def _names_for(events: Iterable[SyncEvent]) -> Names:
    changed = [event for event in events if event.changes]
    if not changed:
        return Names()
    refs = set().union(*(refs_in(event.kind, event.changes) for event in changed))
    return load_names(changed[0].connection_id, refs)


def _tell(event: SyncEvent, names: Names, record: Record | None) -> Told:
    icon, tone = _LOOKS[EventKind(event.event)]
    return Told(
        id=event.pk,
        event=event.event,
        label=event.get_event_display(),
        icon=icon,
        tone=tone,
        message=event.message,
        detail=said_more(event.message, event.detail),
        reference=event.reference,
        way=event.way,
        at=event.created_at,
        actor=event.actor_name,
        changes=tuple(say_changes(event.kind, event.changes, names)),
        compares=event.event == EventKind.OUT_OF_SYNC,
        record=record,
    )


def newest_of(kind: str, local_id: UUID) -> Any:
    """The id of the record's newest event, for noticing that something happened."""
    mine = Q(kind=kind, local_id=local_id)
    return SyncEvent.objects.filter(mine).order_by("-id").values_list("pk", flat=True).first()
