"""Webhooks as the developer portal shows them: state, the check, recent deliveries, and misbehaviour on request."""

from __future__ import annotations

from flask import Response, request

from xero_sandbox.pages.frame import go, page, pages, this_sandbox


@pages.get("/developer/webhooks/")
def webhooks() -> tuple[str, int]:
    sandbox = this_sandbox()
    return page(
        "webhooks.html",
        courier=sandbox.courier,
        hub=sandbox.hub,
        deliveries=list(sandbox.hub.deliveries)[:-51:-1],
    )


@pages.post("/developer/webhooks/address")
def set_webhook_address() -> Response:
    url = request.form.get("url", "").strip()
    if url.startswith(("http://", "https://")):
        this_sandbox().courier.point_at(url)
        return go("webhooks", "Saved. The check runs now.")
    return go("webhooks", "The address must start with http:// or https://.")


@pages.post("/developer/webhooks/check")
def check_webhooks() -> Response:
    this_sandbox().courier.check_again()
    return go("webhooks", "The intent-to-receive check is on its way.")


@pages.post("/developer/webhooks/pause")
def pause_webhooks() -> Response:
    hub = this_sandbox().hub
    hub.paused = request.form.get("paused") == "1"
    return go("webhooks", "Paused. Events wait." if hub.paused else "Deliveries go on.")


@pages.post("/developer/webhooks/tricks")
def set_tricks() -> Response:
    tricks = this_sandbox().hub.tricks
    tricks.copies = _whole("copies", 5)
    tricks.shuffle = "shuffle" in request.form
    tricks.delay_seconds = float(_whole("delay_seconds", 120))
    tricks.drop = _whole("drop", 50)
    tricks.wrong_signature = _whole("wrong_signature", 50)
    return go("webhooks", "Saved.")


def _whole(name: str, most: int) -> int:
    return min(most, max(0, request.form.get(name, 0, type=int)))
