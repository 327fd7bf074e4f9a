"""What happened."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounting.forms import ActivityForm
from accounting.queries.activity import list_activity, page_of, people_of_activity, walk_activity
from accounting.queries.problems import count_trouble
from accounting.views.activity_table import activity_table
from core.ids import read_id
from core.spreadsheets import csv_response
from workspaces.days import today

PAGE = 25


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """What went each way, newest first."""
    form = ActivityForm(request.GET, people=people_of_activity())
    wanted, before = form.wanted(), read_id(request.GET.get("before", ""))
    facts = {
        "form": form,
        "page": page_of(list_activity(request.workspace, wanted), before, PAGE) if wanted else None,
        "before": before,
        "query": urlencode(form.query),
        "counts": count_trouble(),
    }
    return render(request, "accounting/activity.html", facts)


@require_safe
def activity_csv(request: HttpRequest) -> HttpResponseBase:
    """What the page shows with the same address, all pages of it, as a file."""
    workspace = request.workspace
    wanted = ActivityForm(request.GET, people=people_of_activity()).wanted()
    if wanted is None:
        return redirect(f"{reverse('accounting:activity', args=[workspace.slug])}?{request.GET.urlencode()}")
    rows = activity_table(walk_activity(workspace, wanted), workspace, request.build_absolute_uri("/"))
    return csv_response(rows, name=f"{workspace.slug}-activity-{today(workspace)}")
