"""Administrators give and take places in workspaces as the workspaces' own people do: audited, and never the last."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.factories.people import make_administrator, signed_in
from tests.factories.workspaces import make_user
from tests.workspaces.invited import actions_of
from workspaces.enums import Role
from workspaces.models import AuditEntry, Membership, User, Workspace
from workspaces.scope import scope
from workspaces.services import add_member

LAST = "A workspace needs at least one super user. Make somebody else one first."


@pytest.fixture
def administrator(db: None) -> Client:
    return signed_in(make_administrator())


@pytest.fixture
def founder(workspace: Workspace) -> Membership:
    """The only super user there is at first."""
    return workspace.memberships.get()


@pytest.fixture
def member(founder: Membership, workspace: Workspace) -> Membership:
    return add_member(workspace=workspace, user=make_user("ana@x.example"), role=Role.STAFF, by=founder.user)


def post(client: Client, model: str, page: str, *args: Any, **fields: Any) -> HttpResponse:
    return client.post(reverse(f"admin:workspaces_{model}_{page}", args=args), fields)


def inline_of(*rows: dict[str, Any]) -> dict[str, Any]:
    """The memberships as a page of a user or a workspace sends them."""
    fields = {f"memberships-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    there = sum("id" in row for row in rows)
    return fields | {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": there}


def of(workspace: Workspace, **more: Any) -> dict[str, Any]:
    return {"name": workspace.name, "slug": workspace.slug, "currency": workspace.currency} | more


def test_deleting_a_membership_is_audited_under_the_administrators_name(
    administrator: Client, member: Membership, workspace: Workspace
) -> None:
    asked = administrator.get(reverse("admin:workspaces_membership_delete", args=[member.pk]))
    done = post(administrator, "membership", "delete", member.pk, post="yes")

    assert ("Are you sure" in asked.content.decode(), done.status_code) == (True, 302)
    assert not Membership.objects.filter(pk=member.pk).exists()
    with scope(workspace):
        last = AuditEntry.objects.first()
    assert (last.action, last.actor_name) == ("member.removed", "Administrator")


@pytest.mark.parametrize("model", ["membership", "user"])
def test_deleting_the_last_super_user_is_refused_with_words(
    administrator: Client, founder: Membership, member: Membership, model: str
) -> None:
    pk = founder.pk if model == "membership" else founder.user_id

    asked = administrator.get(reverse(f"admin:workspaces_{model}_delete", args=[pk])).content.decode()
    told = post(administrator, model, "delete", pk, post="yes").content.decode()

    for page in (asked, told):
        assert f"{founder}: {LAST}" in page
        assert ("cannot be deleted now" in page, "Are you sure" in page) == (True, False)
    assert Membership.objects.filter(pk=founder.pk).exists()


def test_deleting_a_user_takes_them_out_of_each_workspace_first(
    administrator: Client, member: Membership, workspace: Workspace
) -> None:
    answer = post(administrator, "user", "delete", member.user_id, post="yes")

    assert answer.status_code == 302
    assert not User.objects.filter(pk=member.user_id).exists()
    assert actions_of(workspace) == ["member.added", "member.removed"]


@pytest.mark.parametrize("model", ["membership", "user"])
def test_nobody_is_deleted_in_bulk(administrator: Client, member: Membership, model: str) -> None:
    pk = member.pk if model == "membership" else member.user_id
    fields = {"action": "delete_selected", "_selected_action": [str(pk)], "post": "yes"}

    post(administrator, model, "changelist", **fields)

    assert Membership.objects.filter(pk=member.pk).exists()


def test_last_super_user_made_staff_is_refused_on_the_field(
    administrator: Client, founder: Membership, workspace: Workspace
) -> None:
    page = post(administrator, "membership", "change", founder.pk, role="staff")

    assert page.context["adminform"].form.errors == {"role": [LAST]}
    founder.refresh_from_db()
    assert (founder.role, actions_of(workspace)) == (Role.SUPER_USER, [])


def test_changing_a_role_is_audited_and_nothing_else_of_it_changes(
    administrator: Client, member: Membership, workspace: Workspace
) -> None:
    other = make_user()
    for _ in range(2):
        post(administrator, "membership", "change", member.pk, role="super_user", user=other.pk)

    was = member.user_id
    member.refresh_from_db()
    assert (member.role, member.user_id) == (Role.SUPER_USER, was)
    assert actions_of(workspace) == ["member.added", "member.role_changed"]


@pytest.mark.parametrize("page", ["membership", "workspace", "user"])
def test_adding_a_membership_is_audited(
    administrator: Client, founder: Membership, workspace: Workspace, page: str
) -> None:
    ben = make_user("ben@example.com")
    place = {"workspace": workspace.pk, "user": ben.pk, "role": "staff"}
    if page == "membership":
        answer = post(administrator, "membership", "add", **place)
    elif page == "workspace":
        answer = post(administrator, "workspace", "change", workspace.pk, **of(workspace, **inline_of(place)))
    else:
        answer = post(administrator, "user", "change", ben.pk, email=ben.email, **inline_of(place))

    assert answer.status_code == 302
    assert ben.memberships.get().role == Role.STAFF
    assert actions_of(workspace) == ["member.added"]


def test_page_of_a_workspace_neither_changes_nor_deletes_memberships(
    administrator: Client, founder: Membership, workspace: Workspace
) -> None:
    row = {
        "id": founder.pk,
        "workspace": workspace.pk,
        "user": founder.user_id,
        "role": "staff",
        "DELETE": "on",
    }

    post(administrator, "workspace", "change", workspace.pk, **of(workspace, **inline_of(row)))

    founder.refresh_from_db()
    assert founder.role == Role.SUPER_USER
