"""G9: how long a save takes to reach Xero, through real processes: idle, and while a neighbour loads everything."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from unittest import mock

from django.db import transaction

from accounting import wakeup
from accounting.enums import ConnectionState, Kind, Priority
from accounting.models import Connection
from bench.figure import Figure, at_most, missing
from bench.instep import put_in_step
from bench.person import Day, Pressed, live
from bench.production import NO_REDIS, Environment, environment, has_redis, redis_server, worker
from bench.rows import ISSUED_ON, line_inputs, make_customers, make_invoices, record
from bench.scale import Scale
from bench.stage import choose, connect, limits_forgotten, new_workspace, point_at
from catalogue.models import TaxRate
from core.changes import caused_by
from customers.models import Customer
from invoices.services import create_invoice
from workspaces.models import Workspace
from workspaces.scope import scope
from xero_sandbox.config import SandboxConfig
from xero_sandbox.handle import Handle
from xero_sandbox.server import start_in_thread

PACE = 0.6
"""Seconds between two saves, which take turns in two organisations: 50 a minute in each, below Xero's 60."""
AROUND_STAMP = re.compile(r"\+.*|\D")
NAMES = ("G9 p50 of a save, idle, s", "G9 p95 of a save, idle, s", "G9 p95 beside a backfill / idle")


def measure(scale: Scale) -> list[Figure]:
    """Nothing is taken out of the way: production's settings, limits and processes."""
    if not has_redis():
        return [missing(name, "", NO_REDIS) for name in NAMES]
    saves = scale.pick(tiny=4, usual=40, full=300)
    with three_offices() as (sandbox, offices), redis_server() as redis:
        told = beside(redis, sandbox)
        with worker(told):
            times_of_saves(sandbox, offices[:2], 12, told)  # the first ones find cold processes
            idle = times_of_saves(sandbox, offices[:2], saves, told)
            busy, calls = _beside_a_backfill(sandbox, offices, saves, told)
    return _figures(saves, idle, busy, calls)


def _figures(saves: int, idle: list[float], busy: list[float], calls: int) -> list[Figure]:
    method = (
        f"{saves} invoices approved {PACE} s apart in a process of production; from the press to the stamp that the "
        "sandbox, which answers at once, gives the new record; a Celery worker of 4 processes on Redis, Xero's limits."
    )
    p50, p95, p95_busy = statistics.median(idle), _p95(idle), _p95(busy)
    return [
        at_most(NAMES[0], p50, 0.5, method=method, beside=f"longest {max(idle):.2f} s"),
        at_most(NAMES[1], p95, 1, method=method),
        at_most(
            NAMES[2], p95_busy / p95, 1.5,
            method="The same again while another organisation's first load goes out in calls of 50 at Xero's limit.",
            beside=f"{p95_busy:.2f} s, {calls} calls of the load meanwhile, p50 {statistics.median(busy):.2f} s",
        ),
    ]  # fmt: skip


def beside(redis: str, sandbox: Handle) -> Environment:
    """Processes of production, with this sandbox for Xero."""
    urls = ("XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL")
    return environment(redis, **dict.fromkeys(urls, sandbox.url))


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


@dataclass(frozen=True, slots=True)
class Office:
    """A workspace, its organisation, and one customer that Xero knows."""

    workspace: Workspace
    connection: Connection
    rate: TaxRate
    customer: Customer


@contextmanager
def three_offices(more: int = 0) -> Iterator[tuple[Handle, list[Office]]]:
    """Three alike organisations of one sandbox (every other is British) that may have more. What happens in this
    process wakes nobody."""
    config = SandboxConfig(organisations=5 + more)
    with start_in_thread(config) as sandbox, mock.patch.object(wakeup, "send"):
        point_at(sandbox.url)
        offices = [_office(sandbox, organisation) for organisation in list(sandbox.store.books)[:5:2]]
        sandbox.limiter.reset()
        limits_forgotten()
        try:
            yield sandbox, offices
        finally:
            for office in offices:
                _leave(office)


def _leave(office: Office) -> None:
    """The next stage connects the same organisations."""
    with scope(office.workspace):
        Connection.objects.update(state=ConnectionState.DISCONNECTED)


def _office(sandbox: Handle, organisation: str) -> Office:
    workspace = new_workspace()
    with scope(workspace):
        connection = connect(workspace, sandbox.connect(organisation))
        rate = choose(connection)
        customers = make_customers(workspace, 1)
        put_in_step(connection, Kind.CUSTOMER, customers)
        return Office(workspace, connection, rate, customers[0])


def times_of_saves(
    sandbox: Handle, offices: list[Office], number: int, told: Environment, *, load: Office | None = None
) -> list[float]:
    """Seconds from the press to the sandbox, of so many saves."""
    drafts = [_draft(offices[n % len(offices)]) for n in range(number)]
    woken = (str(load.workspace.pk), str(load.connection.pk)) if load else None
    pressed = live(Day(drafts, PACE, woken), told)
    arrived = arrivals(sandbox, offices, pressed)
    return [arrived[number] - moment for number, moment in pressed.items()]


def _draft(office: Office) -> tuple[str, str]:
    """A draft that nobody was woken for."""
    with scope(office.workspace), transaction.atomic(), caused_by("backfill"):
        invoice = create_invoice(
            workspace=office.workspace, customer=office.customer, lines=line_inputs(office.rate, 2), by=None,
            issue_date=ISSUED_ON, due_date=ISSUED_ON + timedelta(days=14), number=f"SAVE-{time.time_ns()}",
        )  # fmt: skip
    return str(office.workspace.pk), str(invoice.pk)


def arrivals(sandbox: Handle, offices: list[Office], pressed: Pressed) -> dict[str, float]:
    """When each of them came into being there. Raises when one has not come in half a minute."""
    deadline = time.monotonic() + 30
    while True:
        stamps = {
            row["InvoiceNumber"]: int(AROUND_STAMP.sub("", row["UpdatedDateUTC"])) / 1000
            for office in offices
            for row in sandbox.dump(office.connection.tenant_id)["Invoices"]
        }
        if pressed.keys() <= stamps.keys():
            return stamps
        if time.monotonic() > deadline:
            raise RuntimeError("a save has not arrived in 30 s")
        time.sleep(0.1)


def _beside_a_backfill(
    sandbox: Handle, offices: list[Office], saves: int, told: Environment
) -> tuple[list[float], int]:
    """The third organisation gets more than the minutes of the measurement can carry."""
    loading = offices[2]
    with scope(loading.workspace):
        amount = 50 * (60 + int(1.2 * saves * PACE))
        record(
            Kind.INVOICE, make_invoices([loading.customer], amount, loading.rate), priority=Priority.BACKFILL
        )
    known = len(_load_calls(sandbox, loading))
    times = times_of_saves(sandbox, offices[:2], saves, told, load=loading)
    return times, len(_load_calls(sandbox, loading)) - known


def _load_calls(sandbox: Handle, office: Office) -> list[object]:
    return list(sandbox.requests(method="PUT", organisation=office.connection.tenant_id))
