"""A delivery that Xero signed and that we cannot keep must not stop the ones behind it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.factories.accounting import make_connection
from webhooks import process
from webhooks.models import Delivery, DeliveryState
from workspaces.models import Workspace
from workspaces.scope import scope

pytestmark = pytest.mark.django_db

EVENT = {
    "tenantId": "t",
    "resourceId": "r",
    "eventCategory": "INVOICE",
    "eventType": "UPDATE",
    "eventDateUtc": "2026-03-02T10:00:00",
}


def _event(**changed: Any) -> bytes:
    return json.dumps({"events": [EVENT | changed]}).encode()


BODIES = {
    "null character": _event(resourceId="a\x00b"),
    "null in the tenant": _event(tenantId="\x00"),
    "null in the category": _event(eventCategory="IN\x00VOICE"),
    "lone surrogate": b'{"events": [{"tenantId": "\\ud800", "resourceId": "r", "eventCategory": "INVOICE"}]}',
    "time beyond all years": _event(eventDateUtc="/Date(999999999999999999999)/"),
    "year one, far east": _event(eventDateUtc="0001-01-01T00:00:00+14:00"),
    "number for a time": _event(eventDateUtc=10**400),
    "object for a record": _event(resourceId={"a": [1]}),
    "long texts": _event(tenantId="t" * 5000, resourceId="r" * 5000, eventType="u" * 5000),
    "events are no objects": b'{"events": [1, null, "x", []]}',
    "events is null": b'{"events": null}',
    "a list": b"[]",
    "a number": b"1e999999",
    "not a number": b"NaN",
    "nested": b"[" * 100_000,
    "no JSON": b"\xff\xfe\x00",
    "empty": b"",
    "byte order mark": b"\xef\xbb\xbf{}",
}


def _post(client: Client, body: bytes) -> int:
    key = settings.XERO_WEBHOOK_KEYS[0].encode()
    signature = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
    headers = {"x-xero-signature": signature}
    return client.post("/webhooks/xero/", body, content_type="application/json", headers=headers).status_code


@pytest.mark.parametrize("name", BODIES)
def test_nothing_signed_stops_the_inbox(client: Client, name: str) -> None:
    assert _post(client, BODIES[name]) == 200
    assert _post(client, _event()) == 200

    process.run()

    first, last = Delivery.objects.order_by("pk")
    assert first.state in (DeliveryState.PROCESSED, DeliveryState.MALFORMED)
    assert last.state == DeliveryState.PROCESSED


def test_id_too_long_for_a_connected_organisation_stops_nothing(client: Client, workspace: Workspace) -> None:
    with scope(workspace):
        connection = make_connection(workspace)
    _post(client, _event(tenantId=connection.tenant_id, resourceId="r" * 500))
    _post(client, _event(tenantId=connection.tenant_id))

    process.run()

    assert Delivery.objects.filter(state=DeliveryState.RECEIVED).count() == 0
