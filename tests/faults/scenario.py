"""Scenarios with real processes. Each runs in a process of its own and prints what it found as one line of JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from typing import Any

import django

from tests.faults.outages import (
    BROKER,
    Found,
    database_restarted,
    kick,
    redis_lost,
    refresher_killed,
    storm,
    wakeups_lost,
)

PATIENCE = 120
"""Seconds that a slow machine has for what takes a quick one a few."""


def crashes(*, steps: list[str], runs: int, rows: int, control: str = "") -> Found:
    """R1: a worker dies at each of these steps, over and over."""
    from tests.faults.stage import opened  # noqa: PLC0415  (Django must be set up first)

    times, slowest, late = dict.fromkeys(steps, 0), 0.0, 0
    with opened() as stage:
        stage.workers.start(CONTROL=control)
        with stage.swept(0.3):
            for step, run in [(step, run) for step in steps for run in range(runs)]:
                if step == "during the call":
                    stage.sandbox.faults.add("slow", method="PUT", path="Payments", applied=True, seconds=0.6)
                at_once = "lease" in step or "during" in step
                stage.order_crash(step, passes=1 if at_once else 1 + run % 3)
                stage.add(rows, customers=3)
                began = time.monotonic()
                late += not stage.rest(20 if control else 60)
                slowest = max(slowest, time.monotonic() - began)
                times[step] += stage.has_crashed()
        return {**stage.ledger(), "by_step": times, "slowest": round(slowest, 1), "late": late}


def worker_killed(*, rows: int, sweep: bool) -> Found:
    """R7: everything is killed in the middle of a drain; another worker starts. How soon after the sweep?"""
    from tests.faults.stage import opened  # noqa: PLC0415  (Django must be set up first)

    with opened(latency=0.1) as stage:
        stage.add(rows, customers=5)
        stage.workers.start()
        kick(stage)
        stage.wait_for(lambda: len(stage.sandbox.requests()) >= 4, 30)
        stage.workers.kill()
        calls = len(stage.sandbox.requests())
        stage.workers.start()
        began = time.monotonic()
        resumed = -1.0

        def goes_on() -> bool:
            return len(stage.sandbox.requests()) > calls

        if sweep:
            with stage.swept(0.5):
                if stage.wait_for(goes_on, 30):
                    resumed = round(time.monotonic() - began, 1)
                quiet = stage.rest(60)
        else:
            quiet = stage.wait_for(goes_on, 8) and stage.rest(20)
        return {**stage.ledger(), "times": 1, "late": int(not quiet), "resumed": resumed}


def deployed(*, rows: int, control: str = "") -> Found:
    """R17: the workers are told to go in the middle of a drain and others take over, again and again."""
    from tests.faults.stage import opened  # noqa: PLC0415  (Django must be set up first)

    with opened(latency=0.1) as stage:
        stage.add(rows, customers=5)
        unwilling = 0
        with stage.swept(0.5):
            for _ in range(3):
                stage.workers.start(CONTROL=control)
                calls = len(stage.sandbox.requests())
                stage.wait_for(lambda calls=calls: len(stage.sandbox.requests()) > calls + 1, 30)
                _send_from_the_future(stage)
                unwilling += stage.workers.stop(grace=10)
            stage.workers.start()
            quiet = stage.rest(60)
        return {**stage.ledger(), "times": 3, "late": int(not quiet), "unwilling": unwilling}


def _send_from_the_future(stage: Any) -> None:
    """A task sent by newer code, with arguments the old one has never heard of."""
    from celery import current_app  # noqa: PLC0415  (Django must be set up first)

    ids = {"workspace_id": str(stage.workspace.pk), "connection_id": str(stage.connection.pk)}
    current_app.send_task("accounting.drain", kwargs={**ids, "added_in_the_next_version": 1})


def many_drains(*, rows: int, seconds: float, control: str = "", calls: str = "60", least: int = 0) -> Found:
    """R21: six workers at one organisation, with Xero's own limits and small batches, so that the limit is reached.
    A slow machine goes on until so many calls at least were made."""
    from tests.faults.stage import PLENTY, opened  # noqa: PLC0415  (Django must be set up first)
    from xero_sandbox.config import LimitsConfig  # noqa: PLC0415  (as above)

    with opened(LimitsConfig() if calls == "60" else PLENTY, latency=0.03) as stage:
        stage.add(rows, customers=5)
        stage.workers.start(3, children=2, CONTROL=control, CALLS_A_MINUTE=calls, BATCH="2")
        stage.wait_for(lambda: len(stage.workers.children()) == 6, 30)
        began = time.monotonic()
        while not (control and _is_harmed(stage)):
            passed = time.monotonic() - began
            if passed > PATIENCE or (passed > seconds and len(stage.sandbox.requests()) >= least):
                break
            for _ in range(6):
                kick(stage)
            time.sleep(0.2)
        stage.workers.kill()
        return {**stage.ledger(), "times": 6, **_load(stage), "calls": len(stage.sandbox.requests())}


def _load(stage: Any) -> Found:
    report = stage.sandbox.counters()
    return {
        "in_flight": max(report["max_concurrency"].values()),
        "peak": max(report["rolling_minute_peak"].values()),
    }


def _is_harmed(stage: Any) -> bool:
    return _load(stage)["in_flight"] > 1 or stage.sandbox.counters()["calls_over_limit"] > 0


SCENARIOS = {
    function.__name__: function
    for function in (
        crashes, storm, redis_lost, worker_killed, database_restarted, deployed,
        refresher_killed, wakeups_lost, many_drains,
    )
}  # fmt: skip


def main() -> None:
    django.setup()
    name, options = sys.argv[1], json.loads(sys.argv[2])
    found = SCENARIOS[name](**options)
    with suppress(Exception):
        BROKER[0].kill()
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
