"""The inbox's door: what is let in, what is turned away, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from accounting.providers.xero.signature import sign
from webhooks import middleware, views
from webhooks.models import Delivery, DeliveryState, Event, EventState
from webhooks.process import replay, run

KEY = "tandem-sandbox-webhook-key"
URL = "/webhooks/xero/"
EMPTY = b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"x"}'


def _post(body: bytes, *, signature: str | None = None, key: str = KEY, **more: Any) -> HttpResponse:
    client = Client(enforce_csrf_checks=True)
    headers = {"x-xero-signature": sign(body, key) if signature is None else signature}
    return client.post(URL, data=body, content_type="application/json", headers=headers, **more)


def _event(**changes: str) -> dict[str, str]:
    return {
        "resourceUrl": "http://169.254.169.254/",
        "resourceId": "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777",
        "eventDateUtc": "2026-10-21T01:15:39.902",
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f",
        "tenantType": "ORGANISATION",
        **changes,
    }


def _body(*events: dict[str, str]) -> bytes:
    return json.dumps({"events": list(events), "firstEventSequence": 1, "lastEventSequence": 1}).encode()


@pytest.mark.django_db
def test_intent_to_receive_good_sample_is_answered_200_and_empty() -> None:
    response = _post(EMPTY)
    assert (response.status_code, response.content, response.cookies.output()) == (200, b"", "")


@pytest.mark.django_db
def test_intent_to_receive_bad_sample_is_answered_401_and_not_stored() -> None:
    response = _post(EMPTY, key="another key")
    assert (response.status_code, response.content, response.cookies.output()) == (401, b"", "")
    assert Delivery.objects.count() == 0


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The lines of the log. A logger that was used before may keep processors that nobody can look into any more."""
    monkeypatch.setattr(middleware, "log", structlog.get_logger())
    with capture_logs(processors=[merge_contextvars]) as lines:
        yield lines


FOR_PEOPLE = ("session", "user", "_messages", "htmx", "csp_nonce", "csrf_processing_done")


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "code"), [(KEY, 200), ("another key", 401)])
def test_delivery_passes_nothing_that_is_there_for_people_and_is_told_in_one_line(
    told: list[Any], key: str, code: int
) -> None:
    response: Any = _post(EMPTY, key=key)
    assert [name for name in FOR_PEOPLE if hasattr(response.wsgi_request, name)] == []
    assert [(line["event"], line["code"], line["path"]) for line in told] == [("delivery", code, URL)]


@pytest.mark.django_db
@pytest.mark.parametrize("key", [KEY, "another key"])
def test_answer_says_that_it_is_empty(key: str) -> None:
    response = _post(EMPTY, key=key)
    assert (response.content, response.headers["Content-Length"]) == (b"", "0")


def test_delivery_that_fails_is_told_like_the_others(
    told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**about: object) -> None:
        raise OperationalError("the connection is gone")

    monkeypatch.setattr(views, "receive", fail)
    client = Client(raise_request_exception=False)
    response = client.post(URL, data=EMPTY, content_type="application/json")
    (line,) = [line for line in told if line["event"] == "delivery"]
    assert (response.status_code, line["code"], "request_id" in line) == (500, 500, True)


@pytest.mark.django_db
def test_address_beside_the_inbox_has_the_usual_page() -> None:
    assert "Content-Security-Policy" in Client().get("/webhooks/nobody/").headers


@pytest.mark.django_db
@pytest.mark.parametrize(
    "signature",
    ["", " ", "å", "x" * 10_000, sign(EMPTY + b" ", KEY), sign(EMPTY, KEY).lower(), sign(b"", KEY)],
)
def test_wrong_signature_is_answered_401(signature: str) -> None:
    assert _post(EMPTY, signature=signature.encode("latin-1", "ignore").decode("latin-1")).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head"])
def test_other_methods_are_refused(method: str) -> None:
    assert getattr(Client(), method)(URL).status_code == 405


