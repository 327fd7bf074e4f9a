"""What a browser keeps after somebody left it: nothing of theirs."""

from __future__ import annotations

import pytest
from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.test import Client, RequestFactory

from tests.architecture.pages import all_pages
from tests.architecture.world import World, make_world
from tests.factories.people import make_administrator, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.mark.long
def test_no_page_behind_sign_in_is_kept_by_the_browser(world: World) -> None:
    client = signed_in(world.super_user)
    pages = [page for page in all_pages() if page.is_of_workspace or page.route.startswith("accounts/")]

    kept = {
        page.name
        for page in pages
        if "no-store" not in client.get(page.path(world)).headers.get("Cache-Control", "")
    }

    assert kept == set()
    assert len(pages) > 40


def test_sign_out_has_the_browser_forget(super_client: Client) -> None:
    assert super_client.post("/accounts/logout/").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_sign_out_of_the_administration_has_the_browser_forget(db: None) -> None:
    client = signed_in(make_administrator())

    assert client.post("/admin/logout/").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_other_answers_let_the_browser_keep_what_it_has(super_client: Client) -> None:
    answers = [super_client.get("/accounts/logout/"), super_client.get("/"), Client().get("/accounts/login/")]

    assert ["Clear-Site-Data" in answer.headers for answer in answers] == [False] * 3


def test_notices_are_kept_in_the_session_and_not_in_a_cookie(super_client: Client) -> None:
    """A notice may name a customer."""
    request = RequestFactory().get("/")
    request.session = super_client.session
    storage = default_storage(request)
    storage.add(messages.INFO, "Harbour Bakery was saved.")
    response = super_client.get("/accounts/logout/")

    storage.update(response)

    assert "messages" not in response.cookies
    assert "Harbour Bakery" in str(request.session["_messages"])
