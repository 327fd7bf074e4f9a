from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
import requests

from tests.sandbox.conftest import Api, Desk
from xero_sandbox.handle import Handle

TOKEN = ("tandem-sandbox", "tandem-sandbox-secret")


def invoices(api: Api) -> int:
    return len(api.handle.dump()["Invoices"])


def refresh(handle: Handle, token: str) -> requests.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return requests.post(f"{handle.url}/connect/token", data=form, auth=TOKEN, timeout=5)


@pytest.mark.parametrize(
    ("kind", "problem", "wait"),
    [
        ("rate_minute", "minute", "30"),
        ("rate_day", "day", "18000"),
        ("rate_app", "appminute", None),
        ("rate_concurrent", "concurrent", None),
    ],
)
def test_rate_fault_is_an_empty_429(api: Api, kind: str, problem: str, wait: str | None) -> None:
    api.handle.faults.add(kind)

    reply = api.get("Contacts")

    assert (reply.status_code, reply.content) == (429, b"")
    assert reply.headers["X-Rate-Limit-Problem"] == problem
    assert reply.headers.get("Retry-After") == wait
    assert api.get("Contacts").status_code == 200


def test_retry_after_can_be_set_or_left_out(api: Api) -> None:
    api.handle.faults.add("rate_minute", retry_after=2)
    api.handle.faults.add("rate_minute", retry_after=0)

    assert api.get("Contacts").headers["Retry-After"] == "2"
    assert "Retry-After" not in api.get("Contacts").headers


def test_server_faults_speak_as_xero_does(api: Api) -> None:
    for kind, status, words in (
        ("error_500", 500, "error"),
        ("maintenance", 503, "The Xero API is currently offline for maintenance"),
        ("organisation_offline", 503, "The Organisation is offline"),
        ("html", 502, "<h1>Bad Gateway</h1>"),
    ):
        api.handle.faults.add(kind)
        reply = api.get("Contacts")
        assert reply.status_code == status
        assert words in reply.text


@pytest.mark.parametrize("kind", ["error_500", "maintenance", "html", "rate_minute"])
@pytest.mark.parametrize("applied", [False, True])
def test_fault_leaves_the_write_undone_or_done(desk: Desk, api: Api, kind: str, applied: bool) -> None:
    api.handle.faults.add(kind, method="PUT", applied=applied)

    assert api.put("Invoices", desk.sent_invoice()).status_code >= 400
    assert invoices(api) == applied


@pytest.mark.parametrize("applied", [False, True])
def test_dropped_connection_gives_no_answer(desk: Desk, api: Api, applied: bool) -> None:
    api.handle.faults.add("drop", method="PUT", applied=applied)

    with pytest.raises(requests.ConnectionError):
        requests.put(
            f"{api.handle.url}/api.xro/2.0/Invoices", json=desk.sent_invoice(), headers=api.headers, timeout=5
        )

    assert invoices(api) == applied


def test_answer_cut_half_way_is_a_broken_connection_after_the_write(desk: Desk, api: Api) -> None:
    api.handle.faults.add("cut", method="PUT")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.put(
            f"{api.handle.url}/api.xro/2.0/Invoices", json=desk.sent_invoice(), headers=api.headers, timeout=5
        )

    assert invoices(api) == 1


def test_truncated_answer_is_broken_json_after_the_write(desk: Desk, api: Api) -> None:
    api.handle.faults.add("truncate", method="PUT")

    reply = api.put("Invoices", desk.sent_invoice())

    assert reply.status_code == 200
    with pytest.raises(ValueError):
        json.loads(reply.text)
    assert invoices(api) == 1


@pytest.mark.parametrize(("applied", "done"), [(False, 0), (True, 1)])
def test_slow_answer_outlasts_the_callers_patience(desk: Desk, api: Api, applied: bool, done: int) -> None:
    api.handle.faults.add("slow", method="PUT", seconds=0.4, applied=applied)

    with pytest.raises(requests.ReadTimeout):
        requests.put(
            f"{api.handle.url}/api.xro/2.0/Invoices",
            json=desk.sent_invoice(),
            headers=api.headers,
            timeout=0.1,
        )

    if not done:
        assert invoices(api) == 0
    assert _soon(lambda: invoices(api) == 1)  # a slow server carries on after the caller has gone


def _soon(true: Callable[[], bool]) -> bool:
    """Whether it comes true within ten seconds: a busy machine may need more than the server's own pause."""
    ends = time.monotonic() + 10
    while not true() and time.monotonic() < ends:
        time.sleep(0.05)
    return true()


def test_unknown_value_stands_in_one_element(desk: Desk, api: Api) -> None:
    api.handle.faults.add("unknown_enum", method="PUT", index=1)
    batch = {"Invoices": [desk.sent_invoice() for _ in range(3)]}

    items = api.put("Invoices", batch).json()["Invoices"]

    assert [item["Status"] for item in items] == ["AUTHORISED", "SOMETHING_NEW", "AUTHORISED"]


def test_replay_with_the_key_finds_the_true_answer_after_a_lost_reply(desk: Desk, api: Api) -> None:
    api.handle.faults.add("drop", applied=True)
    headers = {"Idempotency-Key": "k-1"}
    with pytest.raises(requests.ConnectionError):
        api.put("Invoices", desk.sent_invoice(), headers=headers)

    reply = api.put("Invoices", desk.sent_invoice(), headers=headers)

    assert reply.status_code == 200
    assert invoices(api) == 1


