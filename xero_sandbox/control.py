"""The control API under `/__sandbox__/`: JSON in, JSON out, for tests in another process. It asks no sign-in."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, current_app, request

from xero_sandbox.faults import KINDS, fault_json
from xero_sandbox.handle import Controls, tricks_json
from xero_sandbox.reply import json_reply
from xero_sandbox.request_log import entry_json
from xero_sandbox.wire import seven_digits

control = Blueprint("control", __name__, url_prefix="/__sandbox__")
_REQUEST_FIELDS = ("method", "path", "organisation", "idempotency_key")


def _controls() -> Controls:
    return Controls(current_app.extensions["sandbox"])


def _sent() -> dict[str, Any]:
    value = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(value, dict):
        abort(400)
    return value


def _ok(value: Any = None) -> Response:
    return json_reply(200, {"ok": True} if value is None else value).to_flask()


@control.errorhandler(KeyError)
def unknown(error: KeyError) -> Response:
    """An organisation nobody has heard of."""
    return json_reply(404, {"error": f"unknown: {error.args[0] if error.args else ''}"}).to_flask()


@control.errorhandler(TypeError)
@control.errorhandler(ValueError)
def wrong(error: Exception) -> Response:
    return json_reply(400, {"error": str(error)}).to_flask()


@control.get("/")
def state() -> Response:
    """Organisations, connections, webhook state, waiting faults and the clock."""
    controls = _controls()
    with controls.sandbox.lock:
        organisations = [
            {"id": books.id, "slug": books.organisation.slug, "name": books.organisation.name}
            for books in controls.store.books.values()
        ]
        connected = [row.tenant_id for row in controls.store.connections.all()]
    return _ok(
        {
            "now": seven_digits(controls.clock.now()),
            "organisations": organisations,
            "connected": connected,
            "webhooks": {
                "state": controls.courier.state,
                "url": controls.courier.url,
                "detail": controls.courier.detail,
            },
            "faults": [fault_json(fault) for fault in controls.faults.waiting()],
        }
    )


@control.post("/reset")
def reset() -> Response:
    _controls().reset()
    return _ok()


@control.post("/clock")
def clock() -> Response:
    """{"advance": seconds}."""
    _controls().advance(float(_sent().get("advance", 0)))
    return _ok({"now": seven_digits(_controls().clock.now())})


@control.route("/faults", methods=["GET", "POST", "DELETE"])
def faults() -> Response:
    """POST {"kind": ..., ...Fault fields} queues one; DELETE clears; GET lists what waits and what there is."""
    waiting = _controls().faults
    if request.method == "DELETE":
        waiting.clear()
    if request.method == "POST":
        return _ok(fault_json(waiting.add(**_sent())))
    return _ok({"waiting": [fault_json(fault) for fault in waiting.waiting()], "kinds": KINDS})


@control.delete("/faults/<int:number>")
def remove_fault(number: int) -> Response:
    _controls().faults.remove(number)
    return _ok()


@control.post("/credits")
def credits() -> Response:
    """{"invoice_id": ..., "amount": "12.00"} applies a credit note; with "credit_id" in place of an amount it goes."""
    sent = _sent()
    if "credit_id" in sent:
        _controls().remove_credit(**sent)
        return _ok()
    return _ok({"credit_id": _controls().apply_credit(**{**sent, "amount": Decimal(sent["amount"])})})


@control.post("/contacts/merge")
def merge() -> Response:
    """{"loser_id": ..., "winner_id": ..., "organisation": id or slug}."""
    _controls().merge_contacts(**_sent())
    return _ok()


@control.post("/tokens/expire")
def expire_tokens() -> Response:
    _controls().expire_tokens()
    return _ok()


@control.post("/connect")
def connect() -> Response:
    """{"organisation": id or slug, "user": 0, "scopes": [...]}: a token set without the browser."""
    return _ok(_controls().connect(**_sent()))


@control.post("/disconnect")
def disconnect() -> Response:
    """{"organisation": id or slug}."""
    _controls().disconnect(_sent().get("organisation"))
    return _ok()


@control.post("/idempotency/forget")
def forget() -> Response:
    _controls().forget_idempotency_keys()
    return _ok()


@control.post("/redirects")
def redirects() -> Response:
    """{"uri": ...}."""
    _controls().register_redirect(str(_sent().get("uri")))
    return _ok()


@control.route("/requests", methods=["GET", "DELETE"])
def requests() -> Response:
    """The calls received, narrowed by ?method=&path=&organisation=&idempotency_key=; DELETE forgets them."""
    if request.method == "DELETE":
        _controls().clear_requests()
    wanted = {name: request.args[name] for name in _REQUEST_FIELDS if name in request.args}
    return _ok([entry_json(entry) for entry in _controls().requests(**wanted)])


@control.get("/counters")
def counters() -> Response:
    return _ok(_controls().counters())


@control.get("/documents/<organisation>")
def documents(organisation: str) -> Response:
    return _ok(_controls().dump(organisation))


@control.route("/webhooks", methods=["GET", "POST"])
def webhooks() -> Response:
    """POST sets tricks (`copies`, `shuffle`, `delay_seconds`, `drop`, `wrong_signature`), `paused` and `url`."""
    controls = _controls()
    if request.method == "POST":
        for name, value in _sent().items():
            if name == "url":
                controls.courier.point_at(str(value))
            elif name == "paused":
                controls.webhooks.paused = bool(value)
            elif name in tricks_json(controls.tricks):
                setattr(controls.tricks, name, value)
    return _ok(
        {
            "state": controls.courier.state,
            "detail": controls.courier.detail,
            "url": controls.courier.url,
            "paused": controls.webhooks.paused,
            "pending": len(controls.webhooks.pending),
            "tricks": tricks_json(controls.tricks),
        }
    )


@control.get("/webhooks/captured")
def captured() -> Response:
    """Every delivery packed so far, for a sandbox without a webhook address."""
    return _ok(
        [
            {"body": base64.b64encode(item.body).decode(), "signature": item.signature, "events": item.events}
            for item in _controls().webhooks.captured
        ]
    )
