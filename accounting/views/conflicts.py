"""Out of sync: the list, and the page where a person decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounting.enums import ConflictState, Resolution
from accounting.models import Conflict
from accounting.queries.comparison import compare, moved_since
from accounting.queries.conflicts import (
    decided_lately,
    find_conflict,
    name_conflicts,
    next_open,
    open_conflicts,
)
from accounting.queries.problems import count_trouble
from accounting.queries.records import records_named
from accounting.sync.keeping import prospects_of
from accounting.sync.resolve import ConflictClosed, ConflictMoved, rehearse, resolve
from accounting.sync.taking_back import why_not
from accounting.sync.together import CannotResolve

PAGE = 25
SETTLED = {
    Resolution.KEEP_OURS: "Settled. Tandem's version was kept and is on its way to Xero.",
    Resolution.TAKE_THEIRS: "Settled. Xero's version was taken.",
    Resolution.MERGE: "Settled. The result was written here, and what differs is on its way to Xero.",
}
WHOLE = (Resolution.KEEP_OURS, Resolution.TAKE_THEIRS)
PICK = "pick."
"""Before the name of a choice, in the form."""


@require_safe
def conflicts(request: HttpRequest) -> HttpResponse:
    """What waits for a decision."""
    page = Paginator(open_conflicts(), PAGE).get_page(request.GET.get("page"))
    decided = name_conflicts(list(decided_lately()[:PAGE]))
    facts = {
        "page": page,
        "rows": name_conflicts(page.object_list),
        "decided": decided,
        "counts": count_trouble(),
    }
    return render(request, "accounting/conflicts.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def conflict(request: HttpRequest, conflict_id: UUID) -> HttpResponse:
    """The versions side by side. A whole version is asked for first, and says what it overwrites; picks are settled as
    their result shows. Each answer carries the version that was seen: one to an earlier version settles nothing and
    shows what has moved."""
    row = get_object_or_404(find_conflict(conflict_id))
    if request.method == "POST":
        return _show(request, row) if "show" in request.POST else _decide(request, row)
    choice, seen = request.GET.get("choice", ""), _seen(request.GET)
    is_late = "seen" in request.GET and seen != row.version and row.state == ConflictState.OPEN
    prospect = prospects_of([row])[row.pk]
    is_offered = choice in WHOLE and not (choice == Resolution.KEEP_OURS and prospect.refused)
    facts = {
        "comparison": compare(row),
        "prospect": prospect,
        "choice": choice if is_offered and not is_late else "",
        "is_late": is_late,
        "moved": moved_since(row, seen) if is_late else (),
    }
    return _page(request, row, facts)


def _page(request: HttpRequest, row: Conflict, facts: dict[str, Any]) -> HttpResponse:
    offers = facts["comparison"].offers_picks and not facts.get("choice")
    is_picking = offers and row.state == ConflictState.OPEN
    shows_result = is_picking or row.resolution == Resolution.MERGE
    told = {
        "picking": "picks" if is_picking else "",
        "result_title": "Result" if shows_result else "",
        "late": "" if row.state == ConflictState.OPEN else why_not(row, row.link),
    }
    return render(request, "accounting/conflict.html", {**facts, **told, "next": next_open(row)})


@require_POST
def conflict_result(request: HttpRequest, conflict_id: UUID) -> HttpResponse:
    """What comes of the picks, for the page that is open. Nothing is written."""
    row = get_object_or_404(find_conflict(conflict_id))
    return render(request, "accounting/_conflict_result.html", _with_result(request, row))


def _show(request: HttpRequest, row: Conflict) -> HttpResponse:
    """The same on a page of its own, for a browser without script."""
    facts = _with_result(request, row)
    if facts["has_moved"]:
        return _to_moved(request, row)
    return _page(request, row, facts)


def _with_result(request: HttpRequest, row: Conflict) -> dict[str, Any]:
    picks, result, refused, has_moved = _picks(request.POST), None, "", False
    try:
        result = rehearse(conflict=row, picks=picks, seen=_seen(request.POST))
    except (ConflictMoved, ConflictClosed):
        has_moved = True
    except CannotResolve as error:
        refused = str(error)
    facts = {"comparison": compare(row, picks, result), "prospect": prospects_of([row])[row.pk]}
    return {**facts, "refused": refused, "has_moved": has_moved}


def _picks(data: QueryDict) -> dict[str, Any]:
    return {name.removeprefix(PICK): data[name] for name in data if name.startswith(PICK)}


def _seen(data: QueryDict) -> int:
    """The version that was decided on; 0 when it is not told."""
    told = data.get("seen", "")
    return int(told) if told.isdecimal() else 0


def _decide(request: HttpRequest, row: Conflict) -> HttpResponse:
    choice, seen, picks = request.POST.get("choice", ""), _seen(request.POST), _picks(request.POST)
    if choice not in SETTLED:
        messages.error(request, "Choose one of the two versions.")
        return redirect("accounting:conflict", request.workspace.slug, row.pk)
    held = prospects_of([row])[row.pk].held
    try:
        resolve(conflict=row, choice=Resolution(choice), seen=seen, by=request.user, picks=picks)
    except ConflictMoved:
        return _to_moved(request, row)
    except ConflictClosed as closed:
        messages.info(request, f"{closed} Nothing was changed by this press.")
    except CannotResolve as refused:
        messages.error(request, f"This could not be done: {refused}")
        if choice == Resolution.MERGE:  # what was picked stays picked
            return _show(request, row)
    else:
        settled = _settled(Resolution(choice), held)
        page = reverse("accounting:conflict", args=[request.workspace.slug, row.pk])
        messages.success(request, format_html('{} <a href="{}#decided">Take it back</a>', settled, page))
        return _go_on(request, row)
    return redirect("accounting:conflict", request.workspace.slug, row.pk)


def _settled(choice: Resolution, held: str) -> str:
    if held and choice == Resolution.KEEP_OURS:
        return f"Settled. Tandem's version was kept. {held}"
    return SETTLED[choice]


def _to_moved(request: HttpRequest, row: Conflict) -> HttpResponse:
    page = reverse("accounting:conflict", args=[request.workspace.slug, row.pk])
    return redirect(f"{page}?seen={_seen(request.POST)}")


def _go_on(request: HttpRequest, row: Conflict) -> HttpResponse:
    """To the next one that waits, where that was asked for; else to the record, where one sees what became of it."""
    if "next" in request.POST:
        following = next_open(row)
        if following is None:
            return redirect("accounting:conflicts", request.workspace.slug)
        return redirect("accounting:conflict", request.workspace.slug, following.pk)
    record = records_named([(row.kind, row.local_id)])[row.kind, row.local_id]
    if not record.page:
        return redirect("accounting:conflicts", request.workspace.slug)
    return redirect(record.page, request.workspace.slug, record.page_id)
