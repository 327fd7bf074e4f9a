"""The page of the dry run: numbers that are filters, decisions for many at once, confirm."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounting.enums import DryRunState, Verdict
from accounting.models import Connection, Decision, DryRun, Operation
from accounting.sync import dry_run
from accounting.views.dry_run import PAGE
from catalogue.models import TaxRate
from core.testing import assert_queries
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.sampling import mostly_long
from workspaces.models import User
from xero_sandbox.handle import Handle


@pytest.fixture
def page(client: Client, super_user: User) -> Client:
    client.force_login(super_user)
    return client


@pytest.fixture
def ready(sandbox: Handle, connected: Connection, super_user: User) -> DryRun:
    """One to link, one to ask about, one to create."""
    there = Bookkeeper(sandbox, connected)
    there.create_contact(Name="Rimu Roasters")
    there.create_contact(Name="Somebody Else", EmailAddress="hi@miro.nz")
    make_customer(connected.workspace, name="Rimu Roasters Ltd")
    make_customer(connected.workspace, name="Miro Motors", email="hi@miro.nz")
    make_customer(connected.workspace, name="=Only Ours")
    Operation.objects.all().delete()
    dry_run.start(connection=connected, by=super_user)
    dry_run.take_turn(connected.pk)
    return DryRun.objects.get()


def _url(connection: Connection, name: str) -> str:
    return reverse(f"accounting:{name}", args=[connection.workspace.slug])


def _id(name: str) -> str:
    return str(Decision.objects.get(name=name).pk)


def test_page_says_what_would_happen(page: Client, connected: Connection, ready: DryRun) -> None:
    text = page.get(_url(connected, "dry_run")).content.decode()
    assert "1 will link, 1 will be created, 1 needs you, 0 cannot be sent, 0 left out." in text
    assert "under a minute" in text
    assert "a name that is alike" not in text


def test_numbers_are_filters(page: Client, connected: Connection, ready: DryRun) -> None:
    text = page.get(_url(connected, "dry_run"), {"show": "ask"}).content.decode()
    assert "Miro Motors" in text
    assert "Rimu Roasters Ltd" not in text


@pytest.mark.parametrize("count", mostly_long([0, 1, 60], quick=[1]))
def test_page_of_many_takes_as_many_queries(
    page: Client, connected: Connection, ready: DryRun, count: int
) -> None:
    row = Decision.objects.first()
    assert row is not None
    Decision.objects.bulk_create(
        Decision(
            workspace=row.workspace, dry_run=ready, kind="customer", local_id=row.dry_run_id.__class__(int=n + 1),
            name=f"Firm {n}", verdict=Verdict.CREATE, local_version=row.local_version,
        )
        for n in range(count)
    )  # fmt: skip
    with assert_queries(22):
        text = page.get(_url(connected, "dry_run")).content.decode()
    assert text.count('aria-label="Choose ') == min(3 + count, PAGE)


def test_many_are_decided_at_once(
    page: Client, connected: Connection, ready: DryRun, super_user: User
) -> None:
    ids = [_id("Miro Motors"), _id("Rimu Roasters Ltd")]
    answer = page.post(_url(connected, "decide_dry_run"), {"id": ids, "verdict": "skip"}, follow=True)
    assert "2 to be left out." in answer.content.decode()
    chosen = Decision.objects.filter(verdict=Verdict.SKIP)
    assert {str(row.pk) for row in chosen} == set(ids)
    assert {row.decided_by for row in chosen} == {super_user}


def test_suggestion_is_linked_by_a_person(page: Client, connected: Connection, ready: DryRun) -> None:
    page.post(_url(connected, "decide_dry_run"), {"id": [_id("Miro Motors")], "verdict": "link"})
    assert Decision.objects.get(name="Miro Motors").verdict == Verdict.LINK


def test_what_was_not_found_cannot_be_linked(page: Client, connected: Connection, ready: DryRun) -> None:
    answer = page.post(
        _url(connected, "decide_dry_run"), {"id": [_id("=Only Ours")], "verdict": "link"}, follow=True
    )
    assert "1 stay as they were" in answer.content.decode()
    assert Decision.objects.get(name="=Only Ours").verdict == Verdict.CREATE


def test_nonsense_decides_nothing(page: Client, connected: Connection, ready: DryRun) -> None:
    for sent in ({"id": ["x"], "verdict": "link"}, {"id": [_id("Miro Motors")], "verdict": "eat"}, {}):
        answer = page.post(_url(connected, "decide_dry_run"), sent, follow=True)
        assert "Choose some records" in answer.content.decode()


def test_confirm_begins(page: Client, connected: Connection, gst: TaxRate, ready: DryRun) -> None:
    page.post(_url(connected, "confirm_dry_run"), {"keep": "ours"})
    ready.refresh_from_db()
    assert (ready.state, ready.keeps_ours) == (DryRunState.LINKING, True)
    again = page.post(_url(connected, "confirm_dry_run"), {"keep": "ours"}, follow=True)
    assert "being done already" in again.content.decode()


def test_confirm_asks_which_version_stands(
    page: Client, connected: Connection, gst: TaxRate, ready: DryRun
) -> None:
    answer = page.post(_url(connected, "confirm_dry_run"), {"keep": "none"}, follow=True)
    assert "Choose which version stands" in answer.content.decode()
    assert DryRun.objects.get().state == DryRunState.READY


def test_file_guards_formulas(page: Client, connected: Connection, ready: DryRun) -> None:
    answer = page.get(_url(connected, "dry_run_csv"))
    text = b"".join(answer.streaming_content).decode()
    assert "'=Only Ours" in text
    assert text.count("\n") == 4


def test_dry_run_is_a_super_users(client: Client, connected: Connection, ready: DryRun, staff: User) -> None:
    client.force_login(staff)
    assert client.get(_url(connected, "dry_run")).status_code == 403
    for name in ("start_dry_run", "decide_dry_run", "confirm_dry_run"):
        assert client.post(_url(connected, name)).status_code == 403


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "place"), [("dry_run", "Sync"), ("unmatched", "Sync"), ("mapping", "Accounting")]
)
def test_sidebar_says_where_one_is(
    page: Client, connected: Connection, ready: DryRun, name: str, place: str
) -> None:
    text = page.get(_url(connected, name)).content.decode()
    (current,) = re.findall(r'nav__link"[^>]* aria-current="page">.*?</svg>\s*(\w+)', text, re.S)
    assert current == place
