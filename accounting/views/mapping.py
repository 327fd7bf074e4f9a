"""Settings > Accounting > Manage: which account, which tax rate, which status."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounting.forms import MappingForm
from accounting.models import Connection
from accounting.queries.allowed import lacking_of
from accounting.queries.connections import connection_of_workspace
from accounting.queries.missing import missing_setup
from accounting.queries.unsent import count_unsent
from accounting.queries.words import load_names, say_changes
from accounting.sync.manual import read_lists_by_hand
from accounting.sync.mapping import Foreseen, NotForeseen, save_mapping
from accounting.sync.reference import ReadAMomentAgo, ask_if_old, is_old
from accounting.sync.state import Paused
from accounting.views.leaving import may_leave_for_xero
from accounting.views.wanted import the_connection
from workspaces.permissions import super_user_required

A_MOMENT_AGO = (
    "The lists were read a moment ago, and each reading costs calls to Xero. Try again in half a minute."
)


@require_http_methods(["GET", "HEAD", "POST"])
@super_user_required
@may_leave_for_xero
def mapping(request: HttpRequest) -> HttpResponse:
    """The choices for the connection, from the organisation's own lists."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active:
        messages.info(request, "Connect Xero first; then there is something to choose from.")
        return redirect("accounting:settings", request.workspace.slug)
    form = MappingForm(request.POST or None, connection=connection)
    is_sent = request.method == "POST" and form.is_valid() and "back" not in request.POST
    if is_sent and (answer := _save(request, connection, form)) is not None:
        return answer
    facts = {
        "connection": connection,
        "form": form,
        "missing": missing_setup(connection),
        "lacks": lacking_of(connection),
        "unsent": count_unsent(),
        "asks": request.method != "POST" and is_old(connection) and not connection.is_stopped,
    }
    return render(request, "accounting/mapping.html", facts, status=422 if form.errors else 200)


def _save(request: HttpRequest, connection: Connection, form: MappingForm) -> HttpResponse | None:
    """Keep what was chosen, once a person has seen what that does to records; None where it was refused."""
    seen = Foreseen.unsealed(request.POST.get("seen", ""))
    try:
        changes = save_mapping(connection=connection, choices=form.choices(), by=request.user, seen=seen)
    except ValidationError as refused:
        form.add_error(None, refused)
        return None
    except NotForeseen as news:
        return _confirm(request, connection, form, news.foreseen, is_other=bool(seen.effects))
    messages.success(request, "Saved." if changes else "Nothing was changed.")
    return redirect("accounting:mapping", request.workspace.slug)


def _confirm(
    request: HttpRequest, connection: Connection, form: MappingForm, foreseen: Foreseen, *, is_other: bool
) -> HttpResponse:
    told = {"changes": say_changes("", foreseen.changes, load_names(connection.pk))}
    facts = {"form": form, "foreseen": foreseen, "told": told, "is_other": is_other}
    return render(request, "accounting/mapping_confirm.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@super_user_required
def lists_age(request: HttpRequest) -> HttpResponse:
    """How old the lists are. The page posts when they are old, so that a worker reads them; meanwhile it asks again,
    until they are other than those `seen`."""
    connection = the_connection()
    if request.method == "POST" and connection.is_active:
        ask_if_old(connection)
    read_at = connection.reference_data_at
    is_read = read_at is not None and str(int(read_at.timestamp())) != request.GET.get("seen", "")
    is_reading = not is_read and is_old(connection) and not connection.is_stopped
    facts = {"connection": connection, "is_reading": is_reading, "is_read": is_read}
    return render(request, "accounting/_lists_age.html", facts)


@require_POST
@super_user_required
def refresh_lists(request: HttpRequest) -> HttpResponse:
    """Read what the organisation offers to choose from again."""
    connection = connection_of_workspace()
    if connection is not None and connection.is_active:
        try:
            problem = read_lists_by_hand(connection)
        except ReadAMomentAgo:
            messages.info(request, A_MOMENT_AGO)
        except Paused as paused:
            messages.warning(request, f"{paused.message} The lists are read {paused.until}.")
        else:
            _tell(request, connection, problem)
    return redirect("accounting:mapping", request.workspace.slug)


def _tell(request: HttpRequest, connection: Connection, problem: str) -> None:
    if problem:
        messages.error(request, f"Xero's lists could not be read now, and are read soon: {problem}")
    else:
        messages.success(request, f"The lists of {connection.tenant_name} were read again.")
