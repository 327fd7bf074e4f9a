"""Writes about workspaces and their members."""

from __future__ import annotations

from django.db import transaction
from django.utils.text import slugify

from workspaces.enums import Role
from workspaces.models import Membership, User, Workspace


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
