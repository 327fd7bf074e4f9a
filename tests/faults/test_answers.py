"""R03 to R05: answers that are spoiled, and Xero saying not now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from accounting.enums import OpState
from accounting.models import Connection, Operation
from accounting.providers.xero.provider import XeroBooks
from accounting.sync import drain, state
from accounting.sync.retry import Pause
from invoices.models import Invoice
from invoices.services import update_invoice
from tests.faults.conftest import Tell
from tests.faults.inside import Inside, inside, neighbour, unprotected
from workspaces.scope import all_workspaces, scope

__all__ = ["inside", "neighbour", "unprotected"]
SPOILED = (
    "drop", "cut", "error_500", "maintenance", "organisation_offline", "truncate", "unknown_enum", "html",
)  # fmt: skip
FIRST = [("PUT", "Contacts"), ("PUT", "Invoices"), ("PUT", "Payments"), ("POST", "Invoices")]


@pytest.mark.parametrize("kind", SPOILED)
def test_r03_applied_then_the_answer_is_spoiled(inside: Inside, tell_row: Tell, kind: str) -> None:
    """Each first write of contacts, invoices and payments, and an update, is applied and its answer spoiled."""
    inside.add(50)
    for method, path in FIRST:
        inside.sandbox.faults.add(kind, method=method, path=path, applied=True, index=7)
    inside.work(6)
    update_invoice(invoice=Invoice.objects.earliest("number"), reference="later", by=None)
    inside.work(4)
    tell_row("R3", f"applied, then {kind}", len(FIRST), lost=inside.ledger()["lost"],
             doubled=inside.ledger()["doubled"])  # fmt: skip
    assert inside.wrong() == {}
    assert inside.sandbox.faults.waiting() == []


def test_r03_control_sees_the_harm(inside: Inside, unprotected: Callable[[str], None]) -> None:
    """With a new key at each try, payments are there twice."""
    unprotected("new_key")
    inside.add(50)
    inside.sandbox.faults.add("drop", method="PUT", path="Payments", applied=True)
    inside.work(4)
    assert inside.ledger()["doubled"] == 50


def test_r03_forty_nine_are_kept_when_one_cannot_be_read(inside: Inside) -> None:
    """One unreadable element costs one look-up and nothing else."""
    inside.add(50, payments=False)
    inside.sandbox.faults.add("unknown_enum", method="PUT", path="Invoices", index=3)
    inside.sandbox.faults.add("drop", method="GET", path="Invoices")
    inside.work()
    assert Operation.objects.filter(kind="invoice").count() == 1
    inside.work()
    assert inside.wrong() == {}
    assert len(inside.writes("Invoices")) == 1


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("path", ["Contacts", "Invoices", "Payments"])
def test_r04_tried_again_after_the_key_is_forgotten(
    inside: Inside, tell_row: Tell, path: str, applied: bool
) -> None:
    """No answer, and 25 hours pass: uncertain is shown, Xero is read first, nothing is sent blindly."""
    inside.add(20)
    inside.sandbox.faults.add("drop", method="PUT", path=path, applied=applied)
    inside.work()
    assert OpState.UNCERTAIN in inside.states()
    inside.wait(25 * 3600)
    sent = len(inside.writes(path))
    inside.work(4)
    tell_row("R4", f"no answer {'after' if applied else 'before'} {path}, 25 h pass", 1)
    assert inside.wrong() == {}
    assert len(inside.writes(path)) == sent + (0 if applied else 1)
    assert inside.sandbox.counters()["key_resent_after_window"] == 0


def test_r04_control_sees_the_harm(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is trusted for a month doubles every payment of the batch after a day."""
    monkeypatch.setattr(XeroBooks, "key_life", dt.timedelta(days=30))
    inside.add(20)
    inside.sandbox.faults.add("drop", method="PUT", path="Payments", applied=True)
    inside.work()
    inside.wait(25 * 3600)
    inside.work(2)
    assert inside.ledger()["doubled"] == 20


LIMITS = ("rate_minute", "rate_day", "rate_app", "rate_concurrent", "maintenance", "organisation_offline")


