"""The first pages after signing in, and the members of a workspace."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.htmx import redirect as htmx_redirect
from core.htmx import trigger
from workspaces.forms import RoleForm
from workspaces.models import Membership
from workspaces.permissions import super_user_required
from workspaces.proof import proof_required
from workspaces.queries import members_of, workspaces_of
from workspaces.services import change_member_role

MEMBER_ROW = "workspaces/members.html#row"


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Straight into the only workspace; otherwise, or when asked with `?all`, the choice."""
    workspaces = list(workspaces_of(request.user))
    if len(workspaces) == 1 and "all" not in request.GET:
        return redirect("workspaces:dashboard", workspaces[0].slug)
    return render(request, "workspaces/home.html", {"workspaces": workspaces})


@require_safe
@login_required
def switcher(request: HttpRequest) -> HttpResponse:
    """The menu of the person's workspaces, fetched when it is opened."""
    return render(request, "workspaces/switcher.html", {"workspaces": workspaces_of(request.user)})


@require_safe
@never_cache
def session(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and the CSRF token of their session: a page asks before it sends what was typed."""
    user = str(request.user.pk) if request.user.is_authenticated else ""
    return JsonResponse({"user": user, "csrf": get_token(request)})


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Where one lands in a workspace: its invoices."""
    return redirect("invoices:list", request.workspace.slug)


@require_safe
@super_user_required
def members(request: HttpRequest) -> HttpResponse:
    """Who belongs to the workspace, and as what."""
    rows = [(member, _role_form(member)) for member in members_of(request.workspace)]
    return render(request, "workspaces/members.html", {"rows": rows})


@require_POST
@super_user_required
@proof_required(back="workspaces:members")
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one member's role; the answer is their row."""
    member = get_object_or_404(members_of(request.workspace), pk=pk)
    form = _role_form(member, request.POST)
    if form.is_valid():
        try:
            change_member_role(membership=member, role=form.cleaned_data["role"], by=request.user)
        except ValidationError as error:
            form.add_error("role", error)
    if not form.is_valid():
        refused = _refused_role(member, form.errors["role"])
        return render(request, MEMBER_ROW, {"member": member, "form": refused}, status=422)
    if member.user_id == request.user.pk and not member.is_super_user:
        return htmx_redirect(reverse("workspaces:dashboard", args=[request.workspace.slug]))
    answer = render(request, MEMBER_ROW, {"member": member, "form": _role_form(member)})
    return trigger(answer, toast={"level": "success", "text": f"{member.user}: {member.get_role_display()}."})


def _role_form(member: Membership, data: QueryDict | None = None) -> RoleForm:
    return RoleForm(data, initial={"role": member.role}, auto_id=f"member-{member.pk}-%s")


def _refused_role(member: Membership, problems: list[str]) -> RoleForm:
    """The role the member still has, with why it is not another."""
    form = _role_form(member, QueryDict(f"role={member.role}"))
    form.add_error("role", list(problems))
    return form
