"""What people and scanners put into addresses: nothing of it may break a page."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.architecture.pages import all_pages
from tests.architecture.world import World, make_world

READ = ("q", "status", "page", "show", "seen", "move", "next", "all", "error", "state", "code")
"""The query arguments that some page reads. `customer` has a turn of its own: a wrong one is a 404 at once."""
GARBAGE = ("a\x00b", "²", "-1", "9" * 400, "%'\"<", "\r\nX-Bad: 1")
SILENT = {"health-live", "health-ready"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def client(world: World) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.super_user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _is_broken(response: HttpResponse) -> bool:
    return response.status_code >= 500 or "X-Bad" in response.headers


@pytest.mark.long
def test_no_query_breaks_a_page(world: World, client: Client) -> None:
    pages = [page.path(world) for page in all_pages() if not page.is_admin and page.name not in SILENT]
    pages = [path for path in pages if client.get(path).status_code == 200]
    assert len(pages) > 20

    asked = [(path, dict.fromkeys(READ, text)) for path in pages for text in GARBAGE]
    broken = [(path, query["q"]) for path, query in asked if _is_broken(client.get(path, query))]

    assert broken == []


@pytest.mark.parametrize("text", GARBAGE, ids=ascii)
def test_a_customer_that_is_none_is_not_found(world: World, client: Client, text: str) -> None:
    response = client.get(f"/w/{world.workspace.slug}/invoices/", {"customer": text})

    assert response.status_code in (400, 404)


def test_null_character_is_refused_wherever_it_stands(client: Client) -> None:
    answers = [client.get(path).status_code for path in ("/?q=%00", "/w/%00/", "/admin/login/?next=%00")]

    assert answers == [400, 400, 400]
