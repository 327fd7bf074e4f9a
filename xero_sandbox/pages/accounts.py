"""The chart of accounts and the tax rates: archiving one is how a mapping goes stale."""

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
    status = "ACTIVE" if request.form.get("status") == "ACTIVE" else "ARCHIVED"
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
    status = "ACTIVE" if request.form.get("status") == "ACTIVE" else "ARCHIVED"
    attempt(lambda: books.put(replace(rate, status=status)), f"{rate.name} is now {status.lower()}.")
    return go("tax_rates", slug=slug)
