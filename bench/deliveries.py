"""Xero's posts, signed with our key, of organisations that nobody connected."""

from __future__ import annotations

import json
import uuid

from django.conf import settings

from accounting.providers.xero.signature import sign
from bench.load import post


def deliveries(events: int, number: int, *, path: str = "/webhooks/xero/") -> list[bytes]:
    """So many different posts of so many events each."""
    return [_delivery(events, path) for _ in range(number)]


def _delivery(events: int, path: str) -> bytes:
    body = json.dumps(
        {
            "events": [_event() for _ in range(events)],
            "firstEventSequence": 1,
            "lastEventSequence": events,
            "entropy": uuid.uuid4().hex.upper(),
        }
    ).encode()
    return post(path, body, {"x-xero-signature": sign(body, settings.XERO_WEBHOOK_KEYS[0])})


def _event() -> dict[str, str]:
    invoice = str(uuid.uuid4())
    return {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Invoices/{invoice}",
        "resourceId": invoice,
        "eventDateUtc": "2026-03-02T01:15:39.902",
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": str(uuid.uuid4()),
        "tenantType": "ORGANISATION",
    }
