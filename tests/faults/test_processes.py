"""Real Celery workers on a real Redis and a real Postgres, killed at every step (rows R1, R2, R6-R8, R17, R20, R21).

Nothing is ever lost, nothing is ever doubled; and without its protection each of these tests would see it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.conftest import LONG, Tell
from tests.faults.trouble import STEPS

Play = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.slow

RUNS, ROWS = (20, 200) if LONG else (2, 40)
STORMS, STORM_ROWS, BLOWS = (5, 20_000, 40) if LONG else (1, 480, 16)
BACKLOG = 10_000 if LONG else 400


def _is_whole(found: dict[str, Any]) -> bool:
    """The ledger: everything there, once, to the cent, under keys of its own, and nothing left to do."""
    wrong = ("lost", "doubled", "differ", "unlinked", "left", "failed", "mismatched_keys", "late")
    return {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)


def test_r01_worker_killed_at_each_step(play: Play, tell_row: Tell) -> None:
    """SIGKILL to a worker at each named step, RUNS times; the lease is 1 s. Lost 0, doubled 0."""
    found = play("crashes", steps=list(STEPS), runs=RUNS, rows=ROWS)
    for step, times in found["by_step"].items():
        tell_row("R1", f"SIGKILL {step}", times, lost=found["lost"], doubled=found["doubled"])
    assert _is_whole(found), found
    assert found["by_step"] == dict.fromkeys(STEPS, RUNS)


@pytest.mark.parametrize(
    ("control", "step", "seen"),
    [("new_key", "during the call", "doubled"), ("mark_then_call", "after the answer", "unlinked")],
)
def test_r01_control_sees_the_harm(play: Play, control: str, step: str, seen: str) -> None:
    """A new key at each try doubles; finishing before calling loses track. The ledger sees both."""
    assert play("crashes", steps=[step], runs=2, rows=20, control=control)[seen] > 0


def test_r02_storm_of_kills_faults_and_database_crashes(play: Play, tell_row: Tell) -> None:
    """Random SIGKILLs, 30 % faulty calls, Postgres crashed twice. Lost 0, doubled 0."""
    for seed in range(1, STORMS + 1):
        found = play("storm", seed=seed, rows=STORM_ROWS, blows=BLOWS)
        harm = found["kills"] + found["spoiled"] + 2
        tell_row("R2", "SIGKILLs, crashes of Postgres, spoiled answers", harm,
                 lost=found["lost"], doubled=found["doubled"])  # fmt: skip
        assert _is_whole(found), found
        assert found["kills"] >= BLOWS // 2


def test_r02_control_sees_the_harm(play: Play) -> None:
    """The same storm with a new key at each try: payments are there twice."""
    assert play("storm", seed=1, rows=STORM_ROWS, blows=BLOWS, control="new_key")["doubled"] > 0


def test_r06_redis_emptied_and_away(play: Play, tell_row: Tell) -> None:
    """Redis is flushed and killed with a backlog waiting; saves and webhooks go on. Lost 0; drained within 60 s."""
    found = play("redis_lost", own_broker=True, rows=BACKLOG, sweep=True)
    tell_row("R6", "Redis flushed, killed, started empty", 1, lost=found["lost"], doubled=found["doubled"])
    assert _is_whole(found), found
    assert found["saved"] == 10


def test_r06_control_sees_the_harm(play: Play) -> None:
    """Without the sweep what Redis forgot is never sent."""
    assert play("redis_lost", own_broker=True, rows=40, sweep=False)["left"] > 0


def test_r07_workers_killed_in_a_drain(play: Play, tell_row: Tell) -> None:
    """Everything is killed mid-drain. The next worker goes on when the lease and a sweep have passed, not when
    Redis hands the message out again. Lost 0, doubled 0."""
    found = play("worker_killed", rows=BACKLOG, sweep=True)
    tell_row("R7", "all workers SIGKILLed in a drain", 1, lost=found["lost"], doubled=found["doubled"])
    assert _is_whole(found), found
    assert 0 <= found["resumed"] <= 20


def test_r07_control_sees_the_harm(play: Play) -> None:
    """Without the sweep nothing goes on until Redis hands the message out again, minutes later."""
    assert play("worker_killed", rows=200, sweep=False)["left"] > 0


def test_r08_database_restarted(play: Play, tell_row: Tell) -> None:
    """Postgres stopped fast, crashed, stopped fast, in a flood of webhooks and a drain: every 200 is a stored row."""
    found = play("database_restarted", rows=BACKLOG, seconds=2)
    tell_row("R8", "Postgres restarted (fast, immediate, fast)", 3, lost=found["oks"] - found["stored"],
             doubled=found["doubled"])  # fmt: skip
    assert _is_whole(found), found
    assert found["oks"] > 0
    assert found["stored"] >= found["oks"]
    assert found["other"] == 0


def test_r08_control_sees_the_harm(play: Play) -> None:
    """A view that answers before it has stored loses what came while the database was away."""
    found = play("database_restarted", rows=20, seconds=2, control=True)
    assert found["oks"] > found["stored"]


def test_r17_deployed_in_a_drain(play: Play, tell_row: Tell) -> None:
    """SIGTERM with 10 s of grace, three times in a drain, with a task sent by newer code. Lost 0, doubled 0."""
    found = play("deployed", rows=BACKLOG)
    tell_row(
        "R17", "SIGTERM in a drain, newer tasks waiting", 3, lost=found["lost"], doubled=found["doubled"]
    )
    assert _is_whole(found), found
    assert found["unwilling"] == 0


def test_r17_control_sees_the_unwilling(play: Play) -> None:
    """A worker that works off everything before it goes is killed when the grace is over."""
    assert play("deployed", rows=600, control="endless_turn")["unwilling"] > 0


def test_r20_every_wakeup_lost(play: Play, tell_row: Tell) -> None:
    """No wake-up arrives at all: the sweep finds everything. Lost 0."""
    found = play("wakeups_lost", rows=BACKLOG, sweep=True)
    tell_row("R20", "every wake-up dropped", found["times"], lost=found["lost"], doubled=found["doubled"])
    assert _is_whole(found), found
    assert found["times"] > 0


def test_r20_control_sees_the_harm(play: Play) -> None:
    """Without the sweep nothing is sent."""
    assert play("wakeups_lost", rows=20, sweep=False)["lost"] > 0


def test_r21_six_workers_at_one_organisation(play: Play, tell_row: Tell) -> None:
    """Six workers woken again and again for one organisation: one call at a time, 60 a minute, none refused."""
    found = play("many_drains", rows=300, seconds=15, least=41)
    tell_row("R21", "six workers woken at once", 6, doubled=found["doubled"])
    assert found["in_flight"] <= 5
    assert found["peak"] <= 60
    assert (found["over_limit"], found["doubled"], found["mismatched_keys"]) == (0, 0, 0)
    assert found["calls"] > 40


@pytest.mark.parametrize(("control", "seen"), [("no_lease", "in_flight"), ("no_limiter", "over_limit")])
def test_r21_control_sees_the_harm(play: Play, control: str, seen: str) -> None:
    """Without the lease several are at it at once; without the limiter Xero has to say no."""
    calls = "1000000" if control == "no_lease" else "60"
    found = play("many_drains", rows=300, seconds=80, control=control, calls=calls)
    assert found[seen] > (1 if control == "no_lease" else 0), found
