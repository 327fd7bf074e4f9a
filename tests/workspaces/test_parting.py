"""How members leave a workspace, and what they leave behind."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.workspaces.invited import actions_of, path_of, url_of
from workspaces import invitations
from workspaces.enums import Role
from workspaces.models import Membership, User, Workspace
from workspaces.queries import is_last_super_user
from workspaces.scope import all_workspaces, scope
from workspaces.services import change_member_role, remove_member


def test_removed_member_has_no_access_at_once(
    super_client: Client, staff_client: Client, staff: User, workspace: Workspace
) -> None:
    page = f"/w/{workspace.slug}/invoices/"
    before = staff_client.get(page).status_code
    asked = super_client.get(url_of(workspace, "remove", staff.memberships.get().pk))
    super_client.post(url_of(workspace, "remove", staff.memberships.get().pk))

    assert (before, asked.status_code, staff_client.get(page).status_code) == (200, 200, 404)
    assert actions_of(workspace) == ["member.added", "member.removed"]


def test_staff_leave_by_themselves(staff_client: Client, staff: User, workspace: Workspace) -> None:
    answer = staff_client.post(url_of(workspace, "leave"))

    assert (answer.headers["Location"], staff.memberships.count()) == ("/", 0)
    assert actions_of(workspace)[-1] == "member.left"


def test_last_super_user_stays(
    super_client: Client, super_user: User, staff: User, workspace: Workspace
) -> None:
    answer = super_client.post(url_of(workspace, "leave"))

    assert (answer.status_code, "at least one super user" in answer.content.decode()) == (422, True)
    with pytest.raises(ValidationError):
        remove_member(membership=super_user.memberships.get(), by=staff)
    assert super_user.memberships.count() == 1


@pytest.mark.parametrize("step", ["remove", "demote"])
def test_invitations_of_a_former_super_user_end(
    super_user: User, staff: User, workspace: Workspace, step: str
) -> None:
    there = staff.memberships.get()
    change_member_role(membership=there, role=Role.SUPER_USER, by=super_user)
    with scope(workspace):
        sent = invitations.invite(workspace=workspace, email="back@door.example", role="super_user", by=staff)
    if step == "remove":
        remove_member(membership=there, by=super_user)
    else:
        change_member_role(membership=there, role=Role.STAFF, by=super_user)

    assert "no longer works" in Client().get(path_of(sent.link), follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_last_super_user_is_known_where_no_transaction_is_open(super_user: User) -> None:
    with all_workspaces("a test asks as a page of the administration does"):
        assert is_last_super_user(Membership.objects.get(user=super_user))
