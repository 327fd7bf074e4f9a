"""G13: one organisation with very much to do beside many with one row each."""

from __future__ import annotations

from collections import deque
from typing import Any
from unittest import mock

from accounting import wakeup
from accounting.enums import Kind, Priority
from accounting.models import Connection
from accounting.sync.drain import drain
from bench.echo import EchoBooks, echoing, paper_connection
from bench.figure import Figure, at_most
from bench.filler import add_waiting
from bench.rows import make_customers, record
from bench.scale import Scale
from bench.stage import new_workspace
from workspaces.scope import scope

TURN = 31


def measure(scale: Scale) -> list[Figure]:
    """One worker takes the wake-ups in order of arrival, that of the large organisation first."""
    small = scale.pick(tiny=5, usual=999, full=999)
    large_rows = scale.pick(tiny=2000, usual=50_000, full=100_000)
    with mock.patch.object(wakeup, "send"):
        large = _organisation(TURN * 50 + 250, large_rows)
        others = [_organisation(1) for _ in range(small)]
    calls = _serve(large, others)
    return [
        at_most(
            f"G13 calls before {small} small organisations are served", calls, max(1.05 * small, small + TURN),
            method=f"One worker, wake-ups first in first out, the organisation with {large_rows} rows first; "
            "each write call counts.",
            beside=f"fair {small}, first-in-first-out rows {small + large_rows // 50}",
        )
    ]  # fmt: skip


def _organisation(rows: int, more: int = 0) -> Connection:
    workspace = new_workspace()
    with scope(workspace):
        connection = paper_connection(workspace)
        record(Kind.CUSTOMER, make_customers(workspace, rows), priority=Priority.BACKFILL)
        if more:
            add_waiting(connection, more)
    return connection


def _serve(large: Connection, others: list[Connection]) -> int:
    """Calls made until each of the others has had its own."""
    queue: deque[Connection] = deque([large, *others])
    known = {row.pk: row for row in queue}
    waiting = {row.pk for row in others}

    def again(task: str, *, connection_id: Any, **unused: Any) -> None:
        queue.append(known[connection_id])

    with mock.patch.object(wakeup, "send", again), echoing(EchoBooks()) as books:
        while waiting:
            connection = queue.popleft()
            with scope(connection.workspace):
                drain(connection.pk)
            waiting.discard(connection.pk)
        return books.calls
