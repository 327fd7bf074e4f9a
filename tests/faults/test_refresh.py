"""Tokens at their end: many workers at once, a refresher that dies, access refused for good (rows R10, R11)."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now

from accounting.enums import ConnectionState, EventKind, GrantState, OpState
from accounting.models import Connection, Grant, Operation, SyncEvent
from accounting.port.errors import ProviderError
from accounting.providers.registry import get_authoriser
from accounting.sync import regain, tokens
from tests.accounting.conftest import connect
from tests.factories.workspaces import make_workspace
from tests.faults.conftest import LONG, Tell
from tests.faults.inside import Inside, inside, neighbour
from tests.properties.crashes import Crash
from workspaces.models import Workspace
from workspaces.scope import scope
from xero_sandbox.handle import Handle

__all__ = ["inside", "neighbour"]

Play = Callable[..., dict[str, Any]]
WORKERS = 32
RACES = 20 if LONG else 5
KILLS = 20 if LONG else 2
MINUTES = 60 if LONG else 4


@dataclass
class Race:
    """Workers that all need a token in the same instant, of a Xero that never takes an old one again."""

    sandbox: Handle
    workspace: Workspace
    connection: Connection

    def run(self) -> tuple[int, int, int]:
        """How often Xero was asked for tokens, how often it refused, how many workers could go on."""
        Grant.objects.update(expires_at=Now())
        self.sandbox.clear_requests()
        self._start = threading.Barrier(WORKERS)
        with ThreadPoolExecutor(WORKERS) as pool:
            went_on = sum(pool.map(self._work, range(WORKERS)))
        asked = self.sandbox.requests(path="/connect/token")
        return len(asked), len([call for call in asked if call.status != 200]), went_on

    def _work(self, number: int) -> bool:
        try:
            with scope(self.workspace):
                mine = Connection.objects.get(pk=self.connection.pk)
                self._start.wait(30)
                return len(get_authoriser().list_tenants(tokens.fresh_access(mine))) == 1
        except ProviderError:
            return False
        finally:
            connections.close_all()


@pytest.fixture
def race(transactional_db: None, sandbox: Handle, monkeypatch: pytest.MonkeyPatch) -> Iterator[Race]:
    monkeypatch.setattr("xero_sandbox.tokens.GRACE", dt.timedelta(0))
    workspace = make_workspace()
    with scope(workspace):
        connection = connect(sandbox, workspace)
        sandbox.faults.add("slow", path="/connect/token", seconds=0.2, times=None)
        yield Race(sandbox, workspace, connection)


@pytest.mark.slow
def test_r10_many_workers_at_the_end_of_a_token(race: Race, tell_row: Tell) -> None:
    """One call, no refusal, everybody goes on; again and again."""
    found = [race.run() for _ in range(RACES)]
    went_on = sum(number for _, _, number in found)
    tell_row("R10", f"{WORKERS} workers, one dead token", RACES, lost=RACES * WORKERS - went_on,
             doubled=sum(asked - 1 for asked, _, _ in found))  # fmt: skip
    assert found == [(1, 0, WORKERS)] * RACES


@pytest.mark.slow
def test_r10_control_sees_the_harm(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lock Xero is asked again and again, with a token that the first call has used up."""
    monkeypatch.setattr(tokens, "advisory_lock", lambda name: nullcontext())
    asked, refused, went_on = race.run()
    assert asked > 1
    assert refused > 0
    assert went_on < WORKERS


