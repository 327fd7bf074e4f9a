"""Xero's check, made by ourselves: what each answer of each door comes to in words."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounting.sync.probe import Finding, Verdict
from core.transactions import OpenTransaction
from tests.factories.people import make_administrator, signed_in, with_second_factor
from tests.factories.workspaces import make_user
from tests.sampling import mostly_long
from webhooks import knock, selftest
from webhooks.models import Delivery

GOOD = "Signed with the key"
BAD = ["Signed with a wrong key", "Signed for other words", "Signed with nonsense", "Not signed"]

Answering = Callable[[BaseHTTPRequestHandler], None]


def _say(status: int, body: bytes = b"", **headers: str) -> Answering:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def _door(answer: Answering) -> Iterator[tuple[str, list[str]]]:
    """A web server that answers every delivery alike; yields where it is and what was asked of it."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            paths.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, *told: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", paths
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """What is posted reaches Tandem itself."""

    def knock_at_home(url: str, body: bytes, headers: dict[str, str]) -> knock.Answer:
        sent = {name: value for name, value in headers.items() if name != "Content-Type"}
        reply = Client(enforce_csrf_checks=True).post(
            "/webhooks/xero/", data=body, content_type=headers["Content-Type"], headers=sent
        )
        return knock.Answer(reply.status_code, 1, bool(reply.content), bool(reply.cookies))

    monkeypatch.setattr(selftest, "knock", knock_at_home)


def _found(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def _look_at(settings: Settings, url: str) -> dict[str, Finding]:
    settings.SITE_URL = url
    return _found(selftest.look())


def test_tandem_passes_the_check_and_keeps_what_it_took(at_home: None, settings: Settings) -> None:
    settings.SITE_URL = "https://tandem.example.com"

    found = _found(selftest.look())

    assert list(found) == ["Address", GOOD, *BAD]
    assert {finding.verdict for finding in found.values()} == {Verdict.GOOD}
    assert [delivery.event_count for delivery in Delivery.objects.all()] == [0]


def test_each_key_is_tried_while_they_are_exchanged(at_home: None, settings: Settings) -> None:
    settings.XERO_WEBHOOK_KEYS = ["new", "old"]
    found = _found(selftest.look())
    assert [name for name in found if found[name].told.startswith("Taken")] == [
        "Signed with key 1 of 2",
        "Signed with key 2 of 2",
    ]


def test_without_a_key_nothing_is_posted(settings: Settings) -> None:
    settings.XERO_WEBHOOK_KEYS = []
    with _door(_say(200)) as (url, paths):
        assert _look_at(settings, url)["Key"].verdict == Verdict.BAD
        assert paths == []


def test_only_the_configured_address_is_called(settings: Settings) -> None:
    """A redirect is told, not followed."""
    with _door(_say(200)) as (elsewhere, reached), _door(_say(302, Location=elsewhere)) as (url, paths):
        found = _look_at(settings, url)
    assert set(paths) == {"/webhooks/xero/"}
    assert reached == []
    assert f"redirect to {elsewhere}" in found[GOOD].told


ANSWERS = {
    "anything is taken": (_say(200), BAD[0], "Answered 200 instead of 401.", "Somebody else takes"),
    "everything is refused": (_say(401), GOOD, "Answered 401 instead of 200.", "changed on its way"),
    "other program": (_say(404), GOOD, "Answered 404 instead of 200.", "SITE_URL"),
    "unknown host": (_say(400), GOOD, "Answered 400 instead of 200.", "ALLOWED_HOSTS"),
    "firewall": (_say(403), GOOD, "Answered 403 instead of 200.", "Somebody else refuses"),
    "broken": (_say(502), GOOD, "Answered 502 instead of 200.", "logs"),
    "body": (_say(200, b"OK"), GOOD, "The answer has a body", "before Tandem"),
    "cookie": (_say(200, Set_Cookie="a=b"), GOOD, "sets a cookie", "before Tandem"),
}


@pytest.mark.parametrize("case", mostly_long(ANSWERS, quick=["anything is taken", "cookie"]))
def test_what_xero_would_object_to_is_said_with_what_to_do(settings: Settings, case: str) -> None:
    answer, subject, told, cure = ANSWERS[case]
    with _door(answer) as (url, _):
        finding = _look_at(settings, url)[subject]
    assert finding.verdict == Verdict.BAD
    assert told in finding.told
    assert cure in finding.cure


def test_where_nobody_listens_one_delivery_is_tried(settings: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        found = _look_at(settings, f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert found[GOOD].told == "Nobody listens at this address."
    assert {found[name].verdict for name in BAD} == {Verdict.UNKNOWN}


def test_server_without_tls_is_told(settings: Settings) -> None:
    with _door(_say(200)) as (url, _):
        found = _look_at(settings, url.replace("http", "https"))
    assert found[GOOD].told == "No secure connection comes about."


def test_unknown_name_is_told(settings: Settings) -> None:
    assert "leads to no address" in _look_at(settings, "http://tandem.invalid")[GOOD].told


def test_silence_is_waited_for_as_long_as_xero_would(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knock, "PATIENCE", 0.1)
    silent = threading.Event()

    def answer_late(handler: BaseHTTPRequestHandler) -> None:
        silent.wait(5)
        _say(200)(handler)

    with _door(answer_late) as (url, paths):
        found = _look_at(settings, url)
        silent.set()
    assert "No answer within" in found[GOOD].told
    assert len(paths) == 1


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://tandem.example.com", Verdict.GOOD),
        ("https://tandem.example.com:443", Verdict.GOOD),
        ("http://tandem.example.com", Verdict.BAD),
        ("https://tandem.example.com:8443", Verdict.BAD),
        ("http://localhost:8000", Verdict.NOTE),
        ("https://10.0.0.4", Verdict.NOTE),
    ],
)
def test_address_is_one_that_xero_posts_to(
    at_home: None, settings: Settings, url: str, verdict: Verdict
) -> None:
    assert _look_at(settings, url)["Address"].verdict == verdict


def test_it_is_not_made_inside_a_transaction(db: None, settings: Settings) -> None:
    with _door(_say(200)) as (url, paths), transaction.atomic():
        with pytest.raises(OpenTransaction):
            _look_at(settings, url)
        assert paths == []


def test_administrator_presses_the_button(at_home: None, settings: Settings) -> None:
    settings.SITE_URL = "https://tandem.example.com"
    client = signed_in(make_administrator())

    before = client.get(reverse("admin:webhooks_self_test")).content.decode()
    after = client.post(reverse("admin:webhooks_self_test")).content.decode()

    assert (
        reverse("admin:webhooks_self_test")
        in client.get(reverse("admin:webhooks_delivery_changelist")).content.decode()
    )
    assert "https://tandem.example.com/webhooks/xero/" in before
    assert "<h2>" not in before.partition("content-main")[2]
    assert "<h2>Every answer is as Xero wants it</h2>" in after


def test_nobody_else_may(at_home: None) -> None:
    client = signed_in(make_user("sam@example.com"))
    assert client.post(reverse("admin:webhooks_self_test")).status_code == 302
    assert not Delivery.objects.exists()


@pytest.mark.long
def test_who_only_looks_at_deliveries_may_not_have_any_made(at_home: None) -> None:
    looker = make_user("looker@example.com")
    looker.is_staff = True
    looker.save()
    looker.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    with_second_factor(looker)
    assert signed_in(looker).post(reverse("admin:webhooks_self_test")).status_code == 403
    assert not Delivery.objects.exists()
