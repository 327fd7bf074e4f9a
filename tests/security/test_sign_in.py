"""Guessing passwords, and the side doors around the sign-in. The limits are those of production."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from core.testing import capture_commits
from identity import throttle
from tests.factories.people import code_of, with_second_factor
from tests.factories.workspaces import make_user
from workspaces.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "a long password"
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


def _sign_in(email: str, password: str = "guess", *, address: str = ELSEWHERE) -> str:
    """What became of it: "in", "wrong" or "wait"."""
    client = Client(REMOTE_ADDR=address)
    return _told(client.post("/accounts/login/", {"login": email, "password": password}))


def _told(response: object) -> str:
    if response.status_code == 302:
        return "in"
    return "wait" if "Too many wrong guesses" in response.content.decode() else "wrong"


def _wait_of(account: str, address: str) -> int:
    """How long the next guess has to wait; 0 for one that may be made, which it then was."""
    try:
        throttle.begin(account=account, address=address)
    except throttle.TooEarly as early:
        return early.seconds
    return 0


def test_five_guesses_at_one_account_are_free_and_then_they_wait(super_user: User) -> None:
    assert [_sign_in(super_user.email) for _ in range(7)] == ["wrong"] * 5 + ["wait"] * 2


def test_each_further_guess_waits_twice_as_long_up_to_a_quarter_of_an_hour() -> None:
    waits = []
    with time_machine.travel("2026-03-02 10:00:00Z", tick=False) as clock:
        for _ in range(15):
            while seconds := _wait_of("ana@example.com", ELSEWHERE):
                waits.append(seconds)
                clock.shift(seconds)

    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_right_owner_signs_in_while_a_stranger_guesses(super_user: User) -> None:
    for _ in range(12):
        _sign_in(super_user.email)

    assert _sign_in(super_user.email, PASSWORD, address=HERE) == "in"


def test_right_password_has_to_wait_too_where_guesses_came_from(super_user: User) -> None:
    """Or waiting would tell which guess was right."""
    for _ in range(5):
        _sign_in(super_user.email)

    assert _sign_in(super_user.email, PASSWORD) == "wait"


def test_account_guessed_at_from_everywhere_grants_each_address_one_guess(super_user: User) -> None:
    for number in range(throttle.ATTACK):
        throttle.begin(account=super_user.email, address=f"203.0.113.{number}")

    stranger = [_sign_in(super_user.email, address="192.0.2.1") for _ in range(2)]
    owner = _sign_in(super_user.email, PASSWORD, address=HERE)

    assert (stranger, owner) == (["wrong", "wait"], "in")


def test_one_machine_cannot_try_a_password_on_everybody() -> None:
    answers = [_sign_in(f"person{number}@example.com") for number in range(22)]

    assert answers == ["wrong"] * 20 + ["wait"] * 2


def test_who_signed_in_from_there_before_is_not_held_up_by_a_colleague_who_guesses(super_user: User) -> None:
    before = _sign_in(super_user.email, PASSWORD)
    for number in range(25):
        _sign_in(f"person{number}@example.com")

    assert (before, _sign_in(super_user.email, PASSWORD)) == ("in", "in")


def test_guesses_made_at_the_same_moment_are_no_more_than_in_a_row() -> None:
    """Each is counted before its password is looked at."""
    with time_machine.travel("2026-03-02 10:00:00Z", tick=False):
        begun = [_wait_of("ana@example.com", ELSEWHERE) for _ in range(30)]

    assert begun.count(0) == 5


def test_guesses_from_one_network_of_addresses_are_one_client() -> None:
    waits = [_wait_of("ana@example.com", f"2001:db8:1:2::{number:x}") for number in range(6)]

    assert (waits[:5], waits[5] > 0) == ([0] * 5, True)


def _spray(client: Client, number: int, forged: str) -> str:
    form = {"login": f"person{number}@example.com", "password": "guess"}
    return _told(client.post("/accounts/login/", form, headers={"x-forwarded-for": forged}))


def test_guesses_with_forged_headers_through_our_proxy_are_one_client(settings: Settings) -> None:
    """The proxy adds what it saw to the right; the person behind it may have written anything to the left."""
    settings.TRUSTED_PROXY_COUNT = 1
    client = Client(REMOTE_ADDR="172.18.0.2")

    answers = [_spray(client, number, f"203.0.113.{number}, {HERE}") for number in range(25)]

    assert answers == ["wrong"] * 20 + ["wait"] * 5


@pytest.mark.parametrize("trusted", [0, 1])
def test_guesses_of_a_stranger_at_the_port_are_one_client(settings: Settings, trusted: int) -> None:
    """Twenty-five of twenty-five got through where the port was open to everybody."""
    settings.TRUSTED_PROXY_COUNT = trusted
    client = Client(REMOTE_ADDR=HERE)

    answers = [_spray(client, number, f"203.0.113.{number}") for number in range(25)]

    assert answers == ["wrong"] * 20 + ["wait"] * 5


def test_codes_are_guessed_no_faster_than_passwords() -> None:
    user = make_user("ana@example.com")
    secret = with_second_factor(user)
    client = Client(REMOTE_ADDR=ELSEWHERE)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    wrong = [_told(client.post("/accounts/two-factor/sign-in/", {"code": "000000"})) for _ in range(6)]

    assert wrong == ["wrong"] * 5 + ["wait"]
    assert _told(client.post("/accounts/two-factor/sign-in/", {"code": code_of(secret)})) == "wait"


def test_password_asked_for_again_is_guessed_no_faster_than_at_the_sign_in(super_client: Client) -> None:
    asked = [_told(super_client.post("/accounts/reauthenticate/", {"password": "guess"})) for _ in range(6)]

    assert asked == ["wrong"] * 5 + ["wait"]


def test_owner_who_guessed_in_vain_gets_in_by_the_mail(super_user: User) -> None:
    for _ in range(6):
        _sign_in(super_user.email)
    client = Client(REMOTE_ADDR=ELSEWHERE)
    with capture_commits():
        client.post("/accounts/password/reset/", {"email": super_user.email})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body)[0]
    form = client.get(link, follow=True).request["PATH_INFO"]
    new = "harbour ferry lantern"
    client.post(form, {"password1": new, "password2": new})

    assert _sign_in(super_user.email, new) == "in"


def test_administrators_sign_in_through_the_same_limits(super_user: User) -> None:
    """Django's own form knows no limits and no second factor."""
    response = Client().post(
        "/admin/login/?next=/admin/", {"username": super_user.email, "password": "guess"}
    )

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")


def test_admin_is_closed_to_members(super_client: Client) -> None:
    assert super_client.get("/admin/login/?next=/admin/").status_code == 403
    assert super_client.get("/admin/").status_code in (302, 403)
