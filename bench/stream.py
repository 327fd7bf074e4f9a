"""G16: the write calls that a stream of saves costs, through real processes."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from bench.figure import Figure, at_most, missing
from bench.latency import Office, arrivals, beside, three_offices, times_of_saves
from bench.person import Day, live
from bench.production import NO_REDIS, has_redis, redis_server, worker
from bench.rows import ISSUED_ON, line_inputs, make_customers
from bench.scale import Scale
from core.changes import caused_by
from invoices.services import create_invoice
from workspaces.scope import scope

NAMES = ("G16 write calls, 1,000 invoices saved in 25 s", "G16 calls refused")
SECONDS_APART = 0.025
INVOICES_EACH = 5


def measure(scale: Scale) -> list[Figure]:
    """One person saves as fast as nobody can; a worker sends what is there whenever it may."""
    if not has_redis():
        return [missing(name, "", NO_REDIS) for name in NAMES]
    number = scale.pick(tiny=40, usual=1000, full=1000)
    with three_offices() as (sandbox, offices), redis_server() as redis:
        told, drafts = beside(redis, sandbox), _drafts(offices[0], number)
        with worker(told):
            times_of_saves(sandbox, offices[1:], 8, told)  # the first ones find cold processes
            sandbox.clear_requests()
            pressed = live(Day(drafts, SECONDS_APART), told)
            arrived = arrivals(sandbox, offices[:1], pressed)
        calls = sandbox.requests()
    waits = sorted(arrived[number] - moment for number, moment in pressed.items())
    writes = sum(call.method != "GET" for call in calls)
    return [
        at_most(
            NAMES[0], writes, 40,
            method=f"{number} invoices of {number // INVOICES_EACH} new customers approved {SECONDS_APART} s apart in "
            "a process of production; a Celery worker of 4 processes on Redis, a sandbox that answers at "
            "once. 24 if all were there at once.",
            beside=f"half arrive within {waits[len(waits) // 2]:.1f} s, the last after {waits[-1]:.1f} s",
        ),
        at_most(NAMES[1], sum(call.status == 429 for call in calls), 0, method="In that stream."),
    ]  # fmt: skip


def _drafts(office: Office, number: int) -> list[tuple[str, str]]:
    """Drafts of customers that Xero does not know; nobody was woken for them."""
    with scope(office.workspace), transaction.atomic(), caused_by("backfill"):
        customers = make_customers(office.workspace, number // INVOICES_EACH)
        made = [
            create_invoice(
                workspace=office.workspace, customer=customers[n // INVOICES_EACH], by=None,
                lines=line_inputs(office.rate, 2), issue_date=ISSUED_ON,
                due_date=ISSUED_ON + dt.timedelta(days=14), number=f"STREAM-{n}",
            )
            for n in range(number)
        ]  # fmt: skip
    return [(str(office.workspace.pk), str(invoice.pk)) for invoice in made]
