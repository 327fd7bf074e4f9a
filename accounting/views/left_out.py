"""What is left out of the sync, and taking it back, many at once."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounting.models import Exemption
from accounting.port.documents import Kind
from accounting.queries.left_out import left_out, left_out_among, name_left_out
from accounting.sync import ignoring
from accounting.sync.deciding import CannotDecide
from core.ids import read_id
from workspaces.models import User
from workspaces.permissions import super_user_required

PAGE = 50


@require_safe
def left_out_list(request: HttpRequest) -> HttpResponse:
    """Each with how long, why, and who said so."""
    page = Paginator(left_out(), PAGE).get_page(request.GET.get("page"))
    facts = {"page": page, "rows": name_left_out(list(page.object_list))}
    return render(request, "accounting/left_out.html", facts)


@require_POST
@super_user_required
def take_back_left_out(request: HttpRequest) -> HttpResponse:
    """Bring those chosen back into the sync, each by itself: what stays out is named, with why."""
    ids = {pk for text in request.POST.getlist("chosen")[:PAGE] if (pk := read_id(text))}
    rows = name_left_out(left_out_among(ids))
    if not rows:
        messages.error(request, "Choose what is to be taken back.")
    refused = [(record.name, why) for row, record in rows if (why := _take_back(row, request.user))]
    if done := len(rows) - len(refused):
        messages.success(request, f"Taken back into the sync: {done}.")
    for name, why in refused:
        messages.error(request, f"{name}: {why}")
    return redirect("accounting:left_out", request.workspace.slug)


def _take_back(row: Exemption, by: User) -> str:
    """Why it stays out; "" where it does not."""
    try:
        ignoring.take_back(connection=row.connection, kind=Kind(row.kind), local_id=row.local_id, by=by)
    except CannotDecide as refused:
        return str(refused)
    return ""
