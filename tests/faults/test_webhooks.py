"""Webhooks that repeat, overtake each other, go missing or make no sense, and floods of them (rows R12-R14)."""

from __future__ import annotations

import json
import random
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from pytest_django import Settings

from accounting.models import Connection, Link
from accounting.sync import links
from accounting.sync.reconcile import reconcile
from config.celery import app
from core import uploads
from invoices.models import Invoice
from tests.faults.conftest import LONG, Tell
from tests.faults.flood import play_flood
from tests.faults.garbage import GOOD, GROUPS, GUID, Case, Json, delivery, post
from tests.faults.inside import Inside, inside
from tests.faults.plant import Postgres, Redis
from webhooks import process
from webhooks.models import Delivery, DeliveryState, Event

__all__ = ["inside"]
_databases = count(1)
INVOICES, COPIES = 60, 3
ROUNDS = 56 if LONG else 4


@dataclass
class Traffic:
    """A bookkeeper who changes every invoice again and again, and what Xero's webhooks make of it."""

    inside: Inside
    dice: random.Random
    on_the_way: list[bytes] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    events: int = 0
    fetched: int = 0
    wasted: int = 0
    most: int = 0
    _known: int = 0

    def change(self, count: int, words: str) -> None:
        """The bookkeeper changes so many invoices."""
        ids = [row["InvoiceID"] for row in self.inside.sandbox.dump()["Invoices"]][:count]
        grant = Connection.objects.select_related("grant").get().grant
        assert grant is not None
        with self.inside.sandbox.session() as session:
            session.post(
                f"{self.inside.sandbox.url}/api.xro/2.0/Invoices",
                json={"Invoices": [{"InvoiceID": pk, "Reference": f"{words} {pk}"} for pk in ids]},
                headers={"Authorization": f"Bearer {grant.access_token}",
                         "xero-tenant-id": self.inside.connection.tenant_id},
            ).raise_for_status()  # fmt: skip

    def told(self) -> list[bytes]:
        """The deliveries that the sandbox made since the last call."""
        made = [delivery.body for delivery in self.inside.sandbox.webhooks.captured]
        fresh, self._known = made[self._known :], len(made)
        return fresh

    def send(self, *bodies: bytes) -> None:
        """Every delivery in several copies, some time."""
        for body in bodies:
            self.sent |= {json.dumps(event, sort_keys=True) for event in json.loads(body)["events"]}
            self.on_the_way += [body] * COPIES

    def arrive(self, share: float = 1.0) -> None:
        """This share of what is on its way arrives, in any order; then workers have their turn."""
        self.dice.shuffle(self.on_the_way)
        count = round(len(self.on_the_way) * share)
        arriving, self.on_the_way = self.on_the_way[:count], self.on_the_way[count:]
        for body in arriving:
            self.answers[post(body)] += 1
            self.events += len(json.loads(body)["events"])
        while process.run():
            pass
        self._work_off()

    def _work_off(self) -> None:
        known = dict(Link.objects.values_list("remote_id", "remote_version"))
        now = {row.id: row.updated for row in self.inside.sandbox.books().invoices.all()}
        self.inside.sandbox.clear_requests()
        self.inside.work(2)
        reads = [call for call in self.inside.sandbox.requests() if call.method == "GET"]
        read = [pk for call in reads for pk in GUID.findall(call.query)]
        self.fetched += len(read)
        self.wasted += sum(pk not in now or now[pk] <= known[pk] for pk in read)
        self.most = max(self.most, *Counter(read).values(), 0)

    def stale(self) -> int:
        """Invoices that are not here as they are there."""
        there = {row["InvoiceNumber"]: row["Reference"] for row in self.inside.sandbox.dump()["Invoices"]}
        here = dict(Invoice.objects.values_list("number", "reference"))
        return sum(here[number] != reference for number, reference in there.items())


def _strange(dice: random.Random, tenant_id: str, known_id: str) -> bytes:
    """Events of unknown organisations, categories and records."""
    fresh = {"tenantId": tenant_id, "resourceId": known_id, "eventCategory": "INVOICE", "eventType": "UPDATE",
             "eventDateUtc": f"2026-10-21T01:15:39.{dice.randrange(1000):03d}"}  # fmt: skip
    record = str(uuid.UUID(int=dice.getrandbits(128)))
    return delivery(
        fresh | {"tenantId": record},
        fresh | {"eventCategory": "SPACESHIP"},
        fresh | {"resourceId": record},
        fresh | {"resourceId": "not one of Xero's"},
    )


def _storm(inside: Inside, rounds: int) -> Traffic:
    """Every invoice changes in every round; each delivery comes three times, in any order, some much later."""
    inside.add(INVOICES, payments=False)
    inside.work(4)
    assert inside.wrong() == {}
    dice = random.Random(12)
    traffic = Traffic(inside, dice)
    traffic.told()
    known = Link.objects.filter(kind="invoice").first()
    assert known is not None
    for number in range(rounds):
        inside.wait(61)
        traffic.change(INVOICES, f"round {number}")
        traffic.send(*traffic.told(), _strange(dice, inside.connection.tenant_id, known.remote_id))
        traffic.arrive(0.6)
    inside.wait(61)
    traffic.arrive()
    return traffic


def test_r12_repeated_reordered_and_unknown(inside: Inside, tell_row: Tell) -> None:
    """Each change is read once however often it is told, what is told late costs nothing, and all of it arrives."""
    traffic = _storm(inside, ROUNDS)
    tell_row("R12", f"events x{COPIES}, shuffled, late, of unknown kinds", traffic.events,
             lost=traffic.stale(), doubled=traffic.wasted)  # fmt: skip
    assert set(traffic.answers) == {200}
    assert (traffic.stale(), traffic.wasted, traffic.most) == (0, 0, 1)
    assert traffic.fetched >= INVOICES
    assert Event.objects.count() == len(traffic.sent)
    assert not Delivery.objects.exclude(state=DeliveryState.PROCESSED).exists()
    assert inside.wrong() == {}


