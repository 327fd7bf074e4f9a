"""Faults in plain words: press a button, and the app's next calls meet trouble."""

from __future__ import annotations

from flask import Response, abort, request

from xero_sandbox.handle import Controls
from xero_sandbox.pages.fault_presets import GROUPS, PRESETS
from xero_sandbox.pages.frame import go, page, pages, this_sandbox
from xero_sandbox.sandbox import Sandbox

_TIMES = {"1": 1, "3": 3, "10": 10, "always": None}


@pages.get("/developer/faults/")
def faults() -> tuple[str, int]:
    sandbox = this_sandbox()
    return page("faults.html", groups=GROUPS, waiting=sandbox.faults.waiting(), now=sandbox.clock.now())


@pages.post("/developer/faults/add")
def add_fault() -> Response:
    preset = PRESETS.get(request.form.get("key", ""))
    if preset is None:
        abort(400)
    organisation = request.form.get("organisation") or None
    scoped = preset.options.get("path") is None and preset.kind != "invalid_grant"
    this_sandbox().faults.add(
        preset.kind,
        **preset.options,
        times=_TIMES.get(request.form.get("times", "1"), 1),
        organisation=organisation if scoped else None,
    )
    return go("faults", f"Waiting: {preset.title.lower()}.")


@pages.post("/developer/faults/reject")
def add_rejection() -> Response:
    text, message = request.form.get("text", "").strip(), request.form.get("message", "").strip()
    if not text:
        return go("faults", "Say which documents to refuse.")
    options = {"message": message} if message else {}
    this_sandbox().faults.add("reject", match=_literal(text), **options)
    return go("faults", f"Documents with {text} in them will be refused.")


def _literal(text: str) -> str:
    return "".join(letter if letter.isalnum() else f"\\{letter}" for letter in text)


@pages.post("/developer/faults/remove")
def remove_fault() -> Response:
    this_sandbox().faults.remove(request.form.get("number", 0, type=int))
    return go("faults", "Removed.")


@pages.post("/developer/faults/clear")
def clear_faults() -> Response:
    sandbox = this_sandbox()
    sandbox.faults.clear()
    sandbox.limiter.reset()
    return go("faults", f"Everything works again. {_said_of_waiting(sandbox)}")


def _said_of_waiting(sandbox: Sandbox) -> str:
    if sandbox.tell_recovery():
        return f"{sandbox.config.app_name} was told, and does not wait any longer."
    return "An app that was told to wait may be waiting still."


@pages.post("/developer/faults/expire-tokens")
def expire_tokens() -> Response:
    Controls(this_sandbox()).expire_tokens()
    return go("faults", "Every access token has expired; refreshing still works.")


@pages.post("/developer/faults/clock")
def move_clock() -> Response:
    minutes = min(60 * 24 * 90, max(0, request.form.get("minutes", 0, type=int)))
    sandbox = this_sandbox()
    sandbox.clock.advance(minutes * 60)
    sandbox.faults.let_pass(minutes * 60)
    return go("faults", f"The sandbox's clock is {minutes} minutes later. {_said_of_waiting(sandbox)}")