def test_new_key_after_a_lost_reply_makes_a_second_document(desk: Desk, api: Api) -> None:
    api.handle.faults.add("drop", applied=True)
    with pytest.raises(requests.ConnectionError):
        api.put("Invoices", desk.sent_invoice(), headers={"Idempotency-Key": "k-1"})

    api.put("Invoices", desk.sent_invoice(), headers={"Idempotency-Key": "k-2"})

    assert invoices(api) == 2


@pytest.mark.parametrize(("kind", "replayed"), [("error_500", 500), ("maintenance", 200), ("html", 200)])
def test_only_a_500_is_kept_under_the_key(desk: Desk, api: Api, kind: str, replayed: int) -> None:
    api.handle.faults.add(kind, applied=True)
    headers = {"Idempotency-Key": "k-1"}
    api.put("Invoices", desk.sent_invoice(), headers=headers)

    assert api.put("Invoices", desk.sent_invoice(), headers=headers).status_code == replayed
    assert invoices(api) == 1


def test_429_is_not_kept_under_the_key(desk: Desk, api: Api) -> None:
    api.handle.faults.add("rate_minute")
    headers = {"Idempotency-Key": "k-1"}

    replies = [api.put("Invoices", desk.sent_invoice(), headers=headers).status_code for _ in range(2)]

    assert replies == [429, 200]


def test_reject_refuses_matching_elements_only(desk: Desk, api: Api) -> None:
    api.handle.faults.add("reject", match="^POISON", message="Refused: {value}")
    batch = [desk.sent_invoice(Reference=reference) for reference in ("fine", "POISON-1", "fine too")]

    items = api.put("Invoices?summarizeErrors=false", {"Invoices": batch}).json()["Invoices"]

    assert [item["StatusAttributeString"] for item in items] == ["OK", "ERROR", "OK"]
    assert items[1]["ValidationErrors"] == [{"Message": "Refused: POISON-1"}]
    assert api.handle.faults.waiting()


def test_reject_can_refuse_the_whole_call(desk: Desk, api: Api) -> None:
    api.handle.faults.add("reject", match="POISON", whole_call=True)
    batch = [desk.sent_invoice(Reference=reference) for reference in ("fine", "POISON-1")]

    reply = api.put("Invoices?summarizeErrors=false", {"Invoices": batch})

    assert (reply.status_code, "Elements" in reply.json()) == (400, False)
    assert invoices(api) == 0


def test_fault_can_be_kept_to_some_calls(desk: Desk, api: Api) -> None:
    add = api.handle.faults.add
    add("error_500", method="PUT")
    add("error_500", path="Payments")
    add("error_500", organisation=api.handle.books("harbour-studio").id)
    add("error_500", match="SOME-REF")

    assert api.get("Invoices").status_code == 200
    assert api.get("Payments").status_code == 500
    assert api.put("Invoices", desk.sent_invoice()).status_code == 500
    assert api.post("Invoices", desk.sent_invoice()).status_code == 200
    assert api.post("Invoices", desk.sent_invoice(Reference="SOME-REF")).status_code == 500
    assert len(api.handle.faults.waiting()) == 1


def test_fault_can_last_or_strike_by_chance(api: Api) -> None:
    fault = api.handle.faults.add("error_500", times=None, probability=0.5)

    statuses = [api.get("Currencies").status_code for _ in range(40)]

    assert 5 < statuses.count(500) < 35
    api.handle.faults.remove(fault.number)
    assert api.get("Currencies").status_code == 200


def test_unknown_fault_is_refused(sandbox: Handle) -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        sandbox.faults.add("gremlins")


def test_fault_is_named_in_the_request_log(api: Api) -> None:
    api.handle.faults.add("error_500", applied=True)
    api.get("Contacts")

    [entry] = api.handle.requests()
    assert (entry.status, entry.fault) == (500, "error_500, applied")


def test_invalid_grant_strikes_the_next_refresh(sandbox: Handle) -> None:
    tokens = sandbox.connect()
    sandbox.faults.add("invalid_grant")

    first, second = (refresh(sandbox, tokens["refresh_token"]) for _ in range(2))

    assert (first.status_code, first.json()) == (400, {"error": "invalid_grant"})
    assert second.status_code == 200


def test_token_reply_lost_after_rotation_leaves_the_old_token_in_grace(sandbox: Handle) -> None:
    tokens = sandbox.connect()
    sandbox.faults.add("drop", path="/connect/token", applied=True)
    with pytest.raises(requests.ConnectionError):
        refresh(sandbox, tokens["refresh_token"])

    rotated = [row for row in sandbox.store.refresh_tokens.all() if row.replaced is not None]
    assert [row.id for row in rotated] == [tokens["refresh_token"]]
    assert refresh(sandbox, tokens["refresh_token"]).status_code == 200


def test_connections_can_fail_too(api: Api) -> None:
    api.handle.faults.add("maintenance", path="/connections*")

    reply = requests.get(f"{api.handle.url}/connections", headers=api.headers, timeout=5)

    assert reply.status_code == 503


def test_api_faults_leave_the_token_endpoint_alone(sandbox: Handle) -> None:
    tokens = sandbox.connect()
    sandbox.faults.add("error_500", times=None)

    assert refresh(sandbox, tokens["refresh_token"]).status_code == 200