def test_r12_control_sees_the_harm(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """When every event counts as news, what is told late and again is read late and again."""
    monkeypatch.setattr("accounting.providers.xero.webhook._key", lambda source: uuid.uuid4().hex)
    monkeypatch.setattr(links, "is_echo", lambda link, at: False)
    assert _storm(inside, 2).wasted > 0


def test_r12_gap_in_the_sequence(inside: Inside, tell_row: Tell) -> None:
    """A delivery never comes. The regular check, every five minutes, finds what it would have told."""
    traffic = _storm(inside, 1)
    inside.wait(61)
    traffic.change(40, "unheard")
    missing = traffic.told()
    inside.wait(61)
    traffic.arrive()
    unheard = traffic.stale()
    assert reconcile(inside.connection.pk)
    tell_row("R12", "deliveries that never come", len(missing), lost=traffic.stale())
    assert (unheard, traffic.stale()) == (40, 0)
    assert app.conf.beat_schedule["reconcile"]["schedule"] <= 300


def _problems(case: Case) -> list[str]:
    """What is not as it must be, for this case; and a good delivery behind it must be worked off."""
    last = Delivery.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    answer, read = case.send()
    told = answer.status_code, answer.content, answer.cookies.output()
    behind = post(GOOD)
    process.run()
    states = list(Delivery.objects.filter(pk__gt=last).order_by("pk").values_list("state", flat=True))
    kept = [case.state] if case.code == 200 else []
    found = {
        f"answered {told}": told != (case.code, b"", ""),
        f"kept as {states}": (behind, states) != (200, [*kept, DeliveryState.PROCESSED]),
        f"{read} bytes read": case.code == 413 and read > 0,
    }
    return [f"{case.name}: {words}" for words, is_wrong in found.items() if is_wrong]


@pytest.mark.django_db
@pytest.mark.parametrize("group", GROUPS)
def test_r13_malformed(group: str, tell_row: Tell) -> None:
    """401 for each bad signature, 200 for each good one, 413 before it is read; nothing said, no cookie. What is
    signed is kept, and stops nothing behind it."""
    cases = GROUPS[group]
    wrong = [problem for case in cases for problem in _problems(case)]
    tell_row("R13", group, len(cases), lost=len(wrong))
    assert wrong == []


@pytest.mark.django_db
def test_r13_control_sees_the_harm(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Without the look at its length, every byte of what anybody sends is read."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    monkeypatch.setattr(uploads, "_length", lambda request: 0)
    answer, read = Case("10 MB", b"x" * 10_000_000, signature="forged").send()
    assert (answer.status_code, read) == (401, 10_000_000)


@pytest.mark.django_db
def test_r13_control_one_that_cannot_be_read_stops_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without marking what cannot be understood, nothing behind it is ever worked off."""
    monkeypatch.setattr(process, "process", lambda delivery: process._finish(
        delivery, DeliveryState.PROCESSED, count=process._take_in(delivery)))  # fmt: skip
    assert [post(b"not json"), post(GOOD)] == [200, 200]
    for _ in range(3):
        with suppress(ValueError):
            process.run()
    assert Delivery.objects.filter(state=DeliveryState.RECEIVED).count() == 2


# -- R14: floods, on a real server


@pytest.fixture
def play_on_web(postgres: Postgres, broker: Redis) -> Callable[..., Json]:
    """Plays a scenario with a real web server and real workers on an empty database."""

    def run(name: str, **options: Any) -> Json:
        with postgres.database(f"flood_{next(_databases)}") as url:
            found = play_flood(name, postgres, url, broker, **options)
        print(name, options, found)
        return found

    return run


@pytest.mark.slow
def test_r13_nothing_is_kept_in_memory(play_on_web: Callable[..., Json], tell_row: Tell) -> None:
    """Large, deep and endless bodies: each is answered, none is read whole, and the server's memory stays."""
    rounds = 200 if LONG else 12
    found = play_on_web("garbage", rounds=rounds)
    tell_row(
        "R13",
        "deep, forged, 10 MB, endless and chunked bodies",
        5 * rounds,
        lost=2 * rounds + 20 - found["stored"],
    )
    assert found["megabytes"] < 20
    assert set(found["answers"]) <= {
        "deep 200",
        "forged 401",
        "large 413",
        "large 0",
        "endless 413",
        "endless 0",
        "chunked 200",
    }
    once = ("deep 200", "forged 401", "chunked 200")
    assert [found["answers"][kind] for kind in once] == [rounds] * 3


@pytest.mark.slow
def test_r14_flood(play_on_web: Callable[..., Json], tell_row: Tell) -> None:
    """Everything is answered 200 in time while no worker runs, the server dies, and each event is kept once."""
    found = play_on_web("flood", events=100_000 if LONG else 900, connections=16)
    tell_row("R14", "events by 1, 10, 50, no worker, server killed", found["events"],
             lost=found["lost"], doubled=found["doubled"])  # fmt: skip
    assert found["oks"] == found["stored"] == found["deliveries"]
    assert (found["lost"], found["doubled"], found["late"]) == (0, 0, 0)
    assert found["asked"] == found["events"] // 2
    assert found["slowest"] < 5


@pytest.mark.slow
def test_r14_control_sees_the_harm(play_on_web: Callable[..., Json]) -> None:
    """A server that answers first and stores later loses what it had not stored when it died."""
    found = play_on_web("flood", events=300, connections=16, control="answer_first")
    assert found["oks"] == found["deliveries"]
    assert found["oks"] > found["stored"]
