"""G7: what the queue does to the speed of a drain."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from unittest import mock

import psycopg2

from accounting import wakeup
from accounting.enums import Kind, Priority
from accounting.models import Connection
from accounting.sync import drain, plan
from bench.database import arguments
from bench.echo import EchoBooks, echoing, paper_connection
from bench.figure import Figure, at_least, at_most
from bench.filler import add_finished, add_waiting
from bench.rows import make_customers, record
from bench.scale import Scale
from bench.stage import new_workspace
from workspaces.scope import scope

BATCH = 50
WARM = 2
PADDING = 4 * BATCH + 50
"""More than one claim looks at: the filler behind it is never reached."""


def measure(scale: Scale) -> list[Figure]:
    """Rows a second of real drains over books that answer at once."""
    waiting = scale.pick(tiny=2000, usual=50_000, full=1_000_000)
    batches = scale.pick(tiny=2, usual=12, full=20)
    rounds = scale.pick(tiny=1, usual=7, full=7)
    with mock.patch.object(wakeup, "send"):
        rates = _rates(waiting, batches, rounds)
        ratio = _under_a_snapshot(scale.pick(tiny=3000, usual=9000, full=30_000))
    few, many, kept, single = (statistics.median(rates[name]) for name in ("few", "many", "kept", "single"))
    method = f"Rows a second from claim to settled, over books that answer at once; medians of {rounds}"
    snapshot = (
        "Median time of a batch in the last turns of one long drain over that in the first, "
        "while another session holds a snapshot."
    )
    return [
        at_least(
            f"G7 {waiting} waiting / 1,000", many / few, 0.8, method=method + ".", beside=f"{few:.0f} rows/s"
        ),
        at_least(
            f"G7 {waiting} finished kept / none", kept / few, 0.9, method=method + "; finished ones are history."
        ),
        at_least(
            "G7 batches of 50 / one row at a time", few / single, 10,
            method=method + "; the control claims, sends and settles a single row.",
            beside=f"{single:.0f} rows/s",
        ),
        at_most("G7 last tenth / first, long-open snapshot", ratio, 1.5, method=snapshot),
    ]  # fmt: skip


def _rates(waiting: int, batches: int, rounds: int) -> dict[str, list[float]]:
    """Each way by turns, so that a busy minute of the machine meets all of them."""
    rates: dict[str, list[float]] = {"few": [], "many": [], "kept": [], "single": []}
    with (
        _crowd(waiting, add_waiting) as many,
        _crowd(waiting, add_finished) as kept,
        _crowd(1000, add_waiting) as few,
    ):
        for _ in range(rounds):
            rates["few"].append(_drain(few, batches))
            rates["many"].append(_drain(many, batches))
            rates["kept"].append(_drain(kept, batches))
            rates["single"].append(_one_by_one(few, 5 * batches))
    return rates


@contextmanager
def _crowd(number: int, fill: object) -> Iterator[Connection]:
    workspace = new_workspace()
    with scope(workspace):
        connection = paper_connection(workspace)
        record(Kind.CUSTOMER, make_customers(workspace, PADDING), priority=Priority.RECONCILE)
        fill(connection, number)  # type: ignore[operator]
    yield connection


def _drain(connection: Connection, batches: int) -> float:
    """Rows a second over this many batches, after two to warm up."""
    with scope(connection.workspace), echoing(EchoBooks()) as books:
        rows = make_customers(connection.workspace, (batches + WARM) * BATCH)
        record(Kind.CUSTOMER, rows)
        _steps(connection, books, WARM)
        began = time.perf_counter()
        _steps(connection, books, batches)
        return batches * BATCH / (time.perf_counter() - began)


def _steps(connection: Connection, books: EchoBooks, number: int) -> None:
    """So many batches of a drain, one after the other."""
    goal = books.calls + number
    while books.calls < goal:
        with mock.patch.object(drain, "TURN_STEPS", goal - books.calls):
            drain.drain(connection.pk)


def _one_by_one(connection: Connection, number: int) -> float:
    """The control: the same engine, which claims, sends and settles a single row at a time."""
    with scope(connection.workspace), echoing(EchoBooks()) as books:
        books.size = 1
        record(Kind.CUSTOMER, make_customers(connection.workspace, number + 1))
        with mock.patch.object(plan, "CLAIM", 1):
            _steps(connection, books, 1)
            began = time.perf_counter()
            _steps(connection, books, number)
            return number / (time.perf_counter() - began)


def _under_a_snapshot(number: int) -> float:
    """How much longer a batch takes at the end of a drain than at its beginning, while nothing can be cleaned up:
    turns as a worker takes them, and in each the time of one batch."""
    workspace = new_workspace()
    with scope(workspace), echoing(EchoBooks()) as books, _snapshot():
        connection = paper_connection(workspace)
        record(Kind.CUSTOMER, make_customers(workspace, number))
        times = []
        while books.calls < number // BATCH:
            began, before = time.perf_counter(), books.calls
            drain.drain(connection.pk)
            times.append((time.perf_counter() - began) / (books.calls - before))
    tenth = max(1, len(times) // 10)
    return statistics.median(times[-tenth:]) / statistics.median(times[:tenth])


@contextmanager
def _snapshot() -> Iterator[None]:
    """Another session that has looked and not ended, as a report or a dump does."""
    with closing(psycopg2.connect(**arguments(os.environ["DATABASE_URL"]))) as reader:
        reader.set_session(isolation_level="REPEATABLE READ")
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounting_operation")
        yield
        reader.rollback()
