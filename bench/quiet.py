"""G12: what the regular check costs when nothing has changed."""

from __future__ import annotations

from typing import Any

from django.db import connection as database

from accounting.enums import Kind
from accounting.models import Connection
from accounting.sync.reconcile import reconcile
from accounting.sync.walk import UNDER_WAY
from bench.figure import Figure, at_most
from bench.instep import put_in_step
from bench.meter import Meter
from bench.rows import make_customers, make_invoices
from bench.scale import Scale
from bench.stage import Stage, connected_stage


def measure(scale: Scale) -> list[Figure]:
    """Everything in step, a first check behind us, nothing changed since."""
    number = scale.pick(tiny=100, usual=5000, full=10_000)
    with connected_stage() as stage:
        customers = make_customers(stage.workspace, 100)
        put_in_step(stage.connection, Kind.CUSTOMER, customers)
        put_in_step(stage.connection, Kind.INVOICE, make_invoices(customers, number, stage.rate))
        stage.sandbox.advance(400)
        first, full, _ = _check(stage)
        while UNDER_WAY in Connection.objects.get(pk=stage.connection.pk).cursors:
            _check(stage)  # the first one was longer than a turn
        stage.sandbox.advance(400)
        calls, bytes_read, rows = _check(stage)
    method = f"{number} linked invoices, checked before, nothing changed for minutes; the check runs again."
    apart = " The lease and the time of the check on the connection's own row are not counted."
    return [
        at_most(
            "G12 calls of a quiet check, per kind", calls, 1, method=method, beside=f"first check {first}"
        ),
        at_most(
            "G12 bytes read by a quiet check",
            bytes_read,
            2000,
            method=method,
            beside=f"first check {full} bytes",
        ),
        at_most("G12 rows written by a quiet check", rows, 0, method=method + apart),
    ]


class Writes:
    """Counts rows written to any table but the connection's own row."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        verb = sql.lstrip().split(" ", 1)[0].upper()
        if verb in ("INSERT", "UPDATE", "DELETE") and "accounting_connection" not in sql.split("SET", 1)[0]:
            self.rows += max(context["cursor"].rowcount, 0)
        return answer


def _check(stage: Stage) -> tuple[int, int, int]:
    """Calls for invoices, bytes of all answers, and rows written."""
    stage.sandbox.clear_requests()
    Connection.objects.update(resume_at=None)
    writes = Writes()
    meter = Meter()
    with database.execute_wrapper(writes), meter:
        reconcile(stage.connection.pk)
    return len(stage.sandbox.requests(method="GET", path="Invoices")), meter.bytes, writes.rows
