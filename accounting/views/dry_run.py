"""The dry run: what connecting would do, decided on one page before anything is written."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounting.enums import DryRunState, Verdict
from accounting.forms import ConfirmForm, DecisionsForm
from accounting.models import DryRun
from accounting.queries.dry_run import decisions_of, file_of, name_decisions, outcome_of
from accounting.queries.missing import missing_setup
from accounting.queries.problems import count_trouble
from accounting.queries.run_progress import progress_of, report_of
from accounting.sync import dry_run as running
from accounting.views.wanted import the_active_connection
from core.htmx import is_partial
from core.ids import read_id
from core.spreadsheets import csv_response
from workspaces.permissions import super_user_required

PAGE = 50
ALL_DONE = "All of it is done already."
SAID = {
    Verdict.LINK: "to be linked",
    Verdict.CREATE: "to be created",
    Verdict.SKIP: "to be left out",
    Verdict.ASK: "left for later",
}


def ready_run() -> DryRun:
    """The connection's run. Raises Http404 where there is none."""
    run = DryRun.objects.select_related("connection").filter(connection=the_active_connection()).first()
    if run is None:
        raise Http404
    return run


@require_safe
@super_user_required
def dry_run(request: HttpRequest) -> HttpResponse:
    """What would happen, in numbers, and the decisions; while it reads or works, how far it is."""
    return show(request)


def show(request: HttpRequest, **more: Any) -> HttpResponse:
    """The page, with what was just done."""
    connection = the_active_connection()
    outcome = outcome_of(connection)
    progress = progress_of(connection, outcome) if outcome else None
    facts: dict[str, Any] = {
        "connection": connection,
        "outcome": outcome,
        "progress": progress,
        "show": request.GET.get("show", ""),
    }
    if is_partial(request):
        return render(request, "accounting/_dry_run.html", facts)
    if outcome is not None and progress is None and not outcome.is_under_way:
        facts |= report_of(connection, outcome)
        rows = decisions_of(outcome.run, facts["show"])
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        facts |= {"page": page, "rows": name_decisions(list(page.object_list))}
    facts |= {"missing": missing_setup(connection), "counts": count_trouble(), "confirm": ConfirmForm()}
    return render(request, "accounting/dry_run.html", facts | {"file_form": DecisionsForm()} | more)


@require_POST
@super_user_required
def start(request: HttpRequest) -> HttpResponse:
    """Compare with what is in Xero, or compare anew."""
    running.start(connection=the_active_connection(), by=request.user)
    return redirect("accounting:dry_run", request.workspace.slug)


@require_POST
@super_user_required
def decide(request: HttpRequest) -> HttpResponse:
    """Say what is to become of the chosen ones."""
    run, verdict = ready_run(), request.POST.get("verdict", "")
    ids = list(filter(None, map(read_id, request.POST.getlist("id"))))
    if verdict not in Verdict.values or not ids:
        messages.error(request, "Choose some records, and what is to become of them.")
    else:
        count = running.decide(run=run, ids=ids, verdict=Verdict(verdict), by=request.user)
        _say(request, count, len(ids), Verdict(verdict))
    page = reverse("accounting:dry_run", args=[request.workspace.slug])
    return redirect(f"{page}?show={request.POST.get('show', '')}")


def _say(request: HttpRequest, count: int, wanted: int, verdict: Verdict) -> None:
    if count:
        messages.success(request, f"{count:,} {SAID[verdict]}.")
    if count < wanted:
        why = (
            "nothing in Xero was found for them, or another is linked to it"
            if verdict == Verdict.LINK
            else "gone"
        )
        messages.warning(request, f"{wanted - count:,} stay as they were: {why}.")


@require_POST
@super_user_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Do what was decided."""
    run = ready_run()
    if missing_setup(run.connection):
        messages.error(request, "First choose where things go in Xero; then this can be done.")
    elif not (form := ConfirmForm(request.POST)).is_valid():
        messages.error(request, "Choose which version stands where a linked pair differs.")
    elif running.confirm(run=run, keeps_ours=form.cleaned_data["keep"] == "ours"):
        messages.success(request, "It is being done, behind everything that people do meanwhile.")
    else:
        messages.info(request, "It is being done already.")
    return redirect("accounting:dry_run", request.workspace.slug)


@require_POST
@super_user_required
def pause(request: HttpRequest) -> HttpResponse:
    """Let nothing more be done until it is resumed."""
    if not running.pause(run=ready_run(), by=request.user):
        messages.info(request, ALL_DONE)
    return redirect("accounting:dry_run", request.workspace.slug)


@require_POST
@super_user_required
def resume(request: HttpRequest) -> HttpResponse:
    """Go on where it was paused."""
    if not running.resume(run=ready_run(), by=request.user):
        messages.info(request, "It was not paused.")
    return redirect("accounting:dry_run", request.workspace.slug)


@require_POST
@super_user_required
def cancel(request: HttpRequest) -> HttpResponse:
    """Leave undone what was not done yet."""
    if not running.cancel(run=ready_run(), by=request.user):
        messages.info(request, ALL_DONE)
    return redirect("accounting:dry_run", request.workspace.slug)


@require_POST
@super_user_required
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the links that the run made."""
    if not running.undo(run=ready_run(), by=request.user):
        messages.info(request, "It is not over yet.")
    return redirect("accounting:dry_run", request.workspace.slug)


@require_safe
@super_user_required
def dry_run_csv(request: HttpRequest) -> HttpResponseBase:
    """All decisions as a file."""
    run = ready_run()
    if run.state == DryRunState.READING:
        return redirect("accounting:dry_run", request.workspace.slug)
    return csv_response(list(file_of(run)), name=f"{request.workspace.slug}-dry-run")
