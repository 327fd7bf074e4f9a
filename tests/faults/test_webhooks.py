"""Webhooks that repeat, overtake each other, go missing or make no sense, and floods of them (rows R12-R14)."""

from __future__ import annotations

import base64
import gzip
import hmac
import io
import json
import random
import re
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounting.models import Connection, Link
from accounting.providers.xero.signature import sign
from accounting.sync import links
from accounting.sync.reconcile import reconcile
from config.celery import app
from core import uploads
from invoices.models import Invoice
from tests.faults.conftest import LONG
from tests.faults.flood import play_flood
from tests.faults.inside import Inside, inside
from tests.faults.plant import Postgres, Redis
from webhooks import process
from webhooks.models import Delivery, DeliveryState, Event

__all__ = ["inside"]

Tell = Callable[..., None]
Json = dict[str, Any]
KEY = "tandem-sandbox-webhook-key"
_databases = count(1)
INVOICES, COPIES = 60, 3
ROUNDS = 56 if LONG else 4
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _post(body: bytes) -> int:
    headers = {"x-xero-signature": sign(body, KEY)}
    return (
        Client().post("/webhooks/xero/", body, content_type="application/json", headers=headers).status_code
    )


def _delivery(*events: Json) -> bytes:
    return json.dumps(
        {"events": list(events), "firstEventSequence": 1, "lastEventSequence": len(events)}
    ).encode()


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
            self.answers[_post(body)] += 1
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
    return _delivery(
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


# -- R13: what makes no sense


class Counted(io.BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


@dataclass(frozen=True)
class Case:
    """One request, and what must become of it. Unless told otherwise it is signed well, answered 200 and kept as
    something that nobody understands."""

    name: str
    body: bytes = b""
    code: int = 200
    signature: str | None = None
    method: str = "POST"
    content_type: str = "application/json"
    length: str | None = None
    encoding: str = ""
    state: str = DeliveryState.MALFORMED

    def send(self) -> tuple[HttpResponse, int]:
        """The answer, and how many bytes of the body were read for it."""
        stream = Counted(self.body)
        signature = sign(self.body, KEY) if self.signature is None else self.signature
        told = {
            "wsgi.input": stream, "CONTENT_LENGTH": self.length or str(len(self.body)),
            "CONTENT_TYPE": self.content_type, "HTTP_X_XERO_SIGNATURE": signature,
        }  # fmt: skip
        if self.encoding:
            told["HTTP_CONTENT_ENCODING"] = self.encoding
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        return client.generic(self.method, "/webhooks/xero/", **told), stream.taken  # type: ignore[arg-type]


MIB = 1024 * 1024
EVENT: Json = {
    "tenantId": "t", "resourceId": "r", "eventCategory": "INVOICE", "eventType": "UPDATE",
    "eventDateUtc": "2026-03-02T10:00:00",
}  # fmt: skip
GOOD = _delivery(EVENT)


def _forged(name: str, signature: str, body: bytes = GOOD) -> Case:
    return Case(f"signature: {name}", body, 401, signature)


def _with(name: str, **changed: Any) -> Case:
    """Well formed, of strange content: worked off."""
    return Case(f"event with {name}", _delivery(EVENT | changed), state=DeliveryState.PROCESSED)


GARBAGE = [
    Case("empty"),
    Case("no JSON", b"not json"),
    Case("null", b"null"),
    Case("a list", b"[]"),
    Case("a number", b"1e999999"),
    Case("not a number", b"NaN"),
    Case("cut off", GOOD[:-20]),
    Case("no events", b'{"a": 1}'),
    Case("events: null", b'{"events": null}'),
    Case("events: an object", b'{"events": {}}'),
    Case("events: text", b'{"events": "x"}'),
    Case("not UTF-8", b'{"events": "\xff\xfe"}'),
    Case("nested a million deep", b"[" * 1_000_000),
    Case("objects nested deep", b'{"events":' * 100_000),
    Case("gzip bomb", gzip.compress(b"0" * 100 * MIB), encoding="gzip"),
    Case("exactly 1 MiB", b"x" * MIB),
    Case("null character in the id", _delivery(EVENT | {"resourceId": "a\x00b"})),
    Case("null character in the category", _delivery(EVENT | {"eventCategory": "IN\x00VOICE"})),
    Case("lone surrogate", b'{"events": [{"tenantId": "\\ud800", "resourceId": "r"}]}'),
]
STRANGE = [
    Case(
        "UTF-16",
        GOOD.decode().encode("utf-16"),
        content_type="application/json; charset=utf-16",
        state=DeliveryState.PROCESSED,
    ),
    Case("intent to receive", b'{"events": []}', state=DeliveryState.PROCESSED),
    Case("events that are no objects", b'{"events": [1, null, "x", []]}', state=DeliveryState.PROCESSED),
    Case(
        "thousands of events",
        _delivery(*[{"resourceId": str(n)} for n in range(1500)]),
        state=DeliveryState.PROCESSED,
    ),
    Case("plain text", GOOD, content_type="text/plain", state=DeliveryState.PROCESSED),
    Case("a form", GOOD, content_type="multipart/form-data; boundary=x", state=DeliveryState.PROCESSED),
    Case("no content type", GOOD, content_type="", state=DeliveryState.PROCESSED),
    Case(
        "unknown charset",
        GOOD,
        content_type="application/json; charset=klingon",
        state=DeliveryState.PROCESSED,
    ),
    _with("a time beyond all years", eventDateUtc="/Date(999999999999999999999)/"),
    _with("the first year", eventDateUtc="0001-01-01T00:00:00+14:00"),
    _with("a number for a time", eventDateUtc=10**400),
    _with("an object for an id", resourceId={"a": [1]}),
    _with("no id", resourceId=None),
    _with("long texts", tenantId="t" * 5000, resourceId="r" * 5000, eventType="u" * 5000),
]
FORGED = [
    _forged("none", ""),
    _forged("blank", " "),
    _forged("another key", sign(GOOD, "another key")),
    _forged("of another body", sign(GOOD + b" ", KEY)),
    _forged("of a body that was changed", sign(GOOD, KEY), GOOD + b"\n"),
    _forged("lower case", sign(GOOD, KEY).lower()),
    _forged("hexadecimal", hmac.new(KEY.encode(), GOOD, "sha256").hexdigest()),
    _forged("of a weaker hash", base64.b64encode(hmac.new(KEY.encode(), GOOD, "sha1").digest()).decode()),
    _forged("twice", f"{sign(GOOD, KEY)},{sign(GOOD, KEY)}"),
    _forged("not ASCII", "\xe5\xff"),
    _forged("very long", "x" * 100_000),
    Case("shorter than it says", GOOD, 401, length=str(len(GOOD) - 5)),
]
TOO_LARGE = [
    Case("1 MiB and one byte", b"x" * (MIB + 1), 413),
    Case("10 MB", b"x" * 10_000_000, 413),
    Case("10 MB of events", _delivery(*[EVENT] * 70_000), 413),
    Case("says 10 MB", GOOD, 413, length="10000000"),
    Case("says no number", GOOD, 413, length="many"),
    Case("says less than nothing", GOOD, 413, length="-1"),
]
METHODS = [
    Case(method, GOOD, 405, method=method) for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
]
GROUPS = {
    "signed garbage": GARBAGE, "signed and strange": STRANGE, "bad signatures": FORGED,
    "too large": TOO_LARGE, "other methods": METHODS,
}  # fmt: skip


def _problems(case: Case) -> list[str]:
    """What is not as it must be, for this case; and a good delivery behind it must be worked off."""
    last = Delivery.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    answer, read = case.send()
    told = answer.status_code, answer.content, answer.cookies.output()
    behind = _post(GOOD)
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
    assert [_post(b"not json"), _post(GOOD)] == [200, 200]
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
