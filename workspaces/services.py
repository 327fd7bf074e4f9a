"""Writes about workspaces and their members."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from workspaces.audit import SUMMARY, actor
from workspaces.enums import Role
from workspaces.models import AuditEntry, Membership, User, Workspace, validate_time_zone
from workspaces.scope import scope


@transaction.atomic
def create_workspace(
    *, name: str, currency: str, by: User, slug: str = "", time_zone: str = "UTC"
) -> Workspace:
    """A new workspace whose first super user is `by`. `currency` is an ISO 4217 code, `time_zone` an IANA name.

    Raises IntegrityError when the slug is taken, ValidationError for a zone nobody knows.
    """
    validate_time_zone(time_zone)
    workspace = Workspace.objects.create(
        name=name, slug=slug or slugify(name)[:60], currency=currency.upper(), time_zone=time_zone
    )
    Membership.objects.create(workspace=workspace, user=by, role=Role.SUPER_USER)
    return workspace


@transaction.atomic
def add_member(*, workspace: Workspace, user: User, role: str, by: User) -> Membership:
    """Let a person into the workspace, or change their role if they are in it.

    Raises ValidationError when that would leave no super user.
    """
    membership = workspace.memberships.filter(user=user).first()
    if membership is not None:
        return change_member_role(membership=membership, role=role, by=by)
    membership = Membership.objects.create(workspace=workspace, user=user, role=role)
    _audit(membership, "member.added", f"{user} joined as {membership.get_role_display().lower()}", by)
    return membership


@transaction.atomic
def change_member_role(*, membership: Membership, role: str, by: User) -> Membership:
    """Make the member a super user or staff. Raises ValidationError when no super user would be left."""
    workspace = membership.workspace
    # All super users are locked, so that the last two cannot both step down at once.
    supers = workspace.memberships.filter(role=Role.SUPER_USER).select_for_update(of=("self",)).order_by("pk")
    remaining = [member.pk for member in supers if member.pk != membership.pk]
    if role != Role.SUPER_USER and not remaining:
        raise ValidationError("A workspace needs at least one super user. Make somebody else one first.")
    membership.role = role
    membership.save(update_fields=["role"])
    words = f"{membership.user} became {membership.get_role_display().lower()}"
    _audit(membership, "member.role_changed", words, by)
    return membership


def _audit(membership: Membership, action: str, summary: str, by: User) -> None:
    """Told of the workspace: a membership has no wall of its own, the workspace's history has."""
    workspace = membership.workspace
    with scope(workspace):
        AuditEntry.objects.create(
            workspace=workspace,
            action=action,
            target_kind="workspace",
            target_id=workspace.pk,
            summary=summary[:SUMMARY],
            **actor(by),
        )
