"""Deliveries of an organisation, as if they had come at other times."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from accounting.models import Connection
from webhooks.models import Delivery, Event

MINUTE = dt.timedelta(minutes=1)


def ago(minutes: float) -> dt.datetime:
    return timezone.now() - minutes * MINUTE


def hear(connection: Connection, at: dt.datetime, *, took: dt.timedelta = dt.timedelta(seconds=2)) -> None:
    """An event of the organisation came at this instant, so long after the change it tells of."""
    event = Event.objects.create(
        delivery=Delivery.objects.create(body=b""),
        key=uuid.uuid4().hex,
        tenant_id=connection.tenant_id,
        category="CONTACT",
        change="UPDATE",
        happened_at=at - took,
    )
    Event.objects.filter(pk=event.pk).update(created_at=at)


def miss(connection: Connection, at: dt.datetime) -> None:
    """The regular check found a change of this instant, and nobody had told of it."""
    Connection.objects.filter(pk=connection.pk).update(missed_at=at)


def silent(connection: Connection) -> bool:
    return Connection.objects.get(pk=connection.pk).silent_since is not None
