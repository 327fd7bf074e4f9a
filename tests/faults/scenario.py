"""Scenarios with real processes. Each runs in a process of its own and prints what it found as one line of JSON."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import django

Found = dict[str, Any]


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


def storm(*, seed: int, rows: int, blows: int, control: str = "") -> Found:
    """R2: workers die at random, a third of all calls go wrong, the database crashes twice, and work keeps coming."""
    from tests.faults.stage import opened  # noqa: PLC0415  (Django must be set up first)

    dice = random.Random(seed)
    with opened() as stage:
        for kind, applied in STORM:
            stage.sandbox.faults.add(
                kind, times=None, probability=0.05, applied=applied, index=dice.randrange(10)
            )
        stage.workers.start(CONTROL=control)
        stage.wait_for(lambda: bool(stage.workers.children()), 30)
        kills = 0
        with stage.swept(0.3):
            for blow in range(blows):
                stage.add(rows // blows, customers=2)
                calls = len(stage.sandbox.requests())
                stage.wait_for(lambda calls=calls: len(stage.sandbox.requests()) > calls + 2, 2)
                time.sleep(dice.uniform(0, 0.1))
                kills += stage.workers.kill_one(dice)
                if blow in (blows // 3, 2 * blows // 3):
                    stage.restart_postgres("immediate")
            stage.rest(20)
            stage.sandbox.faults.clear()
            quiet = stage.rest(10 if control else 120)
        spoiled = len([call for call in stage.sandbox.requests() if call.fault])
        return {**stage.ledger(), "kills": kills, "spoiled": spoiled, "late": int(not quiet)}


STORM = (
    ("drop", True), ("drop", False), ("truncate", True), ("error_500", True), ("maintenance", True), ("html", True),
)  # fmt: skip


def redis_lost(*, rows: int, sweep: bool) -> Found:
    """R6: the broker is emptied and then away while everything waits; people go on saving and Xero goes on telling."""
    from tests.faults.stage import opened  # noqa: PLC0415  (Django must be set up first)

    _redis_process("start")
    with opened() as stage:
        stage.add(rows, customers=10)
        _redis("FLUSHALL")
        _redis_process("kill")
        saved = _save_meanwhile(stage)
        _redis_process("start")
        stage.workers.start()
        began = time.monotonic()
        if sweep:
            with stage.swept(1):
                quiet = stage.rest(60)
        else:
            quiet = stage.rest(6)
        seconds = round(time.monotonic() - began, 1)
        return {**stage.ledger(), "times": 1, "late": int(not quiet), "seconds": seconds, "saved": saved}


def _save_meanwhile(stage: Any) -> int:
    """How many of ten posts of Xero's were answered 200 while the broker was away; and five invoices are saved."""
    from django.test import Client  # noqa: PLC0415  (Django must be set up first)

    stage.add(5, customers=1)
    return sum(_post(Client(SERVER_NAME="localhost"), number) == 200 for number in range(10))


def _post(client: Any, number: int) -> int:
    from accounting.providers.xero.signature import sign  # noqa: PLC0415  (Django must be set up first)

    event = {"resourceId": f"{number:032x}", "eventDateUtc": "2026-10-21T01:15:39", "eventType": "UPDATE",
             "eventCategory": "INVOICE", "tenantId": "none", "tenantType": "ORGANISATION"}  # fmt: skip
    body = json.dumps({"events": [event], "firstEventSequence": number, "lastEventSequence": number}).encode()
    signature = {"x-xero-signature": sign(body, "tandem-sandbox-webhook-key")}
    return int(
        client.post(
            "/webhooks/xero/", data=body, content_type="application/json", headers=signature
        ).status_code
    )


def _redis(command: str) -> None:
    import redis  # noqa: PLC0415  (only here)

    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.execute_command(command)


_BROKER: list[Any] = []


def _redis_process(what: str) -> None:
    """The scenario starts a Redis of its own on the port it was given, so that it can kill it."""
    from tests.faults.plant import Redis  # noqa: PLC0415  (only here)

    if not _BROKER:
        broker = Redis()
        broker.port = int(os.environ["REDIS_URL"].rsplit(":", 1)[1].split("/")[0])
        _BROKER.append(broker)
    getattr(_BROKER[0], what)()


def worker_killed(*, rows: int, sweep: bool) -> Found:
    """R7: everything is killed in the middle of a drain; another worker starts. How soon after the sweep?"""
    from tests.faults.stage import opened  # noqa: PLC0415  (Django must be set up first)

    with opened(latency=0.1) as stage:
        stage.add(rows, customers=5)
        stage.workers.start()
        _kick(stage)
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


def _kick(stage: Any) -> None:
    from accounting import wakeup  # noqa: PLC0415  (Django must be set up first)

    wakeup.send(wakeup.DRAIN, workspace_id=stage.workspace.pk, connection_id=stage.connection.pk)


def database_restarted(*, rows: int, seconds: float, control: bool = False) -> Found:
    """R8: the database stops and crashes during a flood of webhooks and during a drain. The control says 200 to
    everything, as a view does that hands a delivery to something else to be stored."""
    from tests.faults.stage import opened  # noqa: PLC0415  (Django must be set up first)
    from webhooks.models import Delivery  # noqa: PLC0415  (as above)

    answers: list[int] = []
    over = threading.Event()
    if control:
        _answer_whatever_happens()
    with opened(latency=0.05) as stage:
        stage.add(rows, customers=5)
        stage.workers.start()
        threads = [threading.Thread(target=_flood, args=[answers, over]) for _ in range(3)]
        with stage.swept(0.5):
            for thread in threads:
                thread.start()
            for mode in ("fast", "immediate", "fast"):
                time.sleep(seconds)
                stage.restart_postgres(mode)
            time.sleep(seconds)
            over.set()
            for thread in threads:
                thread.join(30)
            quiet = stage.rest(90)
        stored = Delivery.objects.count()
        oks = answers.count(200)
        return {
            **stage.ledger(), "times": 3, "late": int(not quiet), "oks": oks, "stored": stored,
            "refused": len(answers) - oks, "other": len([code for code in answers if 200 < code < 500]),
        }  # fmt: skip


