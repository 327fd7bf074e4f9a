"""Every URL, walked by people who have no business there. What a person may see of another workspace: nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.test import Client

from tests.architecture.pages import Page, all_pages
from tests.architecture.source import stale
from tests.architecture.world import MARKER, World, make_world, rows_fingerprint
from tests.factories.people import signed_in
from workspaces.models import User

pytestmark = pytest.mark.long

METHODS = ("get", "post", "put", "patch", "delete", "head")
USUAL = ("get", "post")
REFUSALS = {403, 404, 405}

PUBLIC = {
    "home": "sends each person to their own workspaces",
    "oauth:xero_callback": "takes only a state that this person's own browser asked for; else sends them home",
    "webhooks:xero": "Xero signs what it posts; anything else gets 401",
    "workspaces:session": "says who is signed in, to themselves",
    "workspaces:invitation": "the link of an invitation; tells nothing but whether it works",
    "workspaces:accept": "asks the person who opened such a link to join",
    "workspaces:switcher": "names the person's own workspaces",
    "health-live": "tells the machine that starts us whether the process lives",
    "health-ready": "tells the load balancer whether to send people here",
    "account_login": "where people sign in",
    "account_logout": "ends the own session",
    "account_signup": "says that nobody signs up by themselves",
    "account_inactive": "says that an account is switched off",
    "account_reauthenticate": "asks for the own password again",
    "mfa_authenticate": "the second step of signing in",
    "mfa_reauthenticate": "asks for the own second factor again",
    "identity:profile": "the own name and address",
    "identity:address": "the own address",
    "identity:cancel_address": "the own address",
    "identity:confirm_address": "the link in a mail is the proof",
    "identity:password": "the own password",
    "identity:factors": "the own second factor",
    "identity:factor_on": "the own second factor",
    "identity:factor_off": "the own second factor",
    "identity:codes": "the own recovery codes",
    "identity:download_codes": "the own recovery codes",
    "identity:new_codes": "the own recovery codes",
    "identity:sessions": "where the person is signed in",
    "identity:end_others": "ends the own sessions",
    "account_reset_password": "asks for an address, tells nothing about it",
    "account_reset_password_done": "says that a mail is on its way",
    "account_reset_password_from_key": "the link in the mail is the proof",
    "account_reset_password_from_key_done": "says that it worked",
    "admin:login": "where administrators sign in",
    "admin:logout": "ends the own session",
}
"""Pages that answer people who belong to no workspace, and why. They are walked like the others: nothing of a
workspace may stand in them."""


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def elsewhere(db: None) -> World:
    """The same things in another workspace."""
    return make_world("Quagga")


def _client(user: User | None) -> Client:
    return signed_in(user) if user else Client()


def _is_refused(response: HttpResponse) -> bool:
    logins = (resolve_url(settings.LOGIN_URL), resolve_url("admin:login"))
    to_login = response.status_code == 302 and response["Location"].startswith(logins)
    return to_login or response.status_code in REFUSALS


def _leaks(response: HttpResponse) -> bool:
    return MARKER.encode() in response.getvalue() or MARKER in str(response.headers)


def _knock(client: Client, page: Page, path: str, methods: Sequence[str]) -> list[str]:
    """What went wrong when the page was asked in these ways. One guard stands before all of an admin page's."""
    problems = []
    for method in methods[:1] if page.is_admin else methods:
        response = getattr(client, method)(path)
        if response.status_code >= 500 or not (page.name in PUBLIC or _is_refused(response)):
            problems.append(f"{method.upper()} {page.name} answered {response.status_code}")
        if _leaks(response):
            problems.append(f"{method.upper()} {page.name} shows another workspace's data")
    return problems


def _walk(client: Client, world: World, pages: Iterable[Page], methods: Sequence[str]) -> list[str]:
    before, problems = rows_fingerprint(), []
    for page in pages:
        problems += _knock(client, page, page.path(world), methods)
    after = rows_fingerprint()
    return problems + [f"rows of {table} changed" for table in before if before[table] != after[table]]


def test_every_url_can_be_filled(world: World) -> None:
    for page in all_pages():
        assert page.path(world).startswith("/")


def test_anonymous_is_sent_to_sign_in(world: World) -> None:
    assert _walk(_client(None), world, all_pages(), USUAL) == []


def test_stranger_finds_nothing(world: World, elsewhere: World) -> None:
    assert _walk(_client(elsewhere.staff), world, all_pages(), METHODS) == []


def test_super_user_of_another_workspace_finds_nothing(world: World, elsewhere: World) -> None:
    """The administrators' pages know no roles of workspaces: the stranger above walked them."""
    pages = [page for page in all_pages() if not page.is_admin]
    assert _walk(_client(elsewhere.super_user), world, pages, USUAL) == []


def test_another_workspaces_ids_in_every_url_answer_404(world: World, elsewhere: World) -> None:
    client, problems, before = _client(elsewhere.super_user), [], rows_fingerprint()
    for page in (page for page in all_pages() if page.names_objects):
        path = page.path(world, slug=elsewhere.workspace.slug)
        answers = {method: getattr(client, method)(path) for method in METHODS}
        statuses = {method: answer.status_code for method, answer in answers.items()}
        if not set(statuses.values()) <= {404, 405} or 404 not in statuses.values():
            problems.append(f"{page.name}: {statuses}")
        problems += [f"{page.name} leaks" for answer in answers.values() if _leaks(answer)]
        if rows_fingerprint() != before:
            return pytest.fail(f"{page.name} changed rows")
    assert problems == []


def test_public_pages_exist() -> None:
    assert stale(PUBLIC, {page.name for page in all_pages()}) == []