@pytest.mark.django_db
def test_either_of_two_keys_is_accepted(settings: Settings) -> None:
    settings.XERO_WEBHOOK_KEYS = ["new", "old"]
    assert [_post(EMPTY, key=key).status_code for key in ("new", "old", "older")] == [200, 200, 401]


@pytest.mark.django_db
def test_no_configured_key_lets_nothing_in(settings: Settings) -> None:
    settings.XERO_WEBHOOK_KEYS = []
    assert _post(EMPTY, key="").status_code == 401


@pytest.mark.django_db
def test_body_over_one_mebibyte_is_refused_before_it_is_read() -> None:
    body = b"x" * (1024 * 1024 + 1)
    assert _post(body).status_code == 413
    assert Delivery.objects.count() == 0


@pytest.mark.django_db
def test_forged_delivery_costs_no_query() -> None:
    with CaptureQueriesContext(connection) as captured:
        _post(EMPTY, key="another key")
    assert len(captured) == 0


@pytest.mark.django_db
def test_genuine_delivery_costs_one_insert() -> None:
    with CaptureQueriesContext(connection) as captured:
        _post(_body(*[_event(resourceId=str(n)) for n in range(50)]))
    assert [query["sql"].split()[0] for query in captured if "webhooks" in query["sql"]] == ["INSERT"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"null",
        b"[]",
        b'{"events":null}',
        b'{"events":{}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":1}',
    ],
)
def test_genuine_garbage_is_stored_flagged_and_answered_200(body: bytes) -> None:
    assert _post(body).status_code == 200
    run()
    assert [row.state for row in Delivery.objects.all()] == [DeliveryState.MALFORMED]


@pytest.mark.django_db
def test_broker_away_is_no_reason_to_refuse(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("webhooks.wakeup.current_app.send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        assert _post(EMPTY).status_code == 200
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_repeated_event_is_stored_once() -> None:
    for _ in range(3):
        _post(_body(_event(), _event()))
    run()
    assert Event.objects.count() == 1


@pytest.mark.django_db
def test_unknown_organisation_and_category_are_kept_and_marked() -> None:
    _post(_body(_event(), _event(eventCategory="SPACESHIP", tenantType="FLEET")))
    run()
    assert [row.state for row in Event.objects.all()] == [EventState.IGNORED, EventState.IGNORED]
    assert {row.category for row in Event.objects.all()} == {"INVOICE", "SPACESHIP"}


@pytest.mark.django_db
def test_event_type_is_read_whatever_its_case() -> None:
    _post(_body(_event(eventType="Update", eventCategory="Invoice")))
    run()
    assert [(row.change, row.category) for row in Event.objects.all()] == [("UPDATE", "INVOICE")]


@pytest.mark.django_db
def test_replay_works_a_delivery_off_again() -> None:
    _post(_body(_event()))
    run()
    delivery = Delivery.objects.get()
    replay(delivery)
    assert (Event.objects.count(), delivery.state) == (1, DeliveryState.PROCESSED)


@pytest.mark.django_db(transaction=True)
def test_delivery_is_stored_though_the_kept_connection_was_cut() -> None:
    connection.ensure_connection()
    _cut(connection.connection.get_backend_pid())

    response = _post(EMPTY)

    assert (response.status_code, Delivery.objects.count()) == (200, 1)


def _cut(backend: int) -> None:
    """End a session of the database from another one, as a restart does."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SET ROLE NONE")  # the owner's session may be ended by the owner only
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    other.close()


@pytest.mark.django_db
def test_delivery_costs_no_question_whether_the_connection_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    kept = connections[DEFAULT_DB_ALIAS]
    monkeypatch.setattr(kept, "is_usable", lambda: not asked.append(1))
    monkeypatch.setattr(kept, "health_check_enabled", True)
    monkeypatch.setattr(kept, "health_check_done", False)

    _post(EMPTY)

    assert (asked, Delivery.objects.count()) == ([], 1)
