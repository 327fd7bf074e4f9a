"""Taking back what was decided about records that were out of sync."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounting.queries.conflicts import decided_conflicts
from accounting.queries.records import records_named
from accounting.sync.taking_back import take_back_many
from core.ids import read_id

MOST = 100


@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Undo the decisions about these conflicts, each by itself: what is too late is named, with why."""
    rows = decided_conflicts(_chosen(request.POST.getlist("chosen")))
    if not rows:
        messages.error(request, "Choose the decisions to take back.")
        return redirect("accounting:conflicts", request.workspace.slug)
    done, refused = take_back_many(decided=rows, by=request.user)
    if done:
        again = "It waits for a decision again." if done == 1 else "They wait for a decision again."
        messages.success(request, f"Taken back: {done}. {again}")
    records = records_named({(row.kind, row.local_id) for row, _ in refused})
    for row, why in refused:
        messages.error(request, f"{records[row.kind, row.local_id].name}: {why}")
    if len(rows) == 1:
        return redirect("accounting:conflict", request.workspace.slug, rows[0].pk)
    return redirect("accounting:conflicts", request.workspace.slug)


def _chosen(told: Iterable[str]) -> set[UUID]:
    return {pk for text in list(told)[:MOST] if (pk := read_id(text))}
