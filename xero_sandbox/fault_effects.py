"""What each fault does to a call: `produce` carries the call out and gives its true answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from xero_sandbox.faults import Fault
from xero_sandbox.limits import too_many
from xero_sandbox.reply import Reply, html_reply, json_reply, text_reply
from xero_sandbox.wire import to_json

Produce = Callable[[], Reply]
Sleep = Callable[[float], None]

_HTML = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    "<body><h1>Bad Gateway</h1><p>The server returned an invalid response.</p></body></html>"
)
_NEW_VALUE = "SOMETHING_NEW"
_RATE = {
    "rate_minute": ("minute", 30),
    "rate_day": ("day", 18_000),
    "rate_app": ("appminute", None),
    "rate_concurrent": ("concurrent", None),
}
_FIXED = {
    "error_500": json_reply(
        500, {"ErrorNumber": 0, "Type": "InternalError", "Message": "An error occurred in Xero."}
    ),
    "maintenance": text_reply(503, "The Xero API is currently offline for maintenance"),
    "organisation_offline": text_reply(503, "The Organisation is offline"),
    "html": html_reply(502, _HTML),
    "drop": Reply(500, b"", None, fate="drop"),
    "invalid_grant": json_reply(400, {"error": "invalid_grant"}),
}


def suffer(fault: Fault, produce: Produce, sleep: Sleep) -> Reply:
    """The answer under a fault. Faults that spoil an answer carry the call out first."""
    if fault.kind == "slow":
        return _slow(fault, produce, sleep)
    if fault.kind in ("truncate", "cut", "unknown_enum"):
        return _spoil(fault, produce())
    if fault.applied:
        produce()
    if fault.kind in _RATE:
        return _too_many(fault)
    return _FIXED[fault.kind]


def echo_without_ids(body: bytes) -> Reply:
    """What was sent comes back as if all was well, and nothing was done."""
    sent = json.loads(body)
    return json_reply(200, {"Status": "OK", **sent} if isinstance(sent, dict) else {"Status": "OK"})


def _slow(fault: Fault, produce: Produce, sleep: Sleep) -> Reply:
    """Slow to act, or (applied) quick to act and slow to say so."""
    if fault.applied:
        reply = produce()
        sleep(fault.seconds)
        return reply
    sleep(fault.seconds)
    return produce()


def _too_many(fault: Fault) -> Reply:
    problem, seconds = _RATE[fault.kind]
    seconds = seconds if fault.retry_after is None else fault.retry_after
    zeroed = {"minute": "X-MinLimit-Remaining", "day": "X-DayLimit-Remaining"}.get(problem)
    return too_many(problem, seconds or None, {zeroed: "0"} if zeroed else {})


def _spoil(fault: Fault, reply: Reply) -> Reply:
    if fault.kind == "truncate":
        return replace(reply, body=reply.body[: len(reply.body) // 2])
    if fault.kind == "cut":
        return replace(reply, fate="cut")
    return replace(reply, body=_with_unknown_value(fault, reply.body))


def _with_unknown_value(fault: Fault, body: bytes) -> bytes:
    """Put a value nobody knows into one field of one element (`field` may be nested: "Contact.ContactStatus")."""
    try:
        value: Any = json.loads(body)
        elements = next(item for item in value.values() if isinstance(item, list) and item)
    except (ValueError, AttributeError, StopIteration):
        return body
    owner = elements[fault.index % len(elements)]
    *parents, last = fault.field.split(".")
    for parent in parents:
        owner = owner.setdefault(parent, {})
    owner[last] = _NEW_VALUE
    return to_json(value)
