"""A connection that reached one of Xero's limits: what is told meanwhile, and how it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounting.enums import Kind, Limit, OpState
from accounting.models import Connection, Operation
from accounting.queries.setup import connection_card, queue_of
from accounting.queries.status import status_for
from accounting.sync.drain import drain
from core.testing import capture_commits
from tests.accounting.pages import url, words
from tests.factories.customers import make_customer
from workspaces.models import Workspace
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def limited(connected: Connection, sandbox: Handle, in_workspace: Workspace) -> Connection:
    """A customer was about to be sent when the day's calls were used up."""
    make_customer(in_workspace, name="Harbour Cafe")
    Connection.objects.update(day_remaining=4933, quota_seen_at=timezone.now())
    sandbox.faults.add("rate_day", times=None)
    assert drain(connected.pk)
    return Connection.objects.get()


def test_day_limit_is_told_with_its_end_and_what_still_works(
    super_client: Client, limited: Connection, in_workspace: Workspace
) -> None:
    told = words(super_client.get(url("settings", in_workspace)))

    in_workspace.refresh_from_db()  # connecting took the organisation's time zone
    until = timezone.localtime(limited.resume_at, in_workspace.zone)
    assert f"Nothing goes either way until {until:%H:%M}" in told
    assert "Today's calls to Xero are used up" in told
    assert "The limit that was reached: the calls of this day." in told
    assert "Everything in Tandem works meanwhile." in told
    assert ("Resting" in told, " Connected Nothing" in told) == (True, False)
    assert "Left, as Xero says 0 calls" in told
    assert "4,933" not in told


@pytest.mark.parametrize(
    ("fault", "limit"),
    [
        ("rate_minute", Limit.MINUTE),
        ("rate_day", Limit.DAY),
        ("rate_app", Limit.APP),
        ("maintenance", Limit.NONE),
    ],
)
def test_connection_remembers_which_limit_it_rests_for(
    connected: Connection, sandbox: Handle, in_workspace: Workspace, fault: str, limit: str
) -> None:
    make_customer(in_workspace)
    sandbox.faults.add(fault, times=None)

    drain(connected.pk)

    assert Connection.objects.get().resume_limit == limit


def test_what_was_stored_to_be_sent_waits_while_the_connection_rests(limited: Connection) -> None:
    operation = Operation.objects.get()
    assert operation.state == OpState.IN_FLIGHT

    told = status_for(Kind.CUSTOMER, [operation.local_id])[operation.local_id]

    assert told.code == "paused"
    assert (queue_of(limited).sending, queue_of(limited).waiting) == (0, 1)


def test_short_rest_pauses_for_a_moment(
    super_client: Client, connected: Connection, in_workspace: Workspace
) -> None:
    Connection.objects.update(resume_at=timezone.now() + dt.timedelta(seconds=20))

    assert "Sending pauses for a moment" in words(super_client.get(url("settings", in_workspace)))


def test_try_now_ends_the_rest_once_xero_takes_calls_again(
    super_client: Client, limited: Connection, in_workspace: Workspace, sandbox: Handle
) -> None:
    sandbox.faults.clear()

    super_client.post(url("try_now", in_workspace))
    assert drain(limited.pk)

    assert not Operation.objects.exists()
    assert connection_card().rest is None


def test_try_now_rests_again_while_xero_takes_no_calls(
    super_client: Client, limited: Connection, in_workspace: Workspace
) -> None:
    super_client.post(url("try_now", in_workspace))
    assert drain(limited.pk)

    rest = connection_card().rest
    assert rest is not None
    assert rest.is_long


def test_trying_now_is_a_super_users(
    staff_client: Client, limited: Connection, in_workspace: Workspace
) -> None:
    assert staff_client.post(url("try_now", in_workspace)).status_code == 403


@pytest.mark.parametrize(("minutes", "is_sent"), [(5, False), (90, True)])
def test_count_of_the_day_is_believed_for_an_hour(
    connected: Connection, in_workspace: Workspace, minutes: int, is_sent: bool
) -> None:
    """Work that nobody waits for would rest for ever on the count of a day that is over."""
    make_customer(in_workspace)
    Operation.objects.update(priority=3)
    seen = timezone.now() - dt.timedelta(minutes=minutes)
    Connection.objects.update(day_remaining=0, quota_seen_at=seen)

    drain(connected.pk)

    assert Operation.objects.exists() != is_sent


def test_sandbox_that_recovered_ends_the_rest_in_the_demo(
    limited: Connection, sandbox: Handle, in_workspace: Workspace, settings: Settings
) -> None:
    settings.ROOT_URLCONF = "config.demo.urls"
    sandbox.faults.clear()

    with capture_commits() as woken:
        answer = Client(enforce_csrf_checks=True).post("/demo/xero-recovered/")

    assert (answer.status_code, len(woken), connection_card().rest) == (204, 1, None)
    assert drain(limited.pk)
    assert not Operation.objects.exists()


def test_sandbox_that_recovered_is_heard_by_no_other_tandem_than_the_demo(client: Client) -> None:
    assert client.post("/demo/xero-recovered/").status_code == 404


@pytest.mark.parametrize("press", ["clear", "clock"])
def test_sandbox_takes_calls_again_when_everything_works_or_a_day_has_gone_by(
    limited: Connection, sandbox: Handle, in_workspace: Workspace, sync: Sync, press: str
) -> None:
    sandbox.sandbox.limiter.spend_day(limited.tenant_id, sandbox.clock.now(), 5000)
    data: dict[str, Any] = {"minutes": 24 * 60} if press == "clock" else {}

    requests.post(f"{sandbox.url}/developer/faults/{press}", data=data, timeout=5)
    sync()  # a day later the access is renewed first
    sync()

    assert not Operation.objects.exists()
