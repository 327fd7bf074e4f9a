"""What staff may not do, however they ask."""

from __future__ import annotations

import pytest

from tests.architecture.world import World, make_world, rows_fingerprint
from tests.factories.people import signed_in

FOR_SUPER_USERS = (
    "settings/accounting/",
    "settings/accounting/connect/",
    "settings/accounting/connect/{ConnectAttempt}/",
    "settings/accounting/disconnect/",
    "settings/accounting/xero/",
    "settings/accounting/xero/lists/",
    "settings/members/{Membership}/role/",
    "settings/members/{Membership}/remove/",
    "settings/members/invite/",
    "settings/members/invited/{Invitation}/resend/",
    "settings/members/invited/{Invitation}/revoke/",
)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", FOR_SUPER_USERS)
def test_staff_reach_no_page_of_super_users(world: World, page: str, method: str) -> None:
    client = signed_in(world.staff)
    attempt, member = world.rows["accounting.ConnectAttempt"].pk, world.rows["workspaces.Membership"].pk
    invited = world.rows["workspaces.Invitation"].pk
    named = page.format(ConnectAttempt=attempt, Membership=member, Invitation=invited)
    path = f"/w/{world.workspace.slug}/{named}"
    before = rows_fingerprint()

    response = getattr(client, method)(path, {"role": "super_user", "tenant_id": "x", "move": "1"})

    assert response.status_code in (403, 405)
    assert rows_fingerprint() == before


def test_staff_make_themselves_nothing_by_htmx_or_method_override(world: World) -> None:
    client = signed_in(world.staff)
    path = f"/w/{world.workspace.slug}/settings/members/{world.rows['workspaces.Membership'].pk}/role/"
    headers = {"hx-request": "true", "x-http-method-override": "PUT"}

    answers = [
        getattr(client, method)(path, headers=headers).status_code for method in ("post", "put", "patch")
    ]

    assert set(answers) <= {403, 405}
    assert world.workspace.memberships.get(user=world.staff).role == "staff"


def test_member_of_another_workspace_cannot_be_changed_from_here(world: World) -> None:
    elsewhere = make_world("Quagga")
    client = signed_in(elsewhere.super_user)
    foreign = world.rows["workspaces.Membership"].pk

    response = client.post(
        f"/w/{elsewhere.workspace.slug}/settings/members/{foreign}/role/", {"role": "super_user"}
    )

    assert response.status_code == 404


def test_role_of_invention_is_refused(world: World) -> None:
    client = signed_in(world.super_user)
    path = f"/w/{world.workspace.slug}/settings/members/{world.rows['workspaces.Membership'].pk}/role/"

    answers = [client.post(path, {"role": role}).status_code for role in ("owner", "", "SUPER_USER", "\x00")]

    assert answers == [422] * 4
