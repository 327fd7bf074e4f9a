"""One record's standing: the badge in lists, the card on its page, and what people do about it there."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounting.queries.connections import connection_of_workspace
from accounting.queries.panel import record_panel
from accounting.queries.records import load_record, records_named
from accounting.queries.status import states_of
from accounting.sync import manual
from core.htmx import is_partial


def _record_or_404(kind: str, local_id: UUID) -> Any:
    record = load_record(kind, local_id)
    if record is None:
        raise Http404
    return record


@require_safe
def badge(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """The record's badge; nothing (204) while it is the one that was seen."""
    status = states_of(kind, [_record_or_404(kind, local_id)])[local_id]
    if status.code == request.GET.get("seen") and status.is_moving:
        return HttpResponse(status=204)
    facts = {"kind": kind, "local_id": local_id, "status": status}
    return render(request, "accounting/_badge.html", facts)


@require_safe
def record_status(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """The record's card; nothing (204) while it is the one that was seen. When it changed, the page is told."""
    panel = record_panel(kind, _record_or_404(kind, local_id))
    if panel.token == request.GET.get("seen"):
        return HttpResponse(status=204)
    response = render(request, "accounting/_panel.html", {"panel": panel})
    if "seen" in request.GET:
        # After the new card is in its place: told earlier, the old one would ask once more.
        response["HX-Trigger-After-Settle"] = json.dumps({"recordChanged": True})
    return response


@require_POST
def send_now(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """Send the record, even if nothing seems to have changed."""
    record = _record_or_404(kind, local_id)
    if (connection := connection_of_workspace()) is not None:
        manual.send_now(connection=connection, kind=kind, local_id=local_id, by=request.user)
    return _answer(request, kind, record)


@require_POST
def retry_record(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """Try again what failed for the record."""
    record = _record_or_404(kind, local_id)
    manual.retry_record(kind=kind, local_id=local_id, by=request.user)
    return _answer(request, kind, record)


def _answer(request: HttpRequest, kind: str, record: Any) -> HttpResponse:
    """The card again, or without htmx the record's page."""
    if is_partial(request):
        return render(request, "accounting/_panel.html", {"panel": record_panel(kind, record)})
    shown = records_named([(kind, record.pk)])[kind, record.pk]
    return redirect(shown.page, request.workspace.slug, shown.page_id)
