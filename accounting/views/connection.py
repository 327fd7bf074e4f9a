"""Settings > Accounting: connect, choose an organisation, disconnect."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings as conf
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounting.forms import TenantForm
from accounting.models import ConnectAttempt, Connection
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.queries.allowed import lacking_kinds, name_all
from accounting.queries.connections import connection_of_workspace
from accounting.queries.plan import cover_of
from accounting.queries.setup import (
    attempts_of,
    connection_card,
    country_name,
    is_open,
)
from accounting.queries.usage import usage_of
from accounting.sync import connect as connecting
from accounting.sync import consent, manual
from accounting.sync.connect import OrganisationChanged
from accounting.sync.consent import ConnectRefused
from accounting.sync.probe import count_bad, probe
from accounting.sync.state import Paused
from accounting.views.leaving import may_leave_for_xero
from accounting.views.wanted import the_connection
from workspaces.models import Workspace
from workspaces.permissions import super_user_required
from workspaces.proof import proof_required
from workspaces.queries import membership_in
from workspaces.scope import all_workspaces, scope
from workspaces.zones import say_zone

GONE = "This connection attempt is no longer valid. Please start again."
NOT_ALLOWED = "Xero did not allow {}. They wait until it does, and all else goes on."
CANCELLED = "Xero was not connected, because access was not allowed on Xero's page. Nothing has changed."


@require_safe
@super_user_required
@may_leave_for_xero
def settings(request: HttpRequest) -> HttpResponse:
    """A card for each provider."""
    card = connection_card()
    facts: dict[str, Any] = {"card": card, "cover": cover_of(request.workspace)}
    if card.connection is not None and card.is_connected:
        facts["usage"] = usage_of(card.connection, reserve=Connection.DAY_RESERVE)
    return render(request, "accounting/settings.html", facts)


@require_POST
@super_user_required
@proof_required(back="accounting:settings")
def connect(request: HttpRequest) -> HttpResponse:
    """Leave for Xero's consent page."""
    try:
        url = consent.begin(
            workspace=request.workspace,
            session_key=_session_key(request),
            redirect_uri=_redirect_uri(),
            by=request.user,
        )
    except ConnectRefused as refused:
        messages.error(request, str(refused))
        return redirect("accounting:settings", request.workspace.slug)
    return redirect(url)


def _session_key(request: HttpRequest) -> str:
    if request.session.session_key is None:
        request.session.create()
    return str(request.session.session_key)


def _redirect_uri() -> str:
    return conf.SITE_URL + reverse("oauth:xero_callback")


@require_safe
@login_required
def xero_callback(request: HttpRequest) -> HttpResponse:
    """Back from Xero. The state tells which workspace it is about, and that this browser asked for it."""
    state = request.GET.get("state", "")
    try:
        with all_workspaces("the state names the workspace"):
            attempt = consent.take_attempt(state=state, session_key=_session_key(request), by=request.user)
    except ConnectRefused as refused:
        messages.error(request, str(refused))
        return redirect("home")
    membership = membership_in(user=request.user, slug=attempt.workspace.slug)
    if membership is None or not membership.is_super_user:
        messages.error(request, "Only super users of a workspace connect it to Xero.")
        return redirect("home")
    with scope(attempt.workspace):
        return _arrive(request, attempt)


