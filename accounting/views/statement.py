"""The agreement statement: both sides are equal, or what is apart and since when."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounting.enums import Reading
from accounting.models import Connection, Statement, StatementDifference
from accounting.queries import statement as told
from accounting.queries.connections import connection_of_workspace
from accounting.queries.problems import count_trouble
from accounting.sync import nightly, proof
from accounting.sync.settle_difference import settle_difference
from accounting.sync.statement import standing_now
from accounting.views.statement_table import statement_table
from accounting.views.wanted import the_connection
from core.htmx import is_partial
from core.htmx import redirect as htmx_redirect
from core.spreadsheets import csv_response
from workspaces.days import today

PAGE = 25


def _day(request: HttpRequest) -> dt.date | None:
    """The day that the address names; what cannot be read is the newest."""
    try:
        return dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """The newest one, or the last of a day, with the strip of days."""
    connection = connection_of_workspace()
    facts: dict[str, Any] = {"connection": connection, "counts": count_trouble()}
    if connection is None:
        return render(request, "accounting/statement.html", facts)
    newest = told.find_statement(connection, None)
    if is_partial(request):
        return _poll(request, connection, newest)
    day = _day(request)
    shown = told.find_statement(connection, day) if day else newest
    facts |= {
        "newest": newest,
        "statement": shown,
        "day": day,
        "days": told.strip_of(connection, today(request.workspace)),
        "proof": told.proof_under_way(connection),
        "is_awaited": "asked" in request.GET and not day,
        "last_proof": told.last_proof(connection),
    }
    if shown:
        facts |= _facts_of(request, connection, shown, live=shown == newest)
    return render(request, "accounting/statement.html", facts)


def _facts_of(
    request: HttpRequest, connection: Connection, shown: Statement, *, live: bool
) -> dict[str, Any]:
    page = Paginator(told.differences_of(shown), PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    now = standing_now(connection, found) if live else {}
    return {
        "lines": told.lines_of(shown),
        "as_of": told.said_at(shown, request.workspace.zone),
        "compared": told.compared_words(shown),
        "unsent": told.counted_words(shown.unsent),
        "only_there": told.counted_words(shown.only_there),
        "page": page,
        "rows": told.name_differences(connection, found, now),
        "is_newest": live,
    }


def _poll(request: HttpRequest, connection: Connection, newest: Statement | None) -> HttpResponse:
    """Nothing (204) until there is a newer one than the page shows."""
    seen = request.GET.get("seen", "")
    if str(newest.pk if newest else "") == seen:
        return HttpResponse(status=204)
    return htmx_redirect(request.path)


@require_safe
def statement_csv(request: HttpRequest) -> HttpResponseBase:
    """What the page shows with the same address, all of it, as a file."""
    connection = the_connection()
    shown = told.find_statement(connection, _day(request))
    if shown is None:
        raise Http404
    rows = statement_table(connection, shown, request.workspace, request.build_absolute_uri("/"))
    return csv_response(rows, name=f"{request.workspace.slug}-agreement-{shown.day}")


@require_POST
def prove_now(request: HttpRequest) -> HttpResponse:
    """Make one now: from what is known or, where asked for, from everything read again."""
    connection = the_connection()
    if not connection.is_active:
        messages.error(request, "Xero is not connected. What both sides say can be compared once it is.")
        return redirect("accounting:statement", request.workspace.slug)
    if request.POST.get("reading") == Reading.FULL:
        proof.begin(connection=connection, by=request.user)
    else:
        nightly.ask_now(connection)
    response = redirect("accounting:statement", request.workspace.slug)
    response["Location"] += "?asked"
    return response


@require_POST
def settle(request: HttpRequest, difference_id: UUID) -> HttpResponse:
    """Settle one of the list, as its button says."""
    row = get_object_or_404(StatementDifference.objects.select_related("connection"), pk=difference_id)
    settle_difference(difference=row, by=request.user)
    messages.success(request, "It is on its way. It is settled once both sides say the same.")
    return redirect("accounting:statement", request.workspace.slug)
