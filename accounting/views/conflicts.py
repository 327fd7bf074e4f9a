"""Out of sync: the list, and the page where a person decides."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounting.enums import ConflictState, Resolution
from accounting.models import Conflict
from accounting.queries.comparison import compare, moved_since
from accounting.queries.conflicts import find_conflict, name_conflicts, open_conflicts
from accounting.queries.problems import count_trouble
from accounting.queries.records import records_named
from accounting.sync.resolve import CannotResolve, ConflictClosed, ConflictMoved, resolve

PAGE = 25
SETTLED = {
    Resolution.KEEP_OURS: "Settled. Tandem's version was kept and is on its way to Xero.",
    Resolution.TAKE_THEIRS: "Settled. Xero's version was taken.",
}


@require_safe
def conflicts(request: HttpRequest) -> HttpResponse:
    """What waits for a decision."""
    page = Paginator(open_conflicts(), PAGE).get_page(request.GET.get("page"))
    facts = {"page": page, "rows": name_conflicts(page.object_list), "counts": count_trouble()}
    return render(request, "accounting/conflicts.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def conflict(request: HttpRequest, conflict_id: UUID) -> HttpResponse:
    """The three versions side by side; a press of a button says what it overwrites, and a second one settles it. Both
    carry the version that was seen: an answer to an earlier one settles nothing and shows what has moved."""
    row = get_object_or_404(find_conflict(conflict_id))
    if request.method == "POST":
        return _decide(request, row)
    choice, seen = request.GET.get("choice", ""), _seen(request.GET)
    is_late = "seen" in request.GET and seen != row.version and row.state == ConflictState.OPEN
    facts = {
        "comparison": compare(row),
        "choice": choice if choice in SETTLED and not is_late else "",
        "is_late": is_late,
        "moved": moved_since(row, seen) if is_late else (),
    }
    return render(request, "accounting/conflict.html", facts)


def _seen(data: QueryDict) -> int:
    """The version that was decided on; 0 when it is not told."""
    told = data.get("seen", "")
    return int(told) if told.isdecimal() else 0


def _decide(request: HttpRequest, row: Conflict) -> HttpResponse:
    choice, seen = request.POST.get("choice", ""), _seen(request.POST)
    if choice not in SETTLED:
        messages.error(request, "Choose one of the two versions.")
        return redirect("accounting:conflict", request.workspace.slug, row.pk)
    try:
        resolve(conflict=row, choice=Resolution(choice), seen=seen, by=request.user)
    except ConflictMoved:
        page = reverse("accounting:conflict", args=[request.workspace.slug, row.pk])
        return redirect(f"{page}?seen={seen}")
    except ConflictClosed as closed:
        messages.info(request, f"{closed} Nothing was changed by this press.")
    except CannotResolve as refused:
        messages.error(request, f"This could not be done: {refused}")
        return redirect("accounting:conflict", request.workspace.slug, row.pk)
    else:
        messages.success(request, SETTLED[Resolution(choice)])
        return _to_record(request, row)
    return redirect("accounting:conflict", request.workspace.slug, row.pk)


def _to_record(request: HttpRequest, row: Conflict) -> HttpResponse:
    """To the record that was settled: there one sees what became of it."""
    record = records_named([(row.kind, row.local_id)])[row.kind, row.local_id]
    if not record.page:
        return redirect("accounting:conflicts", request.workspace.slug)
    return redirect(record.page, request.workspace.slug, record.page_id)
