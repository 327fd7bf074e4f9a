"""Writes about workspaces and their members."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from workspaces.audit import log_workspace_action, say_changes
from workspaces.enums import Role
from workspaces.models import Membership, User, Workspace
from workspaces.queries import is_last_super_user, open_invitations_of
from workspaces.scope import scope
from workspaces.zones import known_zones, named_today, say_zone, validate_time_zone

LAST_SUPER_USER = "A workspace needs at least one super user. Make somebody else one first."


@transaction.atomic
def create_workspace(*, name: str, currency: str, by: User, slug: str = "", time_zone: str = "") -> Workspace:
    """A new workspace whose first super user is `by`. `currency` is an ISO 4217 code, `time_zone` an IANA name,
    "" while nobody has said.

    Raises IntegrityError when the slug is taken, ValidationError for a zone nobody knows.
    """
    if time_zone:
        validate_time_zone(time_zone)
    workspace = Workspace.objects.create(
        name=name, slug=slug or slugify(name)[:60], currency=currency.upper(), time_zone=time_zone
    )
    Membership.objects.create(workspace=workspace, user=by, role=Role.SUPER_USER)
    return workspace


@transaction.atomic
def update_workspace(
    *,
    workspace: Workspace,
    by: User,
    name: str | None = None,
    currency: str | None = None,
    time_zone: str | None = None,
) -> Workspace:
    """Change what is given and differs; None keeps. `currency` is what new customers and invoices start with,
    `time_zone` (an IANA name) where days are counted from now on: no date of a record moves.

    Raises ValidationError for a zone nobody knows.
    """
    if time_zone:
        validate_time_zone(time_zone)
    workspace = Workspace.objects.select_for_update(of=("self",)).get(pk=workspace.pk)
    given = {"name": name, "currency": currency, "time_zone": time_zone}
    changed = {field: value for field, value in given.items() if value and value != getattr(workspace, field)}
    before = {field: getattr(workspace, field) for field in changed}
    for field, value in changed.items():
        setattr(workspace, field, value)
    if changed:
        workspace.save(update_fields=[*changed])
        log_workspace_action(workspace, "workspace.updated", f"Changed {say_changes(workspace, before)}", by)
    return workspace


@transaction.atomic
def adopt_time_zone(*, workspace: Workspace, time_zone: str, like: str, by: User | None) -> bool:
    """Count the workspace's days as `like`, an organisation, does, unless somebody has said where they are counted, or
    the zone is not known here. Returns whether they are counted there from now on."""
    time_zone = named_today(time_zone)
    unsaid = Workspace.objects.filter(pk=workspace.pk, time_zone="")
    if time_zone not in known_zones() or not unsaid.update(time_zone=time_zone):
        return False
    told = f"Time zone set to {say_zone(time_zone)}, as in {like}"
    log_workspace_action(workspace, "workspace.time_zone_taken", told, by)
    return True


@transaction.atomic
def add_member(*, workspace: Workspace, user: User, role: str, by: User) -> Membership:
    """Let a person into the workspace, or change their role if they are in it.

    Raises ValidationError when that would leave no super user.
    """
    membership = workspace.memberships.filter(user=user).first()
    if membership is not None:
        return change_member_role(membership=membership, role=role, by=by)
    membership = Membership.objects.create(workspace=workspace, user=user, role=role)
    log_workspace_action(
        workspace, "member.added", f"{user} joined as {membership.get_role_display().lower()}", by
    )
    return membership


@transaction.atomic
def change_member_role(*, membership: Membership, role: str, by: User) -> Membership:
    """Make the member a super user or staff. Raises ValidationError when no super user would be left."""
    workspace = membership.workspace
    if role != Role.SUPER_USER:
        _check_another_super_user(membership)
        _withdraw_invitations(Q(actor=membership.user), workspace, by)
    membership.role = role
    membership.save(update_fields=["role"])
    words = f"{membership.user} became {membership.get_role_display().lower()}"
    log_workspace_action(workspace, "member.role_changed", words, by)
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> None:
    """Take the person out of the workspace: their next request finds nothing there. What they did stays, by name.

    Invitations they made, whose links they know, and one to their own address end too. Raises ValidationError when no
    super user would be left.
    """
    user, workspace = membership.user, membership.workspace
    _check_another_super_user(membership)
    membership.delete()
    _withdraw_invitations(Q(actor=user) | Q(email__iexact=user.email), workspace, by)
    words = f"{user} left" if user == by else f"{user} was removed"
    log_workspace_action(workspace, "member.left" if user == by else "member.removed", words, by)


@transaction.atomic
def delete_user(*, user: User, by: User) -> None:
    """Take the person out of every workspace and forget them. What they did stays, by name.

    Raises ValidationError when a workspace would be left without a super user.
    """
    for membership in user.memberships.select_related("workspace", "user").order_by("workspace_id"):
        remove_member(membership=membership, by=by)
    user.delete()


def _check_another_super_user(membership: Membership) -> None:
    if is_last_super_user(membership):
        raise ValidationError(LAST_SUPER_USER)


def _withdraw_invitations(which: Q, workspace: Workspace, by: User) -> None:
    with scope(workspace):
        for invitation in open_invitations_of(workspace).filter(which).select_for_update(of=("self",)):
            invitation.revoked_at = timezone.now()
            invitation.save(update_fields=["revoked_at", "updated_at"])
            log_workspace_action(
                workspace, "member.invitation_revoked", f"The invitation of {invitation} was revoked", by
            )