def _answer_whatever_happens() -> None:
    from webhooks import views  # noqa: PLC0415  (Django must be set up first)

    store = views.receive

    def careless(**delivery: Any) -> None:
        with suppress(Exception):
            store(**delivery)

    views.receive = careless


def _flood(answers: list[int], over: threading.Event) -> None:
    """Posts until told to stop. An exception is what a server answers 500 for."""
    from django.db import connections  # noqa: PLC0415  (Django must be set up first)
    from django.test import Client  # noqa: PLC0415  (as above)

    client, number = Client(raise_request_exception=False, SERVER_NAME="localhost"), random.randrange(1 << 60)
    while not over.is_set():
        number += 1
        answers.append(_post(client, number))
    connections.close_all()


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


def refresher_killed(*, rows: int, kills: int) -> Found:
    """R11: a worker dies when Xero has given it new tokens and before they are kept. At last Xero takes no old token
    again: workers are woken for a while, then a person reconnects."""
    import xero_sandbox.tokens  # noqa: PLC0415  (only here)
    from tests.faults.stage import opened  # noqa: PLC0415  (Django must be set up first)

    times, slowest, late = 0, 0.0, 0
    with opened() as stage:
        stage.workers.start()
        with stage.swept(0.3):
            for _ in range(kills):
                _let_tokens_end(stage, rows // kills)
                times += stage.wait_for(stage.has_crashed, 30)
                began = time.monotonic()
                late += not stage.rest(60)
                slowest = max(slowest, time.monotonic() - began)
            went_on = _access(stage)
            stage.sandbox.clear_requests()
            xero_sandbox.tokens.GRACE = dt.timedelta(0)
            _let_tokens_end(stage, rows)
            stage.wait_for(lambda: _access(stage)["state"] == "needs_reauth", 30)
            for _ in range(20):
                _kick(stage)
                time.sleep(0.1)
            refused = {**_access(stage), **_kept(stage)}
            stage.reconnect()
            late += not stage.rest(60)
        return {
            **stage.ledger(), "times": times, "late": late, "slowest": round(slowest, 1),
            "went_on": went_on, "cut_off": refused,
        }  # fmt: skip


def _let_tokens_end(stage: Any, rows: int) -> None:
    """The next worker has to refresh, and dies of it."""
    from django.db.models.functions import Now  # noqa: PLC0415  (Django must be set up first)

    from accounting.models import Grant  # noqa: PLC0415  (as above)

    Grant.objects.update(expires_at=Now())
    stage.order_crash("before new tokens are kept")
    stage.add(rows, customers=2)


def _access(stage: Any) -> Found:
    """What Xero was asked for tokens, and what people are told of it."""
    from accounting.models import Connection, SyncEvent  # noqa: PLC0415  (Django must be set up first)

    asked = stage.sandbox.requests(path="/connect/token")
    return {
        "asked": len(asked),
        "refused": len([call for call in asked if call.status == 400]),
        "state": Connection.objects.get(pk=stage.connection.pk).state,
        "notices": SyncEvent.objects.filter(event="refused").count(),
    }


def _kept(stage: Any) -> Found:
    """What became of the operations meanwhile."""
    from accounting.models import Operation  # noqa: PLC0415  (Django must be set up first)

    rows = list(Operation.objects.all())
    failed = len([row for row in rows if row.state == "failed"])
    return {"attempts": sum(row.attempts for row in rows), "failed": failed, "kept": len(rows)}


def wakeups_lost(*, rows: int, sweep: bool) -> Found:
    """R20: not one wake-up arrives."""
    from accounting import wakeup  # noqa: PLC0415  (Django must be set up first)
    from tests.faults.stage import opened  # noqa: PLC0415  (as above)

    dropped: list[int] = []
    with opened() as stage:
        stage.workers.start()
        wake, wakeup._wake = wakeup._wake, lambda *ids: dropped.append(1)
        stage.add(rows, customers=5)
        wakeup._wake = wake
        if sweep:
            with stage.swept(1):
                quiet = stage.rest(60)
        else:
            quiet = stage.rest(5)
        return {**stage.ledger(), "times": len(dropped), "late": int(not quiet)}


def many_drains(*, rows: int, seconds: float, control: str = "", calls: str = "60") -> Found:
    """R21: six workers at one organisation, with Xero's own limits and small batches, so that the limit is reached."""
    from tests.faults.stage import PLENTY, opened  # noqa: PLC0415  (Django must be set up first)
    from xero_sandbox.config import LimitsConfig  # noqa: PLC0415  (as above)

    with opened(LimitsConfig() if calls == "60" else PLENTY, latency=0.03) as stage:
        stage.add(rows, customers=5)
        stage.workers.start(3, children=2, CONTROL=control, CALLS_A_MINUTE=calls, BATCH="2")
        stage.wait_for(lambda: len(stage.workers.children()) == 6, 30)
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not (control and _is_harmed(stage)):
            for _ in range(6):
                _kick(stage)
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
        _BROKER[0].kill()
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
