"""The first pages after signing in, the members of a workspace, and who may see them."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import reverse

from core.testing import assert_queries
from tests.factories.people import signed_in
from tests.factories.workspaces import make_user, make_workspace
from workspaces.enums import Role
from workspaces.models import AuditEntry, Membership, User, Workspace
from workspaces.scope import scope
from workspaces.services import add_member


def _client(user: AbstractBaseUser) -> Client:
    return signed_in(user)


def _members_url(workspace: Workspace) -> str:
    return reverse("workspaces:members", args=[workspace.slug])


def _role_url(workspace: Workspace, membership: Membership) -> str:
    return reverse("workspaces:change_role", args=[workspace.slug, membership.pk])


# Home


def test_home_when_not_signed_in_is_the_sign_in_page(client: Client, db: None) -> None:
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_home_with_one_workspace_goes_there(staff_client: Client, workspace: Workspace) -> None:
    assert staff_client.get("/").headers["Location"] == f"/w/{workspace.slug}/"


def test_home_with_one_workspace_shows_the_choice_when_asked(
    staff_client: Client, workspace: Workspace
) -> None:
    response = staff_client.get("/?all")
    assert [place.name for place in response.context["workspaces"]] == [workspace.name]


def test_home_with_two_workspaces_shows_only_ones_own(super_user: User, workspace: Workspace) -> None:
    second, foreign = make_workspace(name="Second"), make_workspace(name="Foreign")
    add_member(workspace=second, user=super_user, role=Role.STAFF, by=super_user)

    text = _client(super_user).get("/").content.decode()

    assert (workspace.name in text, "Second" in text, foreign.name in text) == (True, True, False)


def test_home_without_a_workspace_says_what_to_do(db: None) -> None:
    text = _client(make_user()).get("/").content.decode()
    assert "No workspace yet" in text


@pytest.mark.parametrize("count", [1, 3])
def test_switcher_lists_workspaces_in_three_queries(super_user: User, count: int) -> None:
    for number in range(count - 1):
        other = make_workspace(name=f"Other {number}")
        add_member(workspace=other, user=super_user, role=Role.STAFF, by=super_user)
    client = _client(super_user)

    with assert_queries(3):
        response = client.get(reverse("workspaces:switcher"))

    assert response.content.decode().count('href="/w/') == count


# Dashboard


def test_dashboard_leads_to_the_invoices(staff_client: Client, workspace: Workspace) -> None:
    response = staff_client.get(reverse("workspaces:dashboard", args=[workspace.slug]))
    assert response.headers["Location"] == reverse("invoices:list", args=[workspace.slug])


def test_dashboard_of_another_workspace_is_not_found(stranger: User, workspace: Workspace) -> None:
    assert _client(stranger).get(f"/w/{workspace.slug}/").status_code == 404


def test_unknown_workspace_looks_like_another_ones(staff_client: Client, stranger: User) -> None:
    theirs = stranger.memberships.get().workspace
    known, unknown = staff_client.get(f"/w/{theirs.slug}/"), staff_client.get("/w/no-such-place/")
    assert (known.status_code, unknown.status_code) == (404, 404)


# Members


def test_members_for_staff_are_shown_and_not_theirs_to_change(
    staff_client: Client, super_user: User, workspace: Workspace
) -> None:
    text = staff_client.get(_members_url(workspace)).content.decode()

    assert (str(super_user) in text, "Leave" in text) == (True, True)
    assert [word for word in ("<select", "Invite somebody", "/remove/") if word in text] == []


def test_members_for_a_stranger_is_not_found(stranger: User, workspace: Workspace) -> None:
    assert _client(stranger).get(_members_url(workspace)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_members_are_listed_in_eight_queries(
    super_client: Client, super_user: User, workspace: Workspace, count: int
) -> None:
    for _ in range(count - 1):
        add_member(workspace=workspace, user=make_user(), role=Role.STAFF, by=super_user)

    with assert_queries(8):
        response = super_client.get(_members_url(workspace))

    assert len(response.context["rows"]) == count


def test_change_role_makes_a_super_user_and_remembers_who_did_it(
    super_client: Client, super_user: User, staff: User, workspace: Workspace
) -> None:
    membership = staff.memberships.get()

    response = super_client.post(_role_url(workspace, membership), {"role": Role.SUPER_USER})

    membership.refresh_from_db()
    assert membership.role == Role.SUPER_USER
    assert json.loads(response.headers["HX-Trigger"])["toast"]["level"] == "success"
    with scope(workspace):
        entry = AuditEntry.objects.get(action="member.role_changed")
        assert (entry.actor, entry.action) == (super_user, "member.role_changed")


def test_change_role_of_the_last_super_user_is_refused(
    super_client: Client, super_user: User, workspace: Workspace
) -> None:
    membership = super_user.memberships.get()

    response = super_client.post(_role_url(workspace, membership), {"role": Role.STAFF})

    membership.refresh_from_db()
    assert (response.status_code, membership.role) == (422, Role.SUPER_USER)
    assert "at least one super user" in response.content.decode()
    assert '<option value="super_user" selected>' in response.content.decode()


def test_change_role_of_oneself_leaves_the_page(
    super_client: Client, super_user: User, staff: User, workspace: Workspace
) -> None:
    staff.memberships.update(role=Role.SUPER_USER)
    response = super_client.post(_role_url(workspace, super_user.memberships.get()), {"role": Role.STAFF})
    assert response.headers["HX-Redirect"] == f"/w/{workspace.slug}/"


def test_change_role_to_nonsense_is_refused(super_client: Client, staff: User, workspace: Workspace) -> None:
    response = super_client.post(_role_url(workspace, staff.memberships.get()), {"role": "emperor"})
    assert response.status_code == 422


def test_change_role_by_staff_is_forbidden(staff_client: Client, staff: User, workspace: Workspace) -> None:
    response = staff_client.post(_role_url(workspace, staff.memberships.get()), {"role": Role.SUPER_USER})
    assert response.status_code == 403


def test_change_role_of_somebody_elsewhere_is_not_found(
    super_client: Client, stranger: User, workspace: Workspace
) -> None:
    url = _role_url(workspace, stranger.memberships.get())
    assert super_client.post(url, {"role": Role.STAFF}).status_code == 404


def test_session_says_who_is_signed_in(staff: User, staff_client: Client, client: Client) -> None:
    mine, nobodys = (who.get(reverse("workspaces:session")) for who in (staff_client, client))

    assert (mine.json()["user"], nobodys.json()["user"]) == (str(staff.pk), "")
    assert "no-store" in mine["Cache-Control"]
