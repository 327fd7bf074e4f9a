"""Organisation settings: lock dates and currencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Response, request

from xero_sandbox.currencies import NAMES
from xero_sandbox.pages.frame import attempt, books_of, go, page, pages
from xero_sandbox.standing import STANDINGS


@pages.get("/o/<slug>/settings/")
def settings(slug: str) -> tuple[str, int]:
    return page("settings.html", slug, currencies=NAMES, standings=STANDINGS)


@pages.post("/o/<slug>/settings/locks")
def set_locks(slug: str) -> Response:
    books = books_of(slug)

    def act() -> None:
        books.put(
            replace(
                books.organisation,
                period_lock_date=_day("period_lock_date"),
                end_of_year_lock_date=_day("end_of_year_lock_date"),
            )
        )

    attempt(act, "Lock dates saved.")
    return go("settings", slug=slug)


def _day(name: str) -> date | None:
    value = request.form.get(name, "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


@pages.post("/o/<slug>/settings/currencies")
def set_currencies(slug: str) -> Response:
    """The base currency stays; Xero itself can only add, but here a mistake may be undone."""
    books = books_of(slug)
    base = books.organisation.base_currency
    chosen = [code for code in request.form.getlist("currency") if code in NAMES and code != base]
    attempt(lambda: books.put(replace(books.organisation, currencies=(base, *chosen))), "Currencies saved.")
    return go("settings", slug=slug)


@pages.post("/o/<slug>/settings/standing")
def set_standing(slug: str) -> Response:
    """What the plan and the role of whoever connected the app still allow."""
    books = books_of(slug)
    chosen = request.form.get("standing", "")
    if chosen in STANDINGS:
        attempt(lambda: books.put(replace(books.organisation, standing=chosen)), "Saved.")
    return go("settings", slug=slug)
