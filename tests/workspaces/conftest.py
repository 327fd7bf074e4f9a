"""What more than one test of workspaces stands on."""

from __future__ import annotations

import pytest

from workspaces import invitations
from workspaces.enums import Role
from workspaces.models import User, Workspace
from workspaces.scope import scope


@pytest.fixture
def sent(workspace: Workspace, super_user: User) -> invitations.Sent:
    with scope(workspace):
        return invitations.invite(
            workspace=workspace, email="Ana@Example.com", role=Role.STAFF, by=super_user
        )