def _called_in_the_pause(inside: Inside) -> int:
    """How often Xero is called, by workers woken again and again, before the rest is over."""
    calls, waiting = len(inside.sandbox.requests()), inside.rest_of()
    for _ in range(3):
        inside.wait(max((waiting - 0.7) / 3, 0))
        inside.turn()
    return len(inside.sandbox.requests()) - calls


@pytest.mark.parametrize("retry_after", [None, 0, 40])
@pytest.mark.parametrize("kind", LIMITS)
def test_r05_xero_says_not_now(inside: Inside, tell_row: Tell, kind: str, retry_after: int | None) -> None:
    """Nothing is called before Retry-After, no attempt is burnt, the reason is shown, and then all goes on."""
    inside.add(20)
    inside.sandbox.faults.add(kind, retry_after=retry_after)
    inside.turn()
    waiting = inside.rest_of()
    assert _called_in_the_pause(inside) == 0
    assert {row.attempts for row in Operation.objects.all()} == {0}
    assert inside.now().resume_reason
    inside.wait(2)
    inside.turn()
    inside.work(2)
    tell_row("R5", f"{kind}, Retry-After {retry_after}", 1, lost=inside.ledger()["lost"])
    assert inside.wrong() == {}
    if retry_after and kind in ("rate_minute", "rate_day"):
        assert 39 <= waiting <= 41


@pytest.mark.parametrize("kind", LIMITS)
def test_r05_control_sees_the_calls(inside: Inside, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """When nobody minds the rest, Xero is called in the middle of it."""
    monkeypatch.setattr(drain, "may_call", lambda connection: True)
    inside.add(20)
    inside.sandbox.faults.add(kind, retry_after=40, times=None)
    inside.turn()
    assert _called_in_the_pause(inside) > 0


def test_r05_day_limit_parks_until_it_is_over(inside: Inside, tell_row: Tell) -> None:
    """Five hours are five hours, and nobody is asked in between."""
    inside.add(5)
    inside.sandbox.faults.add("rate_day", retry_after=18_000)
    inside.turn()
    calls = len(inside.sandbox.requests())
    for _ in range(4):
        inside.wait(4400)
        inside.turn()
    assert len(inside.sandbox.requests()) == calls
    inside.wait(500)
    inside.turn()
    tell_row("R5", "the day's calls used up, for five hours", 1, lost=inside.ledger()["lost"])
    assert inside.wrong() == {}


def test_r05_maintenance_for_half_an_hour(inside: Inside, tell_row: Tell) -> None:
    """503 to everything for 30 minutes: a few calls a minute at most, and all is there afterwards."""
    inside.add(20)
    inside.sandbox.faults.add("maintenance", times=None)
    for _ in range(60):
        inside.wait(30)
        inside.turn()
    calls = len(inside.sandbox.requests())
    assert calls <= 35
    inside.sandbox.faults.clear()
    inside.wait(600)
    inside.work(4)
    tell_row("R5", "503 to everything for 30 min", calls, lost=inside.ledger()["lost"])
    assert inside.wrong() == {}


def _neighbour_waits(inside: Inside, neighbour: Inside) -> int:
    """One organisation's day is used up. How many of the other's customers were not sent in its next turn."""
    inside.sandbox.faults.add("rate_day", organisation=inside.connection.tenant_id, times=None)
    inside.add(5)
    inside.turn()
    assert inside.rest_of() > 0
    neighbour.turn()
    with scope(neighbour.workspace):
        return Operation.objects.count()


def test_r05_other_organisations_go_on(inside: Inside, neighbour: Inside, tell_row: Tell) -> None:
    """One organisation rests; another one's calls are made meanwhile."""
    waiting = _neighbour_waits(inside, neighbour)
    tell_row("R5", "the day of one organisation used up: its neighbour", 1, lost=waiting)
    assert waiting == 0


def test_r05_control_sees_the_neighbour_wait(
    inside: Inside, neighbour: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a limit of one lets all of them rest, the other waits for nothing."""

    def rest_all(connection: Connection, pause: Pause) -> None:
        with all_workspaces("the control"):
            for each in Connection.objects.all():
                state.rest(each, pause)

    monkeypatch.setattr(drain, "rest", rest_all)
    assert _neighbour_waits(inside, neighbour) > 0
