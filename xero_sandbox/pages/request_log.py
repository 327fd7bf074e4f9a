"""What the app asked, newest first."""

from __future__ import annotations

from flask import Response, request

from xero_sandbox.pages.frame import go, page, pages, this_sandbox

SHOWN = 100


@pages.get("/developer/requests/")
def requests() -> tuple[str, int]:
    sandbox = this_sandbox()
    method, part = request.args.get("method", ""), request.args.get("path", "").strip()
    wanted = {"method": method} if method else {}
    found = sandbox.log.entries(path=part, **wanted)
    with sandbox.lock:
        names = {books.id: books.organisation.name for books in sandbox.store.books.values()}
    return page(
        "requests.html",
        entries=found[: -SHOWN - 1 : -1],
        count=len(found),
        method=method,
        part=part,
        names=names,
        limits=sandbox.limiter.report(),
    )


@pages.post("/developer/requests/clear")
def clear_requests() -> Response:
    this_sandbox().log.clear()
    return go("requests", "The log is empty.")
