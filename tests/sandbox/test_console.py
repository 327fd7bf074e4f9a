"""The sandbox's console: clock, faults, webhooks and the log of requests."""

from __future__ import annotations

import re

import pytest
import requests

from tests.sandbox.browsing import BASE, get, post, said
from tests.sandbox.conftest import Api, Desk
from tests.sandbox.receiver import running_receiver
from xero_sandbox.config import SandboxConfig
from xero_sandbox.handle import Handle
from xero_sandbox.server import start_in_thread


def test_settings_set_locks_and_currencies(sandbox: Handle, api: Api) -> None:
    post(sandbox, f"{BASE}/settings/locks", {"period_lock_date": "2026-10-31", "end_of_year_lock_date": ""})
    post(sandbox, f"{BASE}/settings/currencies", {"currency": ["EUR", "XXX"]})

    organisation = api.get("Organisation").json()["Organisations"][0]
    assert organisation["PeriodLockDate"] == "/Date(1793404800000+0000)/"
    assert [item["Code"] for item in api.get("Currencies").json()["Currencies"]] == ["NZD", "EUR"]


@pytest.mark.parametrize(
    ("standing", "status", "action"),
    [("role", "ACTIVE", "NOT-ALLOWED"), ("ended", "EXPIRED", "NOT-ALLOWED"), ("open", "ACTIVE", "ALLOWED")],
)
def test_plan_and_role_decide_what_an_app_may_do(
    sandbox: Handle, api: Api, standing: str, status: str, action: str
) -> None:
    post(sandbox, f"{BASE}/settings/standing", {"standing": standing})

    assert api.get("Organisation").json()["Organisations"][0]["OrganisationStatus"] == status
    allowed = {row["Name"]: row["Status"] for row in api.get("Organisation/Actions").json()["Actions"]}
    assert allowed["CreateDraftInvoice"] == action
    wrote = api.put("Contacts", {"Contacts": [{"Name": "Ngaio Cafe"}]})
    assert wrote.status_code == (200 if standing == "open" else 403)


def test_nobody_gets_into_an_organisation_that_is_shut(sandbox: Handle, api: Api) -> None:
    post(sandbox, f"{BASE}/settings/standing", {"standing": "shut"})

    assert api.get("Organisation").status_code == 403


def test_disconnecting_on_the_page_refuses_the_app(sandbox: Handle, api: Api) -> None:
    assert "Robin Hale" in get(sandbox, f"{BASE}/connected-apps/").text

    post(sandbox, f"{BASE}/connected-apps/disconnect")

    assert api.get("Organisation").status_code == 403


def test_fault_buttons_queue_faults(sandbox: Handle, api: Api) -> None:
    page = get(sandbox, "/developer/faults/").text
    keys = re.findall(r'name="key" value="([^"]+)"', page)
    assert len(keys) == 16
    for key in keys:
        assert post(sandbox, "/developer/faults/add", {"key": key, "times": "3"}).status_code == 200
    assert len(sandbox.faults.waiting()) == 16

    post(sandbox, "/developer/faults/remove", {"number": str(sandbox.faults.waiting()[0].number)})
    assert len(sandbox.faults.waiting()) == 15
    post(sandbox, "/developer/faults/clear")
    assert sandbox.faults.waiting() == []


def test_lost_answer_button_saves_and_drops(sandbox: Handle, api: Api, desk: Desk) -> None:
    post(sandbox, "/developer/faults/add", {"key": "lost"})
    assert api.get("Invoices").status_code == 200

    with pytest.raises(requests.ConnectionError):
        api.put("Invoices", desk.sent_invoice())

    assert len(sandbox.dump()["Invoices"]) == 1


def test_refusal_by_text_takes_it_literally(sandbox: Handle, api: Api, desk: Desk) -> None:
    post(sandbox, "/developer/faults/reject", {"text": "A.1 (x)", "message": "Not this one"})

    assert api.refusal("PUT", "Invoices", desk.sent_invoice(Reference="A.1 (x)")) == ["Not this one"]
    assert api.put("Invoices", desk.sent_invoice(Reference="AB1 (x)")).status_code == 200


def test_clock_and_tokens_move_from_the_page(sandbox: Handle, api: Api) -> None:
    post(sandbox, "/developer/faults/expire-tokens")
    assert api.get("Organisation").status_code == 401
    before = sandbox.clock.now()

    post(sandbox, "/developer/faults/clock", {"minutes": "31"})

    assert (sandbox.clock.now() - before).total_seconds() >= 31 * 60


PRESSED = {"clear": {}, "clock": {"minutes": "1440"}}


@pytest.mark.parametrize("button", PRESSED)
def test_button_that_ends_trouble_tells_the_app_that_need_not_wait(button: str) -> None:
    with running_receiver(key="unused") as app, start_in_thread(SandboxConfig(recovery_url=app.url)) as demo:
        page = post(demo, f"/developer/faults/{button}", PRESSED[button])

    assert app.refused == 1  # it came, without a signature
    assert "An app that was told to wait may be waiting still" in said(page)[0]


@pytest.mark.parametrize("button", PRESSED)
def test_button_that_ends_trouble_says_whether_the_app_heard(sandbox: Handle, button: str) -> None:
    with running_receiver(key="unused") as app, start_in_thread(SandboxConfig(recovery_url=app.url)) as demo:
        app.receive = lambda body, signature: (204, b"", {})
        heard = said(post(demo, f"/developer/faults/{button}", PRESSED[button]))[0]

    assert "Tandem was told, and does not wait any longer." in heard
    assert "may be waiting still" in said(post(sandbox, f"/developer/faults/{button}", PRESSED[button]))[0]


def test_webhook_page_sets_tricks_and_pause(sandbox: Handle, api: Api, desk: Desk) -> None:
    post(sandbox, "/developer/webhooks/tricks", {"copies": "2", "shuffle": "on", "drop": "x"})
    post(sandbox, "/developer/webhooks/pause", {"paused": "1"})

    assert (sandbox.tricks.copies, sandbox.tricks.shuffle, sandbox.tricks.drop) == (2, True, 0)
    assert sandbox.webhooks.paused
    desk.contact()
    sandbox.webhooks.captured.clear()
    assert "Captured" in get(sandbox, "/developer/webhooks/").text


def test_request_log_page_lists_and_empties(sandbox: Handle, api: Api) -> None:
    api.put("Contacts", {"Name": "Logged"}, headers={"Idempotency-Key": "key-77"})

    assert "key-77" in get(sandbox, "/developer/requests/?method=PUT&path=contacts").text
    assert "key-77" not in get(sandbox, "/developer/requests/?method=POST").text
    post(sandbox, "/developer/requests/clear")
    assert "No calls yet" in get(sandbox, "/developer/requests/").text
