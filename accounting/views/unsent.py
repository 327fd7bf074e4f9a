"""What was never sent: how much, what sending it costs, what stands in the way."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounting.models import Connection
from accounting.queries.clashes import name_clashes
from accounting.queries.connections import connection_of_workspace
from accounting.queries.missing import missing_setup
from accounting.queries.problems import count_trouble
from accounting.queries.unsent import open_clashes, plan_of
from accounting.sync import backfill
from accounting.views.wanted import the_active_connection
from core.htmx import is_partial
from core.htmx import redirect as htmx_redirect
from workspaces.permissions import super_user_required

PAGE = 25


@require_safe
def unsent(request: HttpRequest) -> HttpResponse:
    """What was never sent, with the count per kind and the calls it costs; while it is sent, how far it is."""
    connection = connection_of_workspace()
    facts: dict[str, Any] = {"connection": connection}
    if connection is not None and connection.is_active:
        facts |= {"plan": plan_of(connection), "missing": missing_setup(connection)}
    if is_partial(request):
        if "plan" not in facts or facts["plan"].stage != request.GET.get("stage"):
            return htmx_redirect(request.path)  # what stands around it, such as what is taken, is another now
        return render(request, "accounting/_unsent_plan.html", facts)
    page = Paginator(open_clashes(), PAGE).get_page(request.GET.get("page"))
    facts |= {"page": page, "rows": list(name_clashes(page.object_list)), "counts": count_trouble()}
    return render(request, "accounting/unsent.html", facts)


@require_POST
@super_user_required
def send(request: HttpRequest) -> HttpResponse:
    """Begin to send everything that was never sent."""
    connection = the_active_connection()
    if missing_setup(connection):
        messages.error(request, "First choose where things go in Xero; then they can be sent.")
        return redirect("accounting:mapping", request.workspace.slug)
    backfill.start(connection=connection, by=request.user)
    messages.success(
        request, f"They are sent {_when(connection)}, behind everything that people do meanwhile."
    )
    return redirect("accounting:unsent", request.workspace.slug)


def _when(connection: Connection) -> str:
    if connection.is_paused:
        return "once support resumes the connection"
    return "once your plan has integrations" if connection.unplanned_since else "now"
