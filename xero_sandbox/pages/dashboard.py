"""The first page of an organisation: what is owed, what is overdue, what came in last."""

from __future__ import annotations

from decimal import Decimal

from flask import Response

from xero_sandbox.books import Books
from xero_sandbox.documents import ZERO, Invoice
from xero_sandbox.pages.frame import books_of, go, page, pages, this_sandbox


@pages.get("/")
def start() -> Response:
    first = next(iter(this_sandbox().store.books.values()))
    return go("dashboard", slug=first.organisation.slug)


@pages.get("/o/<slug>/")
def dashboard(slug: str) -> tuple[str, int]:
    sandbox = this_sandbox()
    with sandbox.lock:
        books = books_of(slug)
        recent = [invoice for invoice, _ in zip(books.invoices.newest_first(), range(8), strict=False)]
        return page(
            "dashboard.html",
            slug,
            figures=_figures(books),
            recent=[(invoice, books.contacts.get(invoice.contact_id)) for invoice in recent],
            connected=sandbox.store.is_connected(books.id),
            app_name=sandbox.config.app_name,
        )


def _figures(books: Books) -> list[tuple[str, int, str, Decimal]]:
    """Count and sum of each pile, with the filter that lists it."""
    today = books.clock.today(books.organisation.zone)
    sales = [invoice for invoice in books.invoices.all() if invoice.type == "ACCREC"]
    owed = [invoice for invoice in sales if invoice.status == "AUTHORISED"]
    late = [invoice for invoice in owed if invoice.due_date and invoice.due_date < today]
    drafts = [invoice for invoice in sales if invoice.status == "DRAFT"]
    paid = [invoice for invoice in sales if invoice.status == "PAID"]
    return [
        ("Awaiting payment", len(owed), "AUTHORISED", _due(owed)),
        ("Overdue", len(late), "OVERDUE", _due(late)),
        ("Drafts", len(drafts), "DRAFT", _total(drafts)),
        ("Paid", len(paid), "PAID", _total(paid)),
    ]


def _due(invoices: list[Invoice]) -> Decimal:
    """What is owed, in the organisation's own currency."""
    return sum((invoice.amount_due / invoice.currency_rate for invoice in invoices), ZERO)


def _total(invoices: list[Invoice]) -> Decimal:
    return sum((invoice.total / invoice.currency_rate for invoice in invoices), ZERO)
