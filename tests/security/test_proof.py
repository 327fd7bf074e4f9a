"""A borrowed session opens pages, and none of the doors behind which accounts and books are given away."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.architecture.world import World, make_world, rows_fingerprint
from tests.factories.people import LONG_AGO, code_of, signed_in, with_second_factor

PASSWORD = "a long password"
DOORS = {
    "another address": "/accounts/address/",
    "another password": "/accounts/password/change/",
    "second factor on": "/accounts/two-factor/on/",
    "second factor off": "/accounts/two-factor/off/",
    "recovery codes": "/accounts/two-factor/codes/",
    "recovery codes as a file": "/accounts/two-factor/codes/download/",
    "new recovery codes": "/accounts/two-factor/codes/new/",
    "connect": "/w/{slug}/settings/accounting/connect/",
    "disconnect": "/w/{slug}/settings/accounting/disconnect/",
    "a role": "/w/{slug}/settings/members/{member}/role/",
    "removing somebody": "/w/{slug}/settings/members/{member}/remove/",
    "an invitation": "/w/{slug}/settings/members/invite/",
    "an invitation sent again": "/w/{slug}/settings/members/invited/{invitation}/resend/",
}
TAKES_THE_PASSWORD_ITSELF = {"another address", "another password"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def _path(world: World, door: str) -> str:
    member, invitation = (world.rows[f"workspaces.{name}"].pk for name in ("Membership", "Invitation"))
    return DOORS[door].format(slug=world.workspace.slug, member=member, invitation=invitation)


def _is_asked(client: Client, path: str, page: str) -> bool:
    before = rows_fingerprint()
    is_read = path.endswith(("/codes/", "/download/"))
    answer = client.get(path) if is_read else client.post(path, {"role": "super_user", "name": "x"})
    return answer.headers.get("Location", "").startswith(page) and rows_fingerprint() == before


@pytest.mark.parametrize("door", [door for door in DOORS if door not in TAKES_THE_PASSWORD_ITSELF])
def test_door_asks_a_person_for_the_password_again(world: World, door: str) -> None:
    borrowed = signed_in(world.super_user, proved=LONG_AGO)

    assert _is_asked(borrowed, _path(world, door), "/accounts/reauthenticate/?next=")


@pytest.mark.parametrize("door", DOORS)
def test_door_asks_a_person_with_second_factor_for_that(world: World, door: str) -> None:
    with_second_factor(world.super_user)
    borrowed = signed_in(world.super_user, proved=LONG_AGO)

    assert _is_asked(borrowed, _path(world, door), "/accounts/two-factor/again/?next=")


@pytest.mark.parametrize("door", ["connect", "a role", "second factor on"])
def test_door_is_open_after_the_password(world: World, door: str) -> None:
    client, path = signed_in(world.super_user, proved=LONG_AGO), _path(world, door)
    asked = client.post(path)["Location"]
    back = client.post(asked, {"password": PASSWORD})["Location"]
    answer = client.post(path, {"role": "super_user"})

    assert back.startswith("/accounts/two-factor/on/" if door[-2:] == "on" else f"/w/{world.workspace.slug}/")
    assert "/reauthenticate/" not in answer.headers.get("Location", "")


def test_password_is_no_proof_of_who_has_a_second_factor(world: World) -> None:
    secret = with_second_factor(world.super_user)
    client, path = signed_in(world.super_user, proved=LONG_AGO), _path(world, "connect")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    after_password = client.post(path)["Location"]
    client.post(after_password, {"code": code_of(secret)})

    assert after_password.startswith("/accounts/two-factor/again/")
    assert "/two-factor/" not in client.post(path)["Location"]


def test_answer_to_a_part_of_a_page_leads_the_whole_page_to_the_question(world: World) -> None:
    borrowed = signed_in(world.super_user, proved=LONG_AGO)

    answer = borrowed.post(_path(world, "a role"), {"role": "staff"}, headers={"hx-request": "true"})

    assert answer["HX-Redirect"].startswith("/accounts/reauthenticate/?next=")


def test_proof_of_one_person_is_none_of_the_next_in_the_same_browser(world: World) -> None:
    client = signed_in(world.staff)
    client.force_login(world.super_user, backend="django.contrib.auth.backends.ModelBackend")

    assert _is_asked(client, _path(world, "connect"), "/accounts/reauthenticate/?next=")
