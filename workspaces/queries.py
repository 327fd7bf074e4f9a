"""Reads about people and their workspaces."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from workspaces.enums import Role
from workspaces.models import AuditEntry, Invitation, Membership, User, Workspace


def workspaces_of(user: User) -> QuerySet[Workspace]:
    """The workspaces this person belongs to, by name."""
    return Workspace.objects.filter(memberships__user=user).order_by("name")


def membership_in(*, user: User, slug: str) -> Membership | None:
    """The person's membership in the workspace with this slug, with the workspace loaded; None for strangers."""
    return (
        Membership.objects.select_related("workspace", "user").filter(user=user, workspace__slug=slug).first()
    )


def history_of(target_id: UUID) -> QuerySet[AuditEntry]:
    """What people did to one record, newest first."""
    return AuditEntry.objects.filter(target_id=target_id).order_by("-id")


def members_of(workspace: Workspace) -> QuerySet[Membership]:
    """Who belongs to the workspace, super users first, with the people loaded."""
    return workspace.memberships.select_related("user", "workspace").order_by("-role", "user__email")


def super_users_of(workspace: Workspace) -> list[User]:
    """Those who may connect the workspace, by the names that others turn to them by."""
    rows = Membership.objects.filter(workspace=workspace, role=Role.SUPER_USER).select_related("user")
    return sorted((row.user for row in rows), key=str)


@transaction.atomic
def is_last_super_user(membership: Membership) -> bool:
    """Whether the workspace would be left without a super user. All of them are locked until the transaction ends, so
    that the last two cannot both go at once."""
    supers = membership.workspace.memberships.filter(role=Role.SUPER_USER)
    there = {member.pk for member in supers.select_for_update(of=("self",)).order_by("pk")}
    return there == {membership.pk}


def open_invitations_of(workspace: Workspace) -> QuerySet[Invitation]:
    """The invitations that were neither accepted nor revoked, the newest first; those that expired too."""
    return Invitation.objects.filter(workspace=workspace, accepted_at=None, revoked_at=None).order_by("-id")
