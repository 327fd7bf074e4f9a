"""What a webhook delivery says (Xero docs: Webhooks, "Payload"). Unknown categories and keys are kept."""

from __future__ import annotations

import datetime as dt
import hashlib

from accounting.port.exchange import WebhookEvent
from accounting.providers.xero import wire
from accounting.providers.xero.kinds.registry import codec_of_category
from accounting.providers.xero.wire import Json, Unreadable


def parse_events(body: bytes) -> list[WebhookEvent]:
    """The events of a delivery, in order; an intent-to-receive has none. Raises ValueError when it is no delivery."""
    try:
        source = wire.parse(body)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(source, dict) or not isinstance(source.get("events"), list):
        raise ValueError("no list of events")
    return [_event(item) for item in source["events"] if isinstance(item, dict)]


def _event(source: Json) -> WebhookEvent:
    category = wire.text(source, "eventCategory").upper()
    codec = codec_of_category(category)
    return WebhookEvent(
        key=_key(source),
        tenant_id=wire.text(source, "tenantId"),
        category=category,
        change=wire.text(source, "eventType").upper(),
        remote_id=wire.text(source, "resourceId"),
        at=_instant(source),
        kind=codec.kind if codec else None,
    )


def _key(source: Json) -> str:
    """Xero gives events no id; what repeats of one event share is this (facts: tenant, record, what, when)."""
    parts = ("tenantId", "resourceId", "eventCategory", "eventType", "eventDateUtc")
    told = "\x1f".join(wire.text(source, part).lower() for part in parts)
    return hashlib.sha256(told.encode()).hexdigest()


def _instant(source: Json) -> dt.datetime | None:
    try:
        return wire.instant(source, "eventDateUtc")
    except Unreadable:
        return None
