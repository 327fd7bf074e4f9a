"""Scenarios in which something around the workers goes away: Redis, the database, a wake-up, the token."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import threading
import time
from contextlib import suppress
from typing import Any

Found = dict[str, Any]


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


BROKER: list[Any] = []


def _redis_process(what: str) -> None:
    """The scenario starts a Redis of its own on the port it was given, so that it can kill it."""
    from tests.faults.plant import Redis  # noqa: PLC0415  (only here)

    if not BROKER:
        broker = Redis()
        broker.port = int(os.environ["REDIS_URL"].rsplit(":", 1)[1].split("/")[0])
        BROKER.append(broker)
    getattr(BROKER[0], what)()


def kick(stage: Any) -> None:
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
                kick(stage)
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
