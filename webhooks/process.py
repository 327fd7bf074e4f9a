"""Working off the inbox: deliveries become events, each once; events become requests to read."""

from __future__ import annotations

import re

from django.db import DataError, transaction
from django.utils import timezone

from accounting.enums import ConnectionState, Provider
from accounting.models import Connection
from accounting.port.exchange import WebhookEvent
from accounting.providers.registry import get_authoriser
from accounting.sync.pull import request_pull
from webhooks import wakeup
from webhooks.models import Delivery, DeliveryState, Event, EventState
from workspaces.scope import all_workspaces

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def run(limit: int = 200) -> int:
    """Work off waiting deliveries, oldest first. Returns how many. Two workers never take the same one."""
    done = 0
    with all_workspaces("a delivery names organisations of any workspace"):
        while done < limit and _process_next():
            done += 1
    if done == limit:
        wakeup.kick()
    return done


@transaction.atomic
def _process_next() -> bool:
    delivery = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(state=DeliveryState.RECEIVED)
        .order_by("pk")
        .first()
    )
    if delivery is None:
        return False
    process(delivery)
    return True


@transaction.atomic
def process(delivery: Delivery) -> None:
    """Turn one delivery into events and requests. May be run again: an event that is known stays as it is.

    One that cannot be read, or holds what the database cannot keep, is marked: the ones behind it must go on.
    """
    try:
        with transaction.atomic():
            count = _take_in(delivery)
    except (ValueError, DataError) as error:
        _finish(delivery, DeliveryState.MALFORMED, note=str(error))
    else:
        _finish(delivery, DeliveryState.PROCESSED, count=count)


def _take_in(delivery: Delivery) -> int:
    told = get_authoriser(delivery.provider).parse_webhook(bytes(delivery.body))
    _request_reads(_store_events(delivery, told))
    return len(told)


def _finish(delivery: Delivery, state: DeliveryState, *, count: int = 0, note: str = "") -> None:
    delivery.state = state
    delivery.event_count = count
    delivery.note = note[:300]
    delivery.processed_at = timezone.now()
    delivery.save(update_fields=["state", "event_count", "note", "processed_at"])


def _store_events(delivery: Delivery, told: list[WebhookEvent]) -> list[tuple[Event, WebhookEvent]]:
    """The events that are new. A repeat has the same key and is left out by the database."""
    keys = {event.key: event for event in told}
    known = set(Event.objects.filter(key__in=keys).values_list("key", flat=True))
    rows = [(_event(delivery, event), event) for key, event in keys.items() if key not in known]
    Event.objects.bulk_create([row for row, _ in rows], ignore_conflicts=True)
    return rows


def _event(delivery: Delivery, event: WebhookEvent) -> Event:
    return Event(
        delivery=delivery,
        key=event.key,
        tenant_id=event.tenant_id[:64],
        category=event.category[:40],
        change=event.change[:20],
        remote_id=event.remote_id[:64],
        happened_at=event.at,
    )


def _request_reads(fresh: list[tuple[Event, WebhookEvent]]) -> None:
    connections = _connections({told.tenant_id for _, told in fresh})
    for event, told in fresh:
        _request_read(event, told, connections.get(told.tenant_id))
        Event.objects.filter(key=event.key).update(
            state=event.state, note=event.note, workspace_id=event.workspace_id
        )


def _connections(tenant_ids: set[str]) -> dict[str, Connection]:
    found = Connection.objects.filter(provider=Provider.XERO, tenant_id__in=tenant_ids)
    return {row.tenant_id: row for row in found.exclude(state=ConnectionState.DISCONNECTED)}


def _request_read(event: Event, told: WebhookEvent, connection: Connection | None) -> None:
    """Only the ids are used: the address in the event is never fetched, its content never trusted."""
    if connection is None:
        event.state, event.note = EventState.IGNORED, "No workspace is connected to this organisation."
        return
    event.workspace_id = connection.workspace_id
    if told.kind is None or not _is_guid(told.remote_id):
        event.state, event.note = EventState.IGNORED, "Nothing here follows this category."
    elif request_pull(connection, told.kind, told.remote_id, at=told.at):
        event.state = EventState.REQUESTED
    else:
        event.state = EventState.ECHO


def _is_guid(text: str) -> bool:
    """Xero's ids are GUIDs; anything else would spoil the read of its fellows."""
    return bool(GUID.fullmatch(text))


def replay(delivery: Delivery) -> None:
    """Ask again for everything a delivery told of (an administrator's wish)."""
    with all_workspaces("a delivery names organisations of any workspace"), transaction.atomic():
        delivery.events.all().delete()
        process(delivery)
