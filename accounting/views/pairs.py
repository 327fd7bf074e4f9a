"""What a super user decides about one record and its counterpart in Xero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounting.forms import IgnoreForm
from accounting.models import Connection
from accounting.port.errors import ProviderError
from accounting.queries.pairs import name_choices, standing_of
from accounting.queries.records import can_be_paired, load_record, records_named
from accounting.queries.status import states_of
from accounting.resources.registry import get_resource
from accounting.sync import candidates, ignoring, pairs, taking
from accounting.sync.deciding import CannotDecide
from accounting.views.wanted import the_active_connection
from workspaces.days import today
from workspaces.permissions import super_user_required

LONGEST_SEARCH = 100


def _connection(kind: str, local_id: UUID) -> Connection:
    connection = the_active_connection()
    if load_record(kind, local_id) is None or not can_be_paired(kind):
        raise Http404
    return connection


@require_safe
@super_user_required
def pair(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """What our record is linked to, and what it could be: a search in Xero, and the decisions there are."""
    connection = _connection(kind, local_id)
    return _page(request, connection, kind, local_id)


def _page(
    request: HttpRequest, connection: Connection, kind: str, local_id: UUID, form: IgnoreForm | None = None
) -> HttpResponse:
    record = records_named([(kind, local_id)])[kind, local_id]
    text = " ".join(_wanted(request, kind, local_id).split())[:LONGEST_SEARCH]
    facts: dict[str, Any] = {
        "connection": connection,
        "record": record,
        "status": states_of(kind, [load_record(kind, local_id)])[local_id],
        "standing": standing_of(connection, kind, local_id),
        "form": form or IgnoreForm(today=today(request.workspace)),
        "q": text,
        **(_search(connection, kind, local_id, text) if text else {}),
    }
    return render(request, "accounting/pair.html", facts, status=422 if form else 200)


def _wanted(request: HttpRequest, kind: str, local_id: UUID) -> str:
    """What is searched for: the words of a person, or what another record there has taken from ours."""
    ours = dict(get_resource(kind).names(load_record(kind, local_id)))
    return request.GET.get("q", "") or str(ours.get(request.GET.get("taken", ""), ""))  # type: ignore[call-overload]


def _search(connection: Connection, kind: str, local_id: UUID, text: str) -> dict[str, Any]:
    try:
        found = candidates.search(connection, kind, local_id, text)
    except (ProviderError, CannotDecide) as error:
        return {"problem": getattr(error, "message", str(error))}
    told = [(row.theirs, row.taken_by, row.differing) for row in found]
    return {"choices": name_choices(connection, kind, told)}


@require_POST
@super_user_required
def link(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """Link our record to the one that was chosen."""

    def decide(told: dict[str, Any]) -> None:
        keep_ours = request.POST.get("keep") == "ours"
        pairs.link(**told, remote_id=request.POST.get("remote_id", ""), keep_ours=keep_ours)

    return _decide(request, kind, local_id, decide, "Linked. It is kept in step from now on.")


@require_POST
@super_user_required
def unlink(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """Part our record from Xero's."""
    reason = request.POST.get("reason", "")[:200]
    said = "Unlinked. Nothing of it goes either way until you link it or create it in Xero."
    return _decide(request, kind, local_id, lambda told: pairs.unlink(**told, reason=reason), said)


@require_POST
@super_user_required
def ignore(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """Leave our record out of the sync."""
    connection = _connection(kind, local_id)
    form = IgnoreForm(request.POST, today=today(request.workspace))
    if not form.is_valid():
        return _page(request, connection, kind, local_id, form)
    said = "Left out. Nothing of it goes either way, and nothing is forgotten."
    return _decide(request, kind, local_id, lambda told: ignoring.ignore(**told, **form.cleaned_data), said)


@require_POST
@super_user_required
def take_back(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """Bring our record back into the sync, or have it created in Xero."""
    return _decide(
        request, kind, local_id, lambda told: ignoring.take_back(**told), "It is on its way to Xero."
    )


@require_POST
@super_user_required
def mark_synced(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """Settle what failed, where both sides say the same."""
    said = "Read from Xero and compared: both say the same, so it is synced."
    return _decide(request, kind, local_id, lambda told: pairs.mark_synced(**told), said)


@require_POST
@super_user_required
def take_theirs(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """Make ours what Xero has, whatever was to be sent."""
    said = "Xero's version was taken. Nothing of yours waits to be sent."
    return _decide(request, kind, local_id, lambda told: taking.take_theirs(**told), said)


def _decide(
    request: HttpRequest, kind: str, local_id: UUID, decide: Callable[[dict[str, Any]], None], said: str
) -> HttpResponse:
    told = {
        "connection": _connection(kind, local_id), "kind": kind, "local_id": local_id, "by": request.user
    }  # fmt: skip
    try:
        decide(told)
    except (ProviderError, CannotDecide) as error:
        messages.error(request, f"This could not be done: {getattr(error, 'message', str(error))}")
    else:
        messages.success(request, said)
    return redirect("accounting:pair", request.workspace.slug, kind, local_id)
