"""Guessing passwords, and the side doors around the sign-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from workspaces.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _limits_as_in_production(settings: Settings) -> Iterator[None]:
    settings.ACCOUNT_RATE_LIMITS = {}
    cache.clear()
    yield
    cache.clear()


def _is_stopped(client: Client, email: str, **headers: str) -> bool:
    response = client.post("/accounts/login/", {"login": email, "password": "guess"}, headers=headers)
    return "Too many failed login attempts" in response.content.decode()


def test_guessing_many_peoples_passwords_is_stopped_though_the_address_is_forged(db: None) -> None:
    """Ten a minute. Whoever talks to us directly can write what they like into X-Forwarded-For."""
    client = Client()

    answers = [
        _is_stopped(client, f"person{number}@example.com", **{"x-forwarded-for": f"203.0.113.{number}"})
        for number in range(12)
    ]

    assert answers == [False] * 10 + [True] * 2


def test_guesses_with_forged_headers_through_our_proxy_are_one_client(settings: Settings) -> None:
    """The proxy adds what it saw to the right; the person behind it may have written anything to the left."""
    settings.TRUSTED_PROXY_COUNT = 1
    client = Client(REMOTE_ADDR="172.18.0.2")

    answers = [
        _is_stopped(
            client,
            f"person{number}@example.com",
            **{"x-forwarded-for": f"203.0.113.{number}, 198.51.100.7"},
        )
        for number in range(25)
    ]

    assert answers == [False] * 10 + [True] * 15


def test_guesses_of_a_stranger_at_the_port_are_one_client(settings: Settings) -> None:
    """Twenty-five of twenty-five got through where the port was open to everybody."""
    settings.TRUSTED_PROXY_COUNT = 1
    client = Client(REMOTE_ADDR="198.51.100.7")

    answers = [
        _is_stopped(client, f"person{number}@example.com", **{"x-forwarded-for": f"203.0.113.{number}"})
        for number in range(25)
    ]

    assert answers == [False] * 10 + [True] * 15


def test_guessing_one_persons_password_is_stopped_from_many_addresses(super_user: User) -> None:
    """Five in five minutes, whoever asks."""
    answers = [
        _is_stopped(Client(REMOTE_ADDR=f"203.0.113.{number}"), super_user.email) for number in range(7)
    ]

    assert answers == [False] * 5 + [True] * 2


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
