"""The chart of accounts, the tax rates and the tracking categories: archiving one is how a mapping goes stale."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, abort, request

from xero_sandbox.pages.frame import attempt, books_of, go, page, pages, this_sandbox


@pages.get("/o/<slug>/accounts/")
def accounts(slug: str) -> tuple[str, int]:
    with this_sandbox().lock:
        found = sorted(books_of(slug).accounts.all(), key=lambda account: (account.code or "~", account.name))
        return page("accounts.html", slug, accounts=found)


@pages.post("/o/<slug>/accounts/<account_id>/status")
def move_account(slug: str, account_id: str) -> Response:
    books = books_of(slug)
    account = books.accounts.get(account_id)
    if account is None or account.system_account:
        abort(404)
    status = _wanted()
    attempt(lambda: books.put(replace(account, status=status)), f"{account.name} is now {status.lower()}.")
    return go("accounts", slug=slug)


@pages.get("/o/<slug>/tax-rates/")
def tax_rates(slug: str) -> tuple[str, int]:
    with this_sandbox().lock:
        return page("tax_rates.html", slug, rates=list(books_of(slug).tax_rates.all()))


@pages.post("/o/<slug>/tax-rates/<tax_type>/status")
def move_tax_rate(slug: str, tax_type: str) -> Response:
    books = books_of(slug)
    rate = books.tax_rates.get(tax_type)
    if rate is None:
        abort(404)
    status = _wanted()
    attempt(lambda: books.put(replace(rate, status=status)), f"{rate.name} is now {status.lower()}.")
    return go("tax_rates", slug=slug)


@pages.get("/o/<slug>/tracking/")
def tracking(slug: str) -> tuple[str, int]:
    with this_sandbox().lock:
        return page("tracking.html", slug, categories=list(books_of(slug).tracking_categories.all()))


@pages.post("/o/<slug>/tracking/<category_id>/status")
def move_category(slug: str, category_id: str) -> Response:
    books = books_of(slug)
    category = books.tracking_categories.get(category_id)
    if category is None:
        abort(404)
    status = _wanted()
    attempt(lambda: books.put(replace(category, status=status)), f"{category.name} is now {status.lower()}.")
    return go("tracking", slug=slug)


@pages.post("/o/<slug>/tracking/<category_id>/<option_id>/status")
def move_option(slug: str, category_id: str, option_id: str) -> Response:
    books = books_of(slug)
    category = books.tracking_categories.get(category_id)
    found = next((row for row in category.options if row.id == option_id), None) if category else None
    if category is None or found is None:
        abort(404)
    status = _wanted()
    options = tuple(replace(row, status=status) if row is found else row for row in category.options)
    attempt(lambda: books.put(replace(category, options=options)), f"{found.name} is now {status.lower()}.")
    return go("tracking", slug=slug)


def _wanted() -> str:
    return "ACTIVE" if request.form.get("status") == "ACTIVE" else "ARCHIVED"
