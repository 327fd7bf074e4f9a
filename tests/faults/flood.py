"""Floods of webhooks on a real web server (`tests.faults.web`), over real connections.

Like the scenarios beside it, each runs in a process of its own and prints what it found as one line of JSON.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import queue
import random
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import django
from django.db.models import Q

from tests.faults.plant import Postgres, Redis, run_scenario
from tests.faults.web import INTENT, KEY, post, serving

Found = dict[str, Any]
WARM = 64
"""Intents to receive, posted first: a server that has just started is slow to answer."""
RESENT = 0.05
"""The share of deliveries that Xero sends again although they were answered."""


def play_flood(name: str, postgres: Postgres, database_url: str, redis: Redis, **options: Any) -> Found:
    """Play a scenario of this module in a process of its own; what it found is its last line."""
    return run_scenario(
        name, postgres, database_url, redis, module="tests.faults.flood", patience=3600, **options
    )


# -- those who post


class Flood:
    """Several connections that post until everything is answered."""

    def __init__(self, port: int, bodies: list[bytes]) -> None:
        self._port = port
        self._bodies = queue.SimpleQueue()  # type: ignore[var-annotated]
        for body in bodies:
            self._bodies.put(body)
        self.answers: Counter[int] = Counter()
        self.seconds: list[float] = []
        self._noted = threading.Lock()

    def run(self, connections: int) -> None:
        threads = [threading.Thread(target=self._post_all) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _post_all(self) -> None:
        client = http.client.HTTPConnection("localhost", self._port, timeout=30)
        with suppress(queue.Empty):
            while True:
                body = self._bodies.get_nowait()
                began = time.monotonic()
                code = post(client, body)
                with self._noted:
                    self.answers[code] += 1
                    self.seconds.append(time.monotonic() - began)

    def slowest(self, share: float) -> float:
        """The time that this share of all answers took at most."""
        return sorted(self.seconds)[min(int(share * len(self.seconds)), len(self.seconds) - 1)]


def _events(tenant_id: str, dice: random.Random) -> Iterator[Found]:
    """Events of records that changed at one organisation: half of them at one that nobody connected."""
    for number in itertools.count():
        yield {
            "resourceId": str(uuid.UUID(int=dice.getrandbits(128))), "eventDateUtc": "2026-10-21T01:15:39.902",
            "eventType": "UPDATE", "eventCategory": "INVOICE", "tenantType": "ORGANISATION",
            "tenantId": tenant_id if number % 2 else "0" * 8,
        }  # fmt: skip


def _deliveries(tenant_id: str, number: int, dice: random.Random) -> list[bytes]:
    """So many events: a third alone, a third by tens, a third by fifties; some deliveries come again."""
    events = _events(tenant_id, dice)
    bodies = [
        json.dumps({"events": list(itertools.islice(events, size)), "firstEventSequence": 1,
                    "lastEventSequence": size}).encode()
        for size in (1, 10, 50)
        for _ in range(number // 3 // size)
    ]  # fmt: skip
    bodies += [body for body in bodies if dice.random() < RESENT]
    dice.shuffle(bodies)
    return bodies


# -- scenarios


def flood(*, events: int, connections: int, control: str = "") -> Found:
    """R14: all arrives while no worker runs; the web server dies with the last answer; then workers start (not for
    a control, whose harm is done by then)."""
    from tests.faults.stage import opened  # noqa: PLC0415  (Django must be set up first)
    from webhooks.models import Delivery  # noqa: PLC0415  (as above)

    with opened() as stage:
        bodies = _deliveries(stage.connection.tenant_id, events, random.Random(14))
        with serving(control=control) as server:
            Flood(server.port, [INTENT] * WARM).run(connections)
            posted = Flood(server.port, bodies)
            posted.run(connections)
        stored = Delivery.objects.filter(~Q(body=INTENT)).count()
        found = {
            "deliveries": len(bodies), "oks": posted.answers[200], "stored": stored,
            "p99": round(posted.slowest(0.99), 2), "slowest": round(posted.slowest(1), 2),
        }  # fmt: skip
        if control:
            return found
        stage.workers.start()
        with stage.swept(1):
            quiet = stage.wait_for(lambda: _is_worked_off(stage), 60 + events / 50)
        return {**found, "late": int(not quiet), **_kept(bodies)}


def _is_worked_off(stage: Any) -> bool:
    from webhooks.models import Delivery, DeliveryState  # noqa: PLC0415  (Django must be set up first)
    from webhooks.wakeup import kick  # noqa: PLC0415  (as above)

    if Delivery.objects.filter(state=DeliveryState.RECEIVED).exists():
        kick()  # as the sweep does
        return False
    return bool(stage.is_quiet())


def _kept(bodies: list[bytes]) -> Found:
    """What became of the events."""
    from webhooks.models import Event  # noqa: PLC0415  (Django must be set up first)

    sent = {event["resourceId"] for body in bodies for event in json.loads(body)["events"]}
    kept = Counter(Event.objects.values_list("remote_id", flat=True))
    return {
        "events": len(sent),
        "lost": len(sent - set(kept)),
        "doubled": sum(kept.values()) - len(kept),
        "asked": Event.objects.filter(state="requested").count(),
    }


DEEP, LARGE = b"[" * 1_000_000, b"x" * 10_000_000


def garbage(*, rounds: int) -> Found:
    """R13: large, deep and endless bodies on one worker. How much memory does it keep? What the first of each has it
    load stays, and is not counted."""
    from webhooks.models import Delivery  # noqa: PLC0415  (Django must be set up first)

    with serving(workers=1) as server:
        client = http.client.HTTPConnection("localhost", server.port, timeout=30)
        for _ in range(18):
            post(client, DEEP)
        _throw_all(client, server.port)
        before, answers = server.resident(), Counter[str]()
        for _ in range(rounds):
            answers.update(_throw_all(client, server.port))
        growth = server.resident() - before
        return {"answers": answers, "megabytes": round(growth / 1e6, 1), "stored": Delivery.objects.count()}


def _throw_all(client: http.client.HTTPConnection, port: int) -> list[str]:
    """One of each, and how it was answered."""
    return [
        f"deep {post(client, DEEP)}",
        f"forged {post(client, DEEP, signature='forged')}",
        f"large {_post_head(port, len(LARGE))}",
        f"endless {_post_chunks(port, LARGE, 'x')}",
        f"chunked {_post_chunks(port, INTENT)}",
    ]


def _post_head(port: int, length: int) -> int:
    """The answer to a request of this length, of which nothing but the head is ever sent."""
    client = http.client.HTTPConnection("localhost", port, timeout=30)
    client.putrequest("POST", "/webhooks/xero/")
    client.putheader("Content-Length", str(length))
    client.endheaders()
    return client.getresponse().status


def _post_chunks(port: int, body: bytes, signature: str = "") -> int:
    """The answer to a body whose length nobody said."""
    from accounting.providers.xero.signature import sign  # noqa: PLC0415  (Django must be set up first)

    client = http.client.HTTPConnection("localhost", port, timeout=30)
    headers = {"x-xero-signature": signature or sign(body, KEY)}
    pieces = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    with suppress(OSError):
        client.request("POST", "/webhooks/xero/", pieces, headers, encode_chunked=True)
    try:
        return client.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0


SCENARIOS = {"flood": flood, "garbage": garbage}


def main() -> None:
    django.setup()
    found = SCENARIOS[sys.argv[1]](**json.loads(sys.argv[2]))
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
