"""The page on which a super user pairs a record, and what its buttons do."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounting.enums import Kind, OpState, Until
from accounting.models import Connection, Exemption, Link, Operation, Problem
from accounting.sync import problems
from customers.models import Customer
from customers.services import update_customer
from tests.accounting.pairing import bookkeeper, link_of, ours, synced, theirs
from workspaces.models import User, Workspace

__all__ = ["bookkeeper", "ours", "synced", "theirs"]
"""Fixtures."""


@pytest.fixture
def page(client: Client, super_user: User) -> Client:
    client.force_login(super_user)
    return client


def _url(name: str, record: Customer, kind: str = "customer") -> str:
    return reverse(f"accounting:{name}", args=[record.workspace.slug, kind, record.pk])


def test_search_shows_what_xero_has_and_what_differs(
    page: Client, ours: Customer, theirs: dict[str, str]
) -> None:
    answer = page.get(_url("pair", ours), {"q": "rimu"})
    text = answer.content.decode()
    assert "Rimu Roasters Ltd" in text
    assert "hello@rimu.nz" in text
    assert "ask@rimu.nz" in text
    assert "Link, take Xero" in text


def test_search_that_finds_nothing_says_so(page: Client, ours: Customer, connected: Connection) -> None:
    assert "Xero has nothing by “zzz”" in page.get(_url("pair", ours), {"q": "zzz"}).content.decode()


def test_link_links(page: Client, ours: Customer, theirs: dict[str, str]) -> None:
    answer = page.post(_url("link", ours), {"remote_id": theirs["ContactID"], "keep": "theirs"}, follow=True)
    assert "Linked. It is kept in step" in answer.content.decode()
    ours.refresh_from_db()
    assert (link_of(ours).remote_id, ours.name) == (theirs["ContactID"], "Rimu Roasters Ltd")


def test_unlink_ignore_and_take_back(page: Client, synced: Customer) -> None:
    assert "Unlinked" in page.post(_url("unlink", synced), {"reason": "Wrong."}, follow=True).content.decode()
    assert not Link.objects.exists()
    page.post(_url("take_back", synced))
    assert not Exemption.objects.exists()
    page.post(_url("ignore", synced), {"until": "good", "reason": "Old."})
    assert (Exemption.objects.get().until, Exemption.objects.get().reason) == (Until.GOOD, "Old.")


def test_mark_synced_says_what_it_found(page: Client, synced: Customer) -> None:
    assert "both say the same" in page.post(_url("mark_synced", synced), follow=True).content.decode()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"until": "day", "reason": "Later."}, "Choose the day on which it comes back."),
        ({"until": "day", "day": "2020-01-01", "reason": "Later."}, "Choose a day after today."),
        ({"until": "day", "day": "soon", "reason": "Later."}, "Write a date like"),
    ],
)
def test_ignore_asks_for_a_day_to_come_and_keeps_what_was_typed(
    page: Client, synced: Customer, typed: dict[str, str], told: str
) -> None:
    answer = page.post(_url("ignore", synced), typed)
    text = answer.content.decode()
    assert (answer.status_code, told in text, "Later." in text) == (422, True, True)
    assert not Exemption.objects.exists()


@pytest.mark.parametrize("name", ["link", "unlink", "ignore", "take_back", "mark_synced"])
def test_decisions_are_a_super_users(client: Client, synced: Customer, staff: User, name: str) -> None:
    client.force_login(staff)
    assert client.post(_url(name, synced)).status_code == 403
    assert client.get(_url("pair", synced)).status_code == 403


def test_problem_leads_to_what_can_be_decided_about_each_record(
    page: Client, synced: Customer, in_workspace: Workspace
) -> None:
    update_customer(customer=synced, email="x@kowhai.nz", by=None)
    Operation.objects.update(state=OpState.FAILED, error="Xero says: no", error_class="permanent")
    problems.keep_up()
    cause = reverse("accounting:problem", args=[in_workspace.slug, Problem.objects.get().pk])
    assert _url("pair", synced) in page.get(cause).content.decode()


def test_payment_has_no_page_of_its_own(page: Client, synced: Customer) -> None:
    assert page.get(_url("pair", synced, Kind.PAYMENT)).status_code == 404


def test_card_of_a_record_leads_there(page: Client, synced: Customer, in_workspace: Workspace) -> None:
    card = reverse("accounting:record_status", args=[in_workspace.slug, "customer", synced.pk])
    assert _url("pair", synced) in page.get(card).content.decode()
