"""G14: how many messages the work of one organisation takes, and what happens when all are lost."""

from __future__ import annotations

import time
from collections import deque
from typing import Any
from unittest import mock

from django.db.models import F

from accounting import wakeup
from accounting.enums import Kind
from accounting.models import Connection, Operation
from accounting.sync.drain import drain
from accounting.sync.sweep import JUST_WOKEN, sweep
from bench.echo import EchoBooks, echoing, paper_connection
from bench.figure import Figure, at_most
from bench.rows import make_customers, record
from bench.scale import Scale
from bench.stage import new_workspace
from config.celery import app
from workspaces.scope import scope

PER = 10_000
CHUNK = 100


def measure(scale: Scale) -> list[Figure]:
    """Both on an organisation whose books answer at once."""
    number = scale.pick(tiny=200, usual=PER, full=PER)
    workspace = new_workspace()
    with scope(workspace), echoing(EchoBooks()):
        connection = paper_connection(workspace)
        messages = _messages(connection, number)
        period = float(app.conf.beat_schedule["sweep"]["schedule"])
        seconds = _recovery(connection)
    return [
        at_most(
            f"G14 Celery messages for {number} rows", messages, 25,
            method=f"Recorded in commits of {CHUNK}, a worker takes a turn for every message as it comes.",
            beside=f"one task per row {number}",
        ),
        at_most(
            "G14 seconds until lost wake-ups are made good", period + seconds, 60,
            method="All messages are dropped; the sweep's period, its pause after a wake-up, its time and the drain's.",
            beside=f"{seconds:.2f} s of it are the pause and the work",
        ),
    ]  # fmt: skip


def _messages(connection: Connection, number: int) -> int:
    rows = make_customers(connection.workspace, number)
    queue: deque[object] = deque()
    sent = 0
    with mock.patch.object(wakeup, "send", lambda *args, **kwargs: queue.append(kwargs)):
        for start in range(0, number, CHUNK):
            record(Kind.CUSTOMER, rows[start : start + CHUNK])
            if start % (20 * CHUNK) == 0:
                sent += _take_one(queue, connection)
        while queue:
            sent += _take_one(queue, connection)
    if Operation.objects.exists():
        raise RuntimeError("rows were left without a wake-up")
    return sent


def _take_one(queue: deque[object], connection: Connection) -> int:
    if not queue:
        return 0
    queue.popleft()
    drain(connection.pk)
    return 1


def _recovery(connection: Connection) -> float:
    """Seconds of a sweep and the drain it starts, after every message was lost; and of the pause in which a sweep
    trusts a wake-up."""
    with mock.patch.object(wakeup, "send"):
        record(Kind.CUSTOMER, make_customers(connection.workspace, CHUNK))
    found: list[Any] = []
    Connection.objects.filter(pk=connection.pk).update(woken_at=F("woken_at") - JUST_WOKEN)
    began = time.perf_counter()
    with mock.patch.object(wakeup, "send", lambda *args, **kwargs: found.append(kwargs)):
        sweep()
        if connection.pk not in [kwargs["connection_id"] for kwargs in found]:
            raise RuntimeError("the sweep did not find the waiting rows")
        drain(connection.pk)
    if Operation.objects.exists():
        raise RuntimeError("rows were left")
    return time.perf_counter() - began + JUST_WOKEN.total_seconds()
