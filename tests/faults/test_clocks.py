"""Clocks that disagree: a worker's, the database's, Xero's (row R9)."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle

import pytest
from django.db.models import Value
from django.utils import timezone

from accounting.enums import Kind
from accounting.models import Grant, Link
from accounting.providers.xero.provider import XeroBooks
from accounting.sync import lease, reconcile, state, tokens, walk
from invoices.models import Invoice
from tests.faults.conftest import LONG, Tell
from tests.faults.inside import Clerk, Inside, clerk, inside
from tests.faults.plant import ROOT

__all__ = ["clerk", "inside"]

HOUR = 3600
CALLS = 340 if LONG else 34
ROUNDS = 60 if LONG else 6
MOVED = "moved in Xero"

_now, _seconds = timezone.now, time.time
_leaps = cycle([0, -HOUR])
CLOCKS: dict[str, Callable[[], int]] = {
    "right": lambda: 0,
    "an hour behind": lambda: -HOUR,
    "an hour ahead": lambda: HOUR,
    "leaping back": lambda: next(_leaps),
}
WRONG = [name for name in CLOCKS if name != "right"]
PAIRS = [
    ("right", "an hour ahead"),
    ("an hour behind", "right"),
    ("an hour ahead", "an hour behind"),
    ("leaping back", "an hour ahead"),
]


@contextmanager
def clock(name: str) -> Iterator[None]:
    """This machine's clock is wrong; the database's and Xero's are right."""
    off = CLOCKS[name]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: _now() + dt.timedelta(seconds=off()))
        patch.setattr(time, "time", lambda: _seconds() + off())
        yield


def _own_clock() -> Value:
    return Value(timezone.now())


def _rivals(inside: Inside, monkeypatch: pytest.MonkeyPatch, rival: str) -> list[bool]:
    """At every write, a worker with that clock tries to take the connection; whether it could."""
    took: list[bool] = []
    send = XeroBooks.send

    def send_beside(self: XeroBooks, request: object) -> object:
        with clock(rival):
            took.append(inside.turn())
        return send(self, request)  # type: ignore[arg-type]

    monkeypatch.setattr(XeroBooks, "send", send_beside)
    return took


@pytest.mark.parametrize(("holder", "rival"), PAIRS)
def test_r09_no_lease_is_stolen(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, tell_row: Tell, holder: str, rival: str
) -> None:
    """However late a worker believes it is, another one's lease is not over before its time is."""
    inside.add(20)
    took = _rivals(inside, monkeypatch, rival)
    with clock(holder):
        inside.work(2)
    ledger = inside.ledger()
    tell_row(
        "R9", f"lease: holder {holder}, rival {rival}", len(took), lost=ledger["lost"], doubled=sum(took)
    )
    assert took == [False] * 3
    assert inside.wrong() == {}


@pytest.mark.parametrize(("holder", "rival"), PAIRS[:2])
def test_r09_control_sees_the_stolen_lease(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, holder: str, rival: str
) -> None:
    """When each worker asks its own clock, two are at it at once."""
    monkeypatch.setattr(lease, "Now", _own_clock)
    inside.add(20)
    took = _rivals(inside, monkeypatch, rival)
    with clock(holder):
        inside.work()
    assert any(took)


def _heir_waits(inside: Inside, holder: str, heir: str) -> list[bool]:
    """A worker falls silent with the lease. Whether another gets it ten seconds early, and a second late."""
    silent = lease.held(inside.connection.pk)
    with clock(holder):
        silent.__enter__()
    took = []
    for seconds in (lease.LEASE.total_seconds() - 10, 11):
        inside.wait(seconds)
        with clock(heir):
            took.append(inside.turn())
    silent.__exit__(None, None, None)
    return took


@pytest.mark.parametrize(("holder", "heir"), PAIRS)
def test_r09_lease_of_the_dead_ends_on_time(inside: Inside, tell_row: Tell, holder: str, heir: str) -> None:
    """Neither earlier nor an hour later."""
    inside.add(20)
    took = _heir_waits(inside, holder, heir)
    tell_row("R9", f"lease of a dead worker: {holder}, heir {heir}", 1, lost=inside.ledger()["lost"])
    assert took == [False, True]
    assert inside.wrong() == {}


