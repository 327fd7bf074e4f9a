"""What a small request may cost: every page and form, asked for far too much. Rows, queries and bytes are counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.admin import SearchedAdmin
from tests.architecture.pages import Page, all_pages
from tests.architecture.source import HOUSE
from tests.architecture.world import World, make_world, rows_fingerprint
from workspaces.models import User

WORDS = "zzz " * 1900
DIGITS = "9" * 4000
QUERIES, STATEMENTS, BYTES, ROWS = 80, 100_000, 400_000, 5
"""What one answer may cost: queries, characters of SQL, bytes, and rows that came or went."""
FIELD = re.compile(r"""<(input|select|textarea)\b[^>]*?\bname="([^"]+)\"""")
QUESTIONS = [
    {"q": WORDS, "term": WORDS},
    {"page": DIGITS, "p": DIGITS, "show": WORDS, "status": WORDS, "customer": WORDS},
    {"page": "-1", "p": "-1", "o": ".".join(["1"] * 900)},
    {"q": ["zzz"] * 900, "page": ["2"] * 900},
]


@dataclass(frozen=True)
class Cost:
    queries: int
    statements: int
    size: int
    rows: int

    @property
    def is_bearable(self) -> bool:
        return all(
            (self.queries <= QUERIES, self.statements <= STATEMENTS, self.size <= BYTES, self.rows <= ROWS)
        )


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "request", refuse)


@pytest.fixture
def clients(world: World) -> dict[bool, Client]:
    """By whether a page is the administrators'."""
    chief = User.objects.create_superuser("admin@example.com", "a long password")
    return {True: _client(chief), False: _client(world.super_user)}


def _client(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _count() -> int:
    return sum(count for count, _ in rows_fingerprint().values())


def _cost(ask: Any, count: Callable[[], int] = _count) -> tuple[HttpResponse, Cost]:
    before = count()
    connection.queries_log.clear()  # it holds a few thousand only, of all pages before
    with CaptureQueriesContext(connection) as captured:
        response = ask()
    statements = sum(len(query["sql"]) for query in captured.captured_queries)
    rows = abs(count() - before)
    return response, Cost(len(captured), statements, len(response.getvalue()), rows)


def _walk(world: World, clients: dict[bool, Client]) -> Iterator[tuple[Page, Client, str]]:
    for page in all_pages():
        if page.name not in ("account_logout", "admin:logout"):
            yield page, clients[page.is_admin], page.path(world)


@pytest.mark.long
def test_questions_of_hostile_size_cost_next_to_nothing(world: World, clients: dict[bool, Client]) -> None:
    problems = []
    for page, client, path in _walk(world, clients):
        for question in QUESTIONS:
            # That a GET changes no rows has a test of its own.
            response, cost = _cost(lambda: client.get(path, question), int)  # noqa: B023  (called at once)
            if response.status_code >= 500 or not cost.is_bearable:
                problems.append(f"GET {page.name} {list(question)}: {response.status_code} {cost}")
    assert problems == []


def _hostile_form(client: Client, path: str) -> dict[str, str]:
    """Each field of the page, far too large; each count of rows, far too many."""
    fields = FIELD.findall(client.get(path).getvalue().decode(errors="replace"))
    kinds = {name: kind for kind, name in fields if name != "csrfmiddlewaretoken"}
    counts = [name for name in kinds if name.endswith("_FORMS")] + ["lines-TOTAL_FORMS", "form-TOTAL_FORMS"]
    values = {name: WORDS for name, kind in kinds.items() if kind != "select"}
    return {**values, **dict.fromkeys(counts, "99999"), "lines-INITIAL_FORMS": "0", "form-INITIAL_FORMS": "0"}


@pytest.mark.long
def test_forms_of_hostile_size_cost_next_to_nothing(world: World, clients: dict[bool, Client]) -> None:
    problems = []
    for page, client, path in _walk(world, clients):
        form = _hostile_form(client, path)
        response, cost = _cost(lambda: client.post(path, form))  # noqa: B023  (called at once)
        if response.status_code >= 500 or not cost.is_bearable:
            problems.append(f"POST {page.name}: {response.status_code} {cost}")
    assert problems == []


@pytest.mark.long
def test_claim_of_many_lines_gets_a_sentence_and_one_row(world: World, clients: dict[bool, Client]) -> None:
    path = f"/w/{world.workspace.slug}/invoices/new/"

    response, cost = _cost(
        lambda: clients[False].post(path, {"lines-TOTAL_FORMS": "99999", "lines-INITIAL_FORMS": "0"})
    )

    page = response.content.decode()
    assert "An invoice holds at most 100 lines here." in page
    assert page.count('name="lines-') <= 3 * 12
    assert cost.is_bearable


@pytest.mark.long
def test_more_lines_than_an_invoice_holds_are_refused_and_kept_to_the_limit(
    world: World, clients: dict[bool, Client]
) -> None:
    rows = {f"lines-{row}-description": "x" for row in range(400)}

    response = clients[False].post(
        f"/w/{world.workspace.slug}/invoices/new/",
        {"lines-TOTAL_FORMS": "400", "lines-INITIAL_FORMS": "0", **rows},
    )

    page = response.content.decode()
    assert "An invoice holds at most 100 lines here." in page
    assert 'name="lines-99-description"' in page
    assert 'name="lines-100-description"' not in page


@pytest.mark.long
def test_more_fields_than_any_form_has_are_refused(world: World, clients: dict[bool, Client]) -> None:
    fields = {f"field{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    response = clients[False].post(f"/w/{world.workspace.slug}/invoices/new/", fields)
    assert response.status_code == 400


@pytest.mark.long
def test_administrators_search_through_the_same_cap() -> None:
    searched = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if page.search_fields and model._meta.app_label in HOUSE and not isinstance(page, SearchedAdmin)
    }
    assert searched == set()
