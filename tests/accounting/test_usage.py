"""Calls and bytes are counted where calls are made, agree with what the sandbox counted, and stand on the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounting.models import Connection, Usage
from accounting.port.errors import ProviderError
from accounting.queries.usage import DAYS, HEIGHT, usage_of
from accounting.sync import meter
from accounting.sync.opening import open_books
from accounting.sync.probe import probe
from accounting.sync.reconcile import reconcile
from core.clock import day_in
from tests.accounting.pages import url, words
from tests.factories.customers import make_customer
from workspaces.models import Workspace
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


def _today() -> dt.date:
    return day_in(dt.UTC)


def _used(sandbox: Handle, connection: Connection) -> int:
    """What the sandbox took off the organisation's day."""
    return int(sandbox.limiter.report()["day_used"][connection.tenant_id])


def _spend(connection: Connection, calls: int, *, days_ago: int = 0, received: int = 1000) -> None:
    Usage.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        tenant_id=connection.tenant_id,
        day=_today() - dt.timedelta(days=days_ago),
        calls=calls,
        received=received,
    )


def test_meter_says_what_the_sandbox_counted(connected: Connection, sandbox: Handle, sync: Sync) -> None:
    """Writes, reads, the regular check and a test of the connection, over several openings of the books."""
    Usage.objects.all().delete()
    sandbox.limiter.reset()
    make_customer(connected.workspace, name="Pip")
    sync()
    make_customer(connected.workspace, name="Pop")
    sync()
    reconcile(connected.pk)
    probe(connected)
    row = Usage.objects.get()
    calls = sandbox.requests(organisation=connected.tenant_id)
    assert row.day == _today()
    assert row.calls == len(calls) == _used(sandbox, connected) > 5
    assert row.received == sum(call.reply_bytes for call in calls) > 0


def test_reply_that_was_lost_counts_as_a_call(connected: Connection, sandbox: Handle) -> None:
    Usage.objects.all().delete()
    sandbox.faults.add("drop", method="GET", path="Organisation")
    with pytest.raises(ProviderError), open_books(connected) as books:
        books.survey()
    assert [(row.calls, row.received) for row in Usage.objects.all()] == [(1, 0)]


def test_call_that_was_refused_over_a_limit_counts_as_none(connected: Connection, sandbox: Handle) -> None:
    Usage.objects.all().delete()
    sandbox.limiter.spend_day(connected.tenant_id, sandbox.clock.now(), 5000)
    with pytest.raises(ProviderError), open_books(connected) as books:
        books.survey()
    assert not Usage.objects.exists()


def test_one_opening_costs_one_statement(
    connected: Connection, django_assert_num_queries: Callable[[int], object]
) -> None:
    _spend(connected, 1)
    counted = meter.CallMeter(connected)
    for _ in range(50):
        counted.count(10)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        counted.close()
    row = Usage.objects.get(day=_today())
    assert (row.calls, row.received) == (51, 1500)


def test_count_that_cannot_be_written_stops_nothing(
    connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*told: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(meter, "_add", break_down)
    with open_books(connected) as books:
        assert books.survey().organisation.name


def test_organisation_that_was_left_keeps_its_days_to_itself(connected: Connection) -> None:
    Usage.objects.all().delete()
    _spend(connected, 7)
    connected.tenant_id = "another"
    counted = meter.CallMeter(connected)
    counted.count(10)
    counted.close()
    assert sorted(Usage.objects.values_list("calls", flat=True)) == [1, 7]
    assert usage_of(connected, reserve=100).today.calls == 1


def test_days_older_than_a_month_are_forgotten(connected: Connection) -> None:
    Usage.objects.all().delete()
    for age in (0, 31, 32):
        _spend(connected, 1, days_ago=age)
    assert meter.forget_old() == 1
    assert {row.day for row in Usage.objects.all()} == {_today(), _today() - dt.timedelta(days=31)}


def test_bars_are_as_high_as_the_busiest_day_lets_them(connected: Connection) -> None:
    Usage.objects.all().delete()
    _spend(connected, 1, days_ago=1)
    _spend(connected, 400, days_ago=2)
    _spend(connected, 200)
    told = usage_of(connected, reserve=100)
    assert len(told.days) == DAYS
    assert [day.height for day in told.days[-4:]] == [0, HEIGHT, 1, HEIGHT // 2]
    assert told.busiest.calls == 400
    assert [day.calls for day in told.listed] == [200, 1, 400]


def test_page_shows_today_the_limit_the_reserve_and_the_days(
    connected: Connection, super_client: Client, workspace: Workspace, settings: Settings
) -> None:
    settings.XERO_CALLS_A_DAY = 1000
    Usage.objects.all().delete()
    Connection.objects.update(day_remaining=640, quota_seen_at=timezone.now())
    _spend(connected, 312, received=2_500_000)
    _spend(connected, 1234, days_ago=29)
    page = words(super_client.get(url("settings", workspace)))
    assert "312 of 1,000 calls, 2.4 MB read" in page
    assert "640 calls" in page
    assert "The last 100" in page
    assert "1,546 calls" in page
    _spend(connected, 9, days_ago=3)
    drawn = super_client.get(url("settings", workspace)).content.decode()
    assert drawn.count("bars__bar") == 3
    assert "style=" not in drawn.partition('class="bars"')[2].partition("</figure>")[0]


@pytest.mark.long
def test_page_of_a_fresh_connection_has_no_empty_chart(
    connected: Connection, super_client: Client, workspace: Workspace
) -> None:
    Usage.objects.all().delete()
    page = super_client.get(url("settings", workspace))
    assert "0 of 5,000 calls" in words(page)
    assert "bars__chart" not in page.content.decode()
