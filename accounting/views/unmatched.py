"""What was made in Xero and is not here: link it, make it here, or leave it there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounting.enums import Verdict
from accounting.models import Newcomer
from accounting.queries.connections import connection_of_workspace
from accounting.queries.problems import count_trouble
from accounting.queries.unmatched import SHOWN, count_unmatched, name_unmatched, ours_like, unmatched
from accounting.resources.rules import rules_of
from accounting.sync.deciding import CannotDecide
from accounting.sync.likely import likely_ours
from accounting.sync.unmatched import decide
from accounting.views.wanted import the_active_connection
from core.ids import read_id
from workspaces.permissions import super_user_required

PAGE = 50
LONGEST_SEARCH = 100
SAID = {
    Verdict.LINK: "to be linked. It is done as soon as Xero was read again",
    Verdict.CREATE: "to be made here. It is done as soon as Xero was read again",
    Verdict.SKIP: "left in Xero",
    Verdict.ASK: "to be decided again",
}


@require_safe
@super_user_required
def born_there(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, what is on its way, what was left."""
    connection = connection_of_workspace()
    facts: dict[str, Any] = {"connection": connection, "counts": count_trouble()}
    if connection is not None and connection.is_active:
        show = request.GET.get("show", "")
        show = show if show in SHOWN else ""
        page = Paginator(unmatched(connection, show), PAGE).get_page(request.GET.get("page"))
        rows = list(page.object_list)
        facts |= {
            "is_listed": rules_of(connection).queues_born_there,
            "groups": count_unmatched(connection),
            "show": show,
            "page": page,
            "rows": name_unmatched(connection, rows, likely_ours(connection, rows)),
        }
    return render(request, "accounting/unmatched.html", facts)


@require_POST
@super_user_required
def decide_newcomers(request: HttpRequest) -> HttpResponse:
    """Say what becomes of the chosen ones: each is linked to what was suggested for it where that is wanted."""
    verdict = request.POST.get("verdict", "")
    ids = list(filter(None, map(read_id, request.POST.getlist("id"))))
    if verdict not in Verdict.values or not ids:
        messages.error(request, "Choose some of them, and what becomes of them.")
    else:
        choices = {pk: read_id(request.POST.get(f"ours-{pk}", "")) for pk in ids}
        if verdict == Verdict.LINK:
            choices = {pk: ours for pk, ours in choices.items() if ours}
        _decide(request, choices, Verdict(verdict), left=len(ids) - len(choices))
    page = reverse("accounting:unmatched", args=[request.workspace.slug])
    return redirect(f"{page}?{urlencode({'show': request.POST.get('show', '')})}")


def _decide(request: HttpRequest, choices: dict[UUID, UUID | None], verdict: Verdict, left: int) -> None:
    try:
        count = decide(
            connection=the_active_connection(), choices=choices, verdict=verdict,
            and_its_own=bool(request.POST.get("and_its_own")), by=request.user,
        )  # fmt: skip
    except CannotDecide as refused:
        messages.error(request, f"Nothing was decided: {refused}")
        return
    if count:
        messages.success(request, f"{count:,} {SAID[verdict]}.")
    if left:
        messages.warning(
            request, f"{left:,} stay as they were: nothing was suggested for them. Search on their own page."
        )


@require_safe
@super_user_required
def newcomer(request: HttpRequest, newcomer_id: UUID) -> HttpResponse:
    """One of them, with a search among ours for what it is to be linked to."""
    connection = the_active_connection()
    row = get_object_or_404(Newcomer, pk=newcomer_id, connection=connection)
    text = " ".join(request.GET.get("q", "").split())[:LONGEST_SEARCH]
    facts = {
        "connection": connection,
        "row": name_unmatched(connection, [row], likely_ours(connection, [row]))[0],
        "q": text,
        "found": ours_like(connection, row.kind, text) if text else [],
    }
    return render(request, "accounting/newcomer.html", facts)