def _arrive(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    try:
        if "error" in request.GET or not request.GET.get("code"):
            raise ConnectRefused(_no_code(request.GET.get("error", "")))
        tenants = consent.complete(attempt=attempt, code=request.GET["code"], redirect_uri=_redirect_uri())
        if _is_connected_one(tenants[0].tenant_id):
            return _take(request, attempt, tenants[0].tenant_id)
    except ConnectRefused as refused:
        messages.error(request, str(refused))
        return redirect("accounting:settings", attempt.workspace.slug)
    consent.describe_tenants(attempt)
    only = tenants[0].tenant_id if len(tenants) == 1 else ""
    return _to_choice(attempt, move=only if only and connecting.count_left_behind(only) else "")


def _is_connected_one(tenant_id: str) -> bool:
    """Whether the organisation that was just chosen at Xero is the one that was connected: then nothing is left to
    choose, whatever else the access opens."""
    connection = connection_of_workspace()
    return connection is not None and connection.tenant_id == tenant_id


def _no_code(error: str) -> str:
    if error == "access_denied":
        return CANCELLED
    return "Xero did not let us in. Please start again." + (f" (It said: {error[:80]})" if error else "")


def _to_choice(attempt: ConnectAttempt, move: str = "") -> HttpResponse:
    url = reverse("accounting:choose", args=[attempt.workspace.slug, attempt.pk])
    return redirect(f"{url}?move={move}" if move else url)


@require_http_methods(["GET", "HEAD", "POST"])
@super_user_required
def choose(request: HttpRequest, connect_attempt_id: UUID) -> HttpResponse:
    """Choose one of several organisations; leaving one that records are linked to asks first."""
    attempt = get_object_or_404(attempts_of(request.user), pk=connect_attempt_id)
    if not is_open(attempt):
        messages.error(request, GONE)
        return redirect("accounting:settings", request.workspace.slug)
    moving = request.GET.get("move", "")
    form = TenantForm(request.POST or None, tenants=attempt.tenants, initial=_first_choice(attempt, moving))
    if request.method == "POST" and form.is_valid():
        try:
            return _take(request, attempt, form.cleaned_data["tenant_id"], move=form.cleaned_data["move"])
        except OrganisationChanged:
            return _to_choice(attempt, move=form.cleaned_data["tenant_id"])
        except ConnectRefused as refused:
            form.add_error(None, str(refused))
    facts = {"form": form, "connection": connection_of_workspace()}
    facts |= _offered(attempt, moving)
    return render(request, "accounting/choose.html", facts, status=422 if form.errors else 200)


def _offered(attempt: ConnectAttempt, moving: str) -> dict[str, Any]:
    """`only` is the organisation to confirm, where there is no other; `moving_to` the one that links are left for."""
    rows = {row["tenant_id"]: row for row in attempt.tenants}
    shown = rows.get(moving) or (attempt.tenants[0] if len(rows) == 1 else {})
    facts = {**shown, "country": country_name(shown.get("country", ""))} if shown else None
    return {"moving_to": facts if moving in rows else None, "only": facts if len(rows) == 1 else None}


def _first_choice(attempt: ConnectAttempt, moving: str) -> dict[str, Any]:
    return {"tenant_id": moving or attempt.tenants[0]["tenant_id"]}


def _take(
    request: HttpRequest, attempt: ConnectAttempt, tenant_id: str, *, move: bool = False
) -> HttpResponse:
    """Connect, read the organisation's lists, and go on to the choices."""
    connection = connecting.choose_tenant(attempt=attempt, tenant_id=tenant_id, by=request.user, move=move)
    try:
        problem = manual.read_lists(connection)
    except Paused as paused:
        problem = paused.message
    if problem:
        messages.warning(request, f"Connected, but Xero's lists could not be read yet: {problem}")
    else:
        messages.success(request, f"Connected to {_described(connection)}.{_day_there(attempt.workspace)}")
    if lacking := lacking_kinds(connection):
        messages.warning(request, NOT_ALLOWED.format(name_all(lacking)))
    return redirect("accounting:mapping", attempt.workspace.slug)


def _day_there(workspace: Workspace) -> str:
    """What is said when the organisation's time zone became the workspace's just now."""
    before = workspace.time_zone
    workspace.refresh_from_db(fields=["time_zone"])
    taken = workspace.time_zone != before
    return f" Days are counted in {say_zone(workspace.time_zone)} now, as there." if taken else ""


def _described(connection: Connection) -> str:
    where = ", ".join(filter(None, (country_name(connection.country), connection.currency)))
    return f"{connection.tenant_name} ({where})" if where else connection.tenant_name


@require_POST
@super_user_required
def try_now(request: HttpRequest) -> HttpResponse:
    """Do not wait until the connection's rest is over."""
    connection = connection_of_workspace()
    if connection is not None and connection.is_active:
        try:
            manual.try_now(connection)
        except Paused as paused:
            messages.warning(request, f"{paused.message} It goes on {paused.until}.")
        else:
            messages.info(request, "It is tried now. If Xero still takes no calls, sending rests again.")
    return redirect("accounting:settings", request.workspace.slug)


@require_POST
@super_user_required
def refresh_token(request: HttpRequest) -> HttpResponse:
    """Renew the access to Xero before it ends."""
    connection = connection_of_workspace()
    if connection is not None and connection.is_active:
        try:
            manual.refresh_token(connection)
        except NeedsReauth as error:
            messages.error(request, f"{error.message} Reconnect; nothing is lost.")
        except Paused as paused:
            messages.warning(request, f"{paused.message} Access is renewed by itself meanwhile.")
        except ProviderError as error:
            messages.warning(
                request, f"Xero did not renew it just now: {error.message} It is tried again by itself."
            )
        else:
            messages.success(request, "Access to Xero was renewed.")
    return redirect("accounting:settings", request.workspace.slug)


@require_POST
@super_user_required
def test(request: HttpRequest) -> HttpResponse:
    """Look at everything that must hold for the sync to work, and say it."""
    connection = the_connection()
    try:
        findings = probe(connection)
    except Paused as paused:
        messages.warning(request, f"{paused.message} It can be tested {paused.until}.")
        return redirect("accounting:settings", request.workspace.slug)
    facts = {"connection": connection, "findings": findings, "bad": count_bad(findings)}
    return render(request, "accounting/tested.html", facts)


@require_POST
@super_user_required
@proof_required(back="accounting:settings")
def disconnect(request: HttpRequest) -> HttpResponse:
    """Give the organisation up at Xero and stop both ways."""
    connection = the_connection()
    try:
        connecting.disconnect(connection=connection, by=request.user)
    except ProviderError as error:
        messages.error(request, f"Xero could not be told, so it is still connected: {error.message}")
    else:
        messages.success(
            request, f"Disconnected from {connection.tenant_name}. Nothing was deleted on either side."
        )
    return redirect("accounting:settings", request.workspace.slug)
