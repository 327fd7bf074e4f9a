"""Connected apps: where a person disconnects an app without telling it."""

from __future__ import annotations

from flask import Response

from xero_sandbox.pages.frame import attempt, books_of, go, page, pages, this_sandbox


@pages.get("/o/<slug>/connected-apps/")
def connected_apps(slug: str) -> tuple[str, int]:
    sandbox = this_sandbox()
    with sandbox.lock:
        rows = sandbox.store.connections.find("tenant", books_of(slug).id)
        return page(
            "connected_apps.html",
            slug,
            rows=[(row, sandbox.store.users.get(row.user_id)) for row in rows],
            app_name=sandbox.config.app_name,
        )


@pages.post("/o/<slug>/connected-apps/disconnect")
def disconnect_app(slug: str) -> Response:
    sandbox = this_sandbox()
    attempt(
        lambda: sandbox.disconnect(books_of(slug).id),
        f"{sandbox.config.app_name} is disconnected. It will find out with its next call.",
    )
    return go("connected_apps", slug=slug)
