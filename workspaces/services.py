"""Writes about workspaces and their members."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from workspaces.enums import Role
from workspaces.models import AuditEntry, Membership, User, Workspace


@transaction.atomic
def create_workspace(*, name: str, currency: str, by: User, slug: str = "") -> Workspace:
    """A new workspace whose first super user is `by`. `currency` is an ISO 4217 code.

    Raises IntegrityError when the slug is taken.
    """
    workspace = Workspace.objects.create(
        name=name, slug=slug or slugify(name)[:60], currency=currency.upper()
    )
    Membership.objects.create(workspace=workspace, user=by, role=Role.SUPER_USER)
    return workspace


@transaction.atomic
def add_member(*, workspace: Workspace, user: User, role: str, by: User) -> Membership:
    """Let a person into the workspace, or change their role if they are in it."""
    membership, _ = Membership.objects.update_or_create(
        workspace=workspace, user=user, defaults={"role": role}
    )
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
    AuditEntry.objects.create(
        workspace=workspace,
        actor=by,
        action="member.role_changed",
        target_kind="workspace",
        target_id=workspace.pk,
        summary=f"{membership.user} became {membership.get_role_display().lower()}",
    )
    return membership
