"""Deliveries that make no sense: forged, malformed, too large, or of a strange shape."""

from __future__ import annotations

import base64
import gzip
import hmac
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounting.providers.xero.signature import sign
from webhooks.models import DeliveryState

Json = dict[str, Any]
KEY = "tandem-sandbox-webhook-key"
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def post(body: bytes) -> int:
    headers = {"x-xero-signature": sign(body, KEY)}
    return (
        Client().post("/webhooks/xero/", body, content_type="application/json", headers=headers).status_code
    )


def delivery(*events: Json) -> bytes:
    return json.dumps(
        {"events": list(events), "firstEventSequence": 1, "lastEventSequence": len(events)}
    ).encode()


class Counted(io.BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


@dataclass(frozen=True)
class Case:
    """One request, and what must become of it. Unless told otherwise it is signed well, answered 200 and kept as
    something that nobody understands."""

    name: str
    body: bytes = b""
    code: int = 200
    signature: str | None = None
    method: str = "POST"
    content_type: str = "application/json"
    length: str | None = None
    encoding: str = ""
    state: str = DeliveryState.MALFORMED

    def send(self) -> tuple[HttpResponse, int]:
        """The answer, and how many bytes of the body were read for it."""
        stream = Counted(self.body)
        signature = sign(self.body, KEY) if self.signature is None else self.signature
        told = {
            "wsgi.input": stream, "CONTENT_LENGTH": self.length or str(len(self.body)),
            "CONTENT_TYPE": self.content_type, "HTTP_X_XERO_SIGNATURE": signature,
        }  # fmt: skip
        if self.encoding:
            told["HTTP_CONTENT_ENCODING"] = self.encoding
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        return client.generic(self.method, "/webhooks/xero/", **told), stream.taken  # type: ignore[arg-type]


MIB = 1024 * 1024
EVENT: Json = {
    "tenantId": "t", "resourceId": "r", "eventCategory": "INVOICE", "eventType": "UPDATE",
    "eventDateUtc": "2026-03-02T10:00:00",
}  # fmt: skip
GOOD = delivery(EVENT)


def _forged(name: str, signature: str, body: bytes = GOOD) -> Case:
    return Case(f"signature: {name}", body, 401, signature)


def _with(name: str, **changed: Any) -> Case:
    """Well formed, of strange content: worked off."""
    return Case(f"event with {name}", delivery(EVENT | changed), state=DeliveryState.PROCESSED)


GARBAGE = [
    Case("empty"),
    Case("no JSON", b"not json"),
    Case("null", b"null"),
    Case("a list", b"[]"),
    Case("a number", b"1e999999"),
    Case("not a number", b"NaN"),
    Case("cut off", GOOD[:-20]),
    Case("no events", b'{"a": 1}'),
    Case("events: null", b'{"events": null}'),
    Case("events: an object", b'{"events": {}}'),
    Case("events: text", b'{"events": "x"}'),
    Case("not UTF-8", b'{"events": "\xff\xfe"}'),
    Case("nested a million deep", b"[" * 1_000_000),
    Case("objects nested deep", b'{"events":' * 100_000),
    Case("gzip bomb", gzip.compress(b"0" * 100 * MIB), encoding="gzip"),
    Case("exactly 1 MiB", b"x" * MIB),
    Case("null character in the id", delivery(EVENT | {"resourceId": "a\x00b"})),
    Case("null character in the category", delivery(EVENT | {"eventCategory": "IN\x00VOICE"})),
    Case("lone surrogate", b'{"events": [{"tenantId": "\\ud800", "resourceId": "r"}]}'),
]
STRANGE = [
    Case(
        "UTF-16",
        GOOD.decode().encode("utf-16"),
        content_type="application/json; charset=utf-16",
        state=DeliveryState.PROCESSED,
    ),
    Case("intent to receive", b'{"events": []}', state=DeliveryState.PROCESSED),
    Case("events that are no objects", b'{"events": [1, null, "x", []]}', state=DeliveryState.PROCESSED),
    Case(
        "thousands of events",
        delivery(*[{"resourceId": str(n)} for n in range(1500)]),
        state=DeliveryState.PROCESSED,
    ),
    Case("plain text", GOOD, content_type="text/plain", state=DeliveryState.PROCESSED),
    Case("a form", GOOD, content_type="multipart/form-data; boundary=x", state=DeliveryState.PROCESSED),
    Case("no content type", GOOD, content_type="", state=DeliveryState.PROCESSED),
    Case(
        "unknown charset",
        GOOD,
        content_type="application/json; charset=klingon",
        state=DeliveryState.PROCESSED,
    ),
    _with("a time beyond all years", eventDateUtc="/Date(999999999999999999999)/"),
    _with("the first year", eventDateUtc="0001-01-01T00:00:00+14:00"),
    _with("a number for a time", eventDateUtc=10**400),
    _with("an object for an id", resourceId={"a": [1]}),
    _with("no id", resourceId=None),
    _with("long texts", tenantId="t" * 5000, resourceId="r" * 5000, eventType="u" * 5000),
]
FORGED = [
    _forged("none", ""),
    _forged("blank", " "),
    _forged("another key", sign(GOOD, "another key")),
    _forged("of another body", sign(GOOD + b" ", KEY)),
    _forged("of a body that was changed", sign(GOOD, KEY), GOOD + b"\n"),
    _forged("lower case", sign(GOOD, KEY).lower()),
    _forged("hexadecimal", hmac.new(KEY.encode(), GOOD, "sha256").hexdigest()),
    _forged("of a weaker hash", base64.b64encode(hmac.new(KEY.encode(), GOOD, "sha1").digest()).decode()),
    _forged("twice", f"{sign(GOOD, KEY)},{sign(GOOD, KEY)}"),
    _forged("not ASCII", "\xe5\xff"),
    _forged("very long", "x" * 100_000),
    Case("shorter than it says", GOOD, 401, length=str(len(GOOD) - 5)),
]
TOO_LARGE = [
    Case("1 MiB and one byte", b"x" * (MIB + 1), 413),
    Case("10 MB", b"x" * 10_000_000, 413),
    Case("10 MB of events", delivery(*[EVENT] * 70_000), 413),
    Case("says 10 MB", GOOD, 413, length="10000000"),
    Case("says no number", GOOD, 413, length="many"),
    Case("says less than nothing", GOOD, 413, length="-1"),
]
METHODS = [
    Case(method, GOOD, 405, method=method) for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
]
GROUPS = {
    "signed garbage": GARBAGE, "signed and strange": STRANGE, "bad signatures": FORGED,
    "too large": TOO_LARGE, "other methods": METHODS,
}  # fmt: skip
