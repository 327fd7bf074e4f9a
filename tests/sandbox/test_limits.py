from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from tests.sandbox.conftest import ROOMY, Api
from xero_sandbox.config import LimitsConfig
from xero_sandbox.handle import Handle


@pytest.fixture
def limits(sandbox: Handle, api: Api) -> Iterator[Handle]:
    """The sandbox with Xero's true limits, at the start of the organisation's minute."""
    begin_a_minute(sandbox, api)
    sandbox.limiter.config = LimitsConfig()
    yield sandbox
    sandbox.limiter.config = ROOMY


def begin_a_minute(sandbox: Handle, api: Api) -> None:
    """Where a test began late in a minute, its calls would fall into two."""
    sandbox.limiter.config = replace(LimitsConfig(), minute=0)
    sandbox.advance(int(api.get("Currencies").headers["Retry-After"]))
    sandbox.limiter.reset()


def spend(api: Api, calls: int) -> requests.Response:
    replies = [api.get("Currencies") for _ in range(calls)]
    return replies[-1]


def test_remaining_calls_are_told_in_headers(limits: Handle, api: Api) -> None:
    reply = spend(api, 3)

    assert reply.headers["X-MinLimit-Remaining"] == "57"
    assert reply.headers["X-DayLimit-Remaining"] == "4997"
    assert reply.headers["X-AppMinLimit-Remaining"] == "9997"


def test_sixty_first_call_of_a_minute_is_429_with_nothing_in_it(limits: Handle, api: Api) -> None:
    assert spend(api, 60).status_code == 200

    reply = api.get("Currencies")

    assert (reply.status_code, reply.content) == (429, b"")
    assert "Content-Type" not in reply.headers
    assert reply.headers["X-Rate-Limit-Problem"] == "minute"
    assert reply.headers["X-MinLimit-Remaining"] == "0"
    assert 1 <= int(reply.headers["Retry-After"]) <= 60


def test_waiting_retry_after_is_enough(limits: Handle, api: Api) -> None:
    spend(api, 60)
    wait = int(api.get("Currencies").headers["Retry-After"])

    limits.advance(wait)

    assert api.get("Currencies").status_code == 200


def test_refused_calls_do_not_count_and_are_counted_apart(limits: Handle, api: Api) -> None:
    spend(api, 62)

    counters = limits.counters()
    assert counters["calls_over_limit"] == 2
    assert counters["refused"] == {"minute": 2}
    assert counters["day_used"][api.tenant_id] == 60


def test_one_organisation_does_not_use_up_another(limits: Handle, api: Api) -> None:
    other = limits.connect("harbour-studio")
    spend(api, 61)

    headers = {"Authorization": f"Bearer {other['access_token']}", "xero-tenant-id": other["tenant_id"]}

    assert api.get("Currencies", headers=headers).status_code == 200


def test_day_limit_refuses_everything_for_hours(limits: Handle, api: Api) -> None:
    limits.limiter.spend_day(api.tenant_id, limits.clock.now(), 5000)

    reply = api.get("Organisation")

    assert (reply.status_code, reply.headers["X-Rate-Limit-Problem"]) == (429, "day")
    assert reply.headers["X-DayLimit-Remaining"] == "0"
    assert int(reply.headers["Retry-After"]) > 0


def test_app_limit_spans_organisations_and_names_no_wait(limits: Handle, api: Api) -> None:
    limits.limiter.config = replace(LimitsConfig(), app_minute=1)
    spend(api, 1)

    reply = api.get("Organisation")

    assert (reply.status_code, reply.headers["X-Rate-Limit-Problem"]) == (429, "appminute")
    assert "Retry-After" not in reply.headers


def test_sixth_call_at_once_is_refused_without_a_wait(limits: Handle, api: Api) -> None:
    limits.faults.add("slow", seconds=0.3, times=None)
    replies: list[requests.Response] = []

    def call() -> None:
        replies.append(requests.get(f"{limits.url}/api.xro/2.0/Currencies", headers=api.headers, timeout=5))

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(refused) == 1
    assert refused[0].headers["X-Rate-Limit-Problem"] == "concurrent"
    assert "Retry-After" not in refused[0].headers
    assert limits.counters()["max_concurrency"][api.tenant_id] == 5


def test_rolling_peak_sees_what_fixed_windows_hide(limits: Handle, api: Api) -> None:
    limits.advance(40)
    spend(api, 60)
    limits.advance(int(api.get("Currencies").headers["Retry-After"]))
    spend(api, 30)

    assert limits.counters()["rolling_minute_peak"][api.tenant_id] > 60