@pytest.mark.slow
def test_r11_refresher_killed_before_the_new_tokens_are_kept(play: Play, tell_row: Tell) -> None:
    """SIGKILL between Xero's answer and our commit: the next worker tries the old token again, and goes on. When
    that is refused: one notice, no further call however often a worker is woken, no attempt burnt; and after the
    reconnect everything is there."""
    found = play("refresher_killed", rows=20, kills=KILLS)
    tell_row("R11", "SIGKILL between token answer and commit", found["times"] + 1,
             lost=found["lost"], doubled=found["doubled"])  # fmt: skip
    wrong = ("lost", "doubled", "differ", "unlinked", "left", "failed", "mismatched_keys", "late")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0), found
    assert found["times"] == KILLS
    assert found["slowest"] <= 20
    assert found["went_on"] == {"asked": 2 * KILLS, "refused": 0, "state": "active", "notices": 0}
    kept = found["cut_off"].pop("kept")
    told = {"asked": 2, "refused": 1, "state": "needs_reauth", "notices": 1, "attempts": 0, "failed": 0}
    assert (found["cut_off"], kept > 0) == (told, True)


def _refresher_dies(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same inside this process; then half a minute passes and another worker comes."""
    inside.add(5)
    Grant.objects.update(expires_at=Now())
    with monkeypatch.context() as patch:
        patch.setattr(tokens, "save_tokens", _die)
        with pytest.raises(Crash):
            inside.turn()
    inside.wait(30)
    inside.work(2)


def _die(*args: Any) -> None:
    raise Crash


def test_r11_refresher_dies_and_the_next_goes_on(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old token is tried again."""
    _refresher_dies(inside, monkeypatch)
    assert (len(inside.tokens_asked()), inside.now().state) == (2, ConnectionState.ACTIVE)
    assert inside.wrong() == {}


def test_r11_control_sees_the_harm(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the old token is given up before the new one is kept, the connection is lost with the worker."""
    refresh = tokens._refresh

    def spend_first(grant: Grant) -> Grant:
        Grant.objects.filter(pk=grant.pk).update(state=GrantState.REFUSED, failed_at=Now())
        return refresh(grant)

    monkeypatch.setattr(tokens, "_refresh", spend_first)
    _refresher_dies(inside, monkeypatch)
    assert inside.now().state == ConnectionState.NEEDS_REAUTH
    assert inside.ledger()["lost"] > 0


@pytest.fixture
def both(inside: Inside, neighbour: Inside) -> list[Inside]:
    """Two connections over one grant, each with something to send."""
    inside.add(5)
    assert Grant.objects.count() == 1
    return [inside, neighbour]


def _knock(both: list[Inside]) -> int:
    """Access is refused for good, and workers are woken every five seconds. How often Xero is asked for tokens."""
    sandbox = both[0].sandbox
    Grant.objects.update(expires_at=Now())
    sandbox.faults.add("invalid_grant", times=None)
    sandbox.clear_requests()
    for _ in range(MINUTES * 12):
        for each in both:
            each.turn()
        both[0].wait(5)
    return len(sandbox.requests(path="/connect/token"))


def test_r11_refused_access_makes_no_storm(both: list[Inside], tell_row: Tell) -> None:
    """Xero is asked once, not once for each connection; each shows one reason and keeps everything."""
    asked = _knock(both)
    tell_row("R11", f"access refused, woken for {MINUTES} min", MINUTES * 24, doubled=asked - 1)
    assert asked == 1
    for each in both:
        with scope(each.workspace):
            assert (each.now().state, each.states()) == (ConnectionState.NEEDS_REAUTH, {OpState.PENDING})
            assert "no longer accepts" in each.now().state_reason
            assert SyncEvent.objects.filter(event=EventKind.REFUSED).count() == 1
            assert set(Operation.objects.values_list("attempts", flat=True)) == {0}


def test_r11_refused_access_is_asked_once_a_minute_at_most(
    both: list[Inside], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if a connection were never cut off."""
    monkeypatch.setattr(regain, "cut_off", lambda connection, error: None)
    assert 1 < _knock(both) <= MINUTES + 1


def test_r11_control_sees_the_storm(both: list[Inside], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither cut off nor spared, Xero is asked at every wake-up."""
    monkeypatch.setattr(regain, "cut_off", lambda connection, error: None)
    monkeypatch.setattr(tokens, "_refuse_storm", lambda grant: None)
    assert _knock(both) >= MINUTES * 24
