"""The financial side of a customer: what they owe by currency, and what it came from."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.spreadsheets import csv_response
from customers.models import Customer
from customers.queries import get_customer
from ledger.queries import Account, Ledger, accounts_of
from ledger.table import ledger_table
from workspaces.days import today

PER_PAGE = 50


@require_safe
def financial(request: HttpRequest, customer_pk: UUID) -> HttpResponse:
    """What a customer owes in each currency, and the ledger of the one that is asked for."""
    customer = _customer(customer_pk)
    accounts = accounts_of(customer, today=today(request.workspace))
    shown = _asked(request, accounts)
    ledger = Ledger(customer, shown.currency)
    context = {
        "customer": customer,
        "accounts": accounts,
        "shown": shown,
        "ledger": ledger,
        "page": Paginator(ledger, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "ledger/financial.html", context)


@require_safe
def download(request: HttpRequest, customer_pk: UUID) -> StreamingHttpResponse:
    """The whole ledger of one currency for a spreadsheet."""
    customer = _customer(customer_pk)
    shown = _asked(request, accounts_of(customer, today=today(request.workspace)))
    entries = list(ledger_table(Ledger(customer, shown.currency), shown.currency))
    return csv_response(entries, name=f"ledger-{customer.reference}-{shown.currency}")


def _asked(request: HttpRequest, accounts: list[Account]) -> Account:
    """The account in the currency that the address names; else the first in which something is open, else the first."""
    wanted = request.GET.get("currency", "")
    named = next((row for row in accounts if row.currency == wanted), None)
    return named or next((row for row in accounts if row.due or row.credit), accounts[0])


def _customer(pk: UUID) -> Customer:
    try:
        return get_customer(pk)
    except Customer.DoesNotExist as error:
        raise Http404 from error
