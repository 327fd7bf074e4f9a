"""What each URL promises its own people: no write without a token, no write on GET, no page that breaks."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.template import engines
from django.test import Client

from tests.architecture.pages import Page, all_pages
from tests.architecture.world import World, make_world, rows_fingerprint
from tests.factories.people import make_administrator, signed_in

pytestmark = pytest.mark.long

WITHOUT_TOKEN = {"webhooks:xero": "Xero signs what it posts instead"}
SHOWN = {200, 204, 286, 302, 405}
UNDEFINED = "UNDEFINED-VARIABLE"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def _client(user: AbstractBaseUser, **options: bool) -> Client:
    return signed_in(user, **options)


def _own_pages() -> list[Page]:
    return [page for page in all_pages() if page.is_of_workspace]


def test_only_the_webhook_is_exempt_from_the_csrf_token() -> None:
    exempt = {page.name for page in all_pages() if getattr(page.callback, "csrf_exempt", False)}
    assert exempt - set(WITHOUT_TOKEN) == set()


def test_every_url_refuses_a_post_without_a_csrf_token(world: World) -> None:
    client, before = _client(world.super_user, enforce_csrf_checks=True), rows_fingerprint()
    pages = [page for page in all_pages() if page.name not in WITHOUT_TOKEN]

    answers = {page.name: client.post(page.path(world)).status_code for page in pages}

    assert {name: status for name, status in answers.items() if status != 403} == {}
    assert rows_fingerprint() == before


def test_get_changes_nothing_and_breaks_nothing(world: World) -> None:
    client, before = _client(world.super_user), rows_fingerprint()
    for page in _own_pages():
        status = client.get(page.path(world)).status_code
        assert status in SHOWN, f"GET {page.name} answered {status}"
        assert rows_fingerprint() == before, f"GET {page.name} changed rows"


def test_admin_pages_open_for_administrators(world: World) -> None:
    client = signed_in(make_administrator())
    before = rows_fingerprint()
    pages = [page for page in all_pages() if page.name.startswith("admin:")]
    answers = {
        page.name: client.get(page.path(world)).status_code
        for page in pages
        if page.name.endswith(("_changelist", "_add", "_change", ":index"))
    }
    assert {name: status for name, status in answers.items() if status not in (200, 302, 403)} == {}
    assert rows_fingerprint() == before


class _Undefined(str):
    """Put where a template names a variable that is not there."""

    def __mod__(self, name: object) -> str:
        return f"{UNDEFINED}:{name}"


def test_pages_name_no_undefined_variable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", _Undefined("%s"))
    client = _client(world.super_user)
    for page in _own_pages():
        text = client.get(page.path(world)).getvalue().decode()
        found = text.find(UNDEFINED)
        assert found < 0, f"{page.name}: {text[max(0, found - 200) : found + 80]}"