def test_r09_control_sees_the_lease_of_the_dead_live_on(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their own clocks, the heir waits for two hours."""
    monkeypatch.setattr(lease, "Now", _own_clock)
    inside.add(20)
    assert _heir_waits(inside, "an hour ahead", "an hour behind") == [False, False]
    assert inside.ledger()["lost"] > 0


def _hours_pass(inside: Inside, clock_name: str) -> int:
    """A connect, and then a new customer every seven minutes. How many calls were made with a dead token."""
    with clock(clock_name):
        inside.reconnect(user=1)
        inside.sandbox.clear_requests()
        for _ in range(CALLS):
            inside.add(0, customers=1)
            inside.wait(420)
            inside.turn()
    return len([call for call in inside.asked() if call.status == 401])


@pytest.mark.parametrize("name", WRONG)
def test_r09_no_token_is_used_after_its_end(inside: Inside, tell_row: Tell, name: str) -> None:
    """Hours of calls on a machine with that clock, from the first tokens on: not one with a dead token, and no
    more refreshes than needed."""
    dead = _hours_pass(inside, name)
    tell_row("R9", f"hours of tokens, clock {name}", CALLS, lost=inside.ledger()["lost"])
    assert dead == 0
    assert len(inside.tokens_asked()) <= CALLS // 3
    assert (len(inside.asked()), inside.wrong()) == (CALLS, {})


def test_r09_control_sees_the_dead_token(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged by a clock behind, every token is used for an hour too long."""
    monkeypatch.setattr(tokens, "database_now", lambda: timezone.now())
    assert _hours_pass(inside, "an hour behind") > 0


def _calls_in_the_rest(inside: Inside, name: str) -> int:
    """Xero asks for 40 seconds. How many calls are made in the first 38 of them."""
    inside.add(20)
    inside.sandbox.faults.add("rate_minute", retry_after=40)
    with clock(name):
        inside.turn()
        calls = len(inside.asked())
        inside.wait(38)
        inside.turn()
        early = len(inside.asked()) - calls
        inside.wait(3)
        inside.turn()
    return early


@pytest.mark.parametrize("name", WRONG)
def test_r09_rest_is_as_long_as_xero_says(inside: Inside, tell_row: Tell, name: str) -> None:
    """Neither shorter nor an hour longer."""
    early = _calls_in_the_rest(inside, name)
    tell_row("R9", f"Retry-After 40, clock {name}", 1, lost=inside.ledger()["lost"])
    assert (early, inside.wrong()) == (0, {})


def test_r09_control_sees_the_call_that_is_early(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock ahead the rest is over before it begins."""
    monkeypatch.setattr(state, "database_now", lambda: timezone.now())
    assert _calls_in_the_rest(inside, "an hour ahead") > 0


def _missed(inside: Inside, clerk: Clerk, name: str, xeros: int = 0) -> int:
    """One invoice after another is changed in Xero, and a minute later the regular check runs. How many of the
    changes never came."""
    inside.sandbox.advance(xeros)
    tokens.refresh(Grant.objects.get(), force=True)
    inside.add(ROUNDS, payments=False)
    inside.work(2)
    with clock(name):
        for link in Link.objects.filter(kind=Kind.INVOICE):
            reconcile.reconcile(inside.connection.pk)
            clerk.change_invoice(link.remote_id, Reference=MOVED)
            inside.wait(60)
        reconcile.reconcile(inside.connection.pk)
    return Invoice.objects.exclude(reference=MOVED).count()


@pytest.mark.parametrize(
    ("name", "xeros"), [*((name, 0) for name in WRONG), ("right", -HOUR), ("right", HOUR)]
)
def test_r09_regular_check_misses_nothing(
    inside: Inside, clerk: Clerk, tell_row: Tell, name: str, xeros: int
) -> None:
    """Whose clock ever is wrong: what is read next begins where Xero itself said that it ended."""
    missed = _missed(inside, clerk, name, xeros)
    tell_row("R9", f"changes in Xero: clock {name}, Xero's {xeros // HOUR:+} h", ROUNDS, lost=missed)
    assert (missed, inside.wrong()) == (0, {})


def test_r09_control_sees_the_change_that_is_missed(
    inside: Inside, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the cursor is the time by our own clock, an hour of changes is never read."""
    monkeypatch.setattr(walk, "_reached", lambda page: timezone.now().isoformat())
    assert _missed(inside, clerk, "an hour ahead") > 0


def test_r09_no_other_clock_is_read() -> None:
    """What these tests turn is all that the engine could go by."""
    other = re.compile(r"\b(utcnow|datetime\.now|date\.today|datetime\.today|localtime|gmtime)\(")
    files = [path for path in (ROOT / "accounting").rglob("*.py") if other.search(path.read_text())]
    assert files == []
