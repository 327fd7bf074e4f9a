"""The first pages after signing in, and the members of a workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.htmx import redirect as htmx_redirect
from core.htmx import trigger
from core.tickets import SentBefore
from workspaces import invitations
from workspaces.forms import InviteForm, NewMemberForm, RoleForm
from workspaces.invitations import InvitationRefused, Sent
from workspaces.models import Invitation, Membership
from workspaces.permissions import super_user_required
from workspaces.proof import proof_required
from workspaces.queries import members_of, open_invitations_of, workspaces_of
from workspaces.services import change_member_role, remove_member

INVITED_BY = "invitation"
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
def members(request: HttpRequest) -> HttpResponse:
    """Who belongs to the workspace, and as what. Super users invite and remove; everybody may leave."""
    return _show_members(request)


@require_POST
@super_user_required
@proof_required(back="workspaces:members")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite an address. The answer shows the link, which nobody can see again."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _show_members(request, form, status=422)
    try:
        sent = invitations.invite(
            workspace=request.workspace, by=request.user, ticket=form.ticket, **form.values
        )
    except SentBefore as refused:
        form.refuse_again(refused)
    except InvitationRefused as error:
        form.add_error("email", str(error))
    if form.errors:
        return _show_members(request, form, status=422)
    return _show_members(request, sent=sent)


@require_POST
@super_user_required
@proof_required(back="workspaces:members")
def resend_invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Send a new link, and show it."""
    invitation = get_object_or_404(Invitation, pk=invitation_id)
    try:
        sent = invitations.resend(invitation=invitation, by=request.user)
    except InvitationRefused as error:
        messages.error(request, str(error))
        return redirect("workspaces:members", request.workspace.slug)
    return _show_members(request, sent=sent)


@require_POST
@super_user_required
def revoke_invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(Invitation, pk=invitation_id)
    try:
        invitations.revoke(invitation=invitation, by=request.user)
    except InvitationRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The invitation of {invitation} no longer works.")
    return redirect("workspaces:members", request.workspace.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@super_user_required
@proof_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a member out."""
    return _part_with(request, get_object_or_404(members_of(request.workspace), pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Ask, then leave the workspace."""
    return _part_with(request, get_object_or_404(members_of(request.workspace), user=request.user))


def _part_with(request: HttpRequest, member: Membership) -> HttpResponse:
    is_me, problems = member.user_id == request.user.pk, []
    if request.method == "POST":
        try:
            remove_member(membership=member, by=request.user)
        except ValidationError as error:
            problems = error.messages
        else:
            messages.success(request, "You left." if is_me else f"{member.user} is removed.")
            return redirect("home") if is_me else redirect("workspaces:members", request.workspace.slug)
    context = {"member": member, "is_me": is_me, "problems": problems}
    return render(request, "workspaces/part.html", context, status=422 if problems else 200)


@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the mail's link leads. The pages behind it know the invitation by the session: no further address of
    theirs bears the secret."""
    request.session[INVITED_BY] = invitations.hash_of(token)
    return redirect("workspaces:accept")


@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """Accept as the person who is signed in, or as somebody new."""
    invitation = invitations.find_open(request.session.get(INVITED_BY, ""))
    if invitation is None:
        return render(request, "workspaces/invitation.html", {"invitation": None})
    account = invitations.account_of(invitation)
    form = None if account else NewMemberForm(request.POST or None, email=invitation.email)
    problem = _accept(request, invitation, form) if request.method == "POST" else ""
    if problem is None:
        return redirect("workspaces:dashboard", invitation.workspace.slug)
    context = {
        "invitation": invitation,
        "is_for_me": account is not None and account == request.user,
        "account": account,
        "form": form,
        "problem": problem,
    }
    return render(request, "workspaces/invitation.html", context, status=422 if request.POST else 200)


def _accept(request: HttpRequest, invitation: Invitation, form: NewMemberForm | None) -> str | None:
    """None when the person is in; else why not."""
    if form and (request.user.is_authenticated or not form.is_valid()):
        return "" if not request.user.is_authenticated else "Sign out first, and open the link again."
    if not form and not request.user.is_authenticated:
        return "Sign in first."
    try:
        if form:
            values = {name: form.cleaned_data[name] for name in ("name", "password")}
            user = invitations.accept_as_new(token_hash=invitation.token_hash, **values)
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        else:
            invitations.accept(token_hash=invitation.token_hash, by=request.user)
    except InvitationRefused as error:
        return str(error)
    request.session.pop(INVITED_BY, None)
    messages.success(request, f"Welcome to {invitation.workspace}.")
    return None


def _show_members(
    request: HttpRequest, form: InviteForm | None = None, sent: Sent | None = None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"rows": [(row, _role_form(row)) for row in members_of(request.workspace)]}
    if request.membership.is_super_user:
        context |= {
            "form": form or InviteForm(),
            "sent": sent,
            "invitations": open_invitations_of(request.workspace),
        }
    return render(request, "workspaces/members.html", context, status=status)


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
