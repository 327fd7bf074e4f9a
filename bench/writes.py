"""G1 and G2: how many calls new and changed invoices cost, and what a batch costs our database."""

from __future__ import annotations

import math
from typing import Any

import requests
from django.db import connection as database

from accounting.enums import Kind
from accounting.models import Link, Operation
from bench.figure import Figure, at_most
from bench.rows import make_customers, make_invoices, record
from bench.scale import Scale
from bench.stage import Stage, connected_stage
from invoices.models import Invoice

BATCH = 50


def measure(scale: Scale) -> list[Figure]:
    """Create, create with faults, update; each on its own stage."""
    number = scale.pick(tiny=100, usual=1000, full=1000)
    with connected_stage() as stage:
        clean, queries = _create(stage, number)
        updates = _update(stage, number)
    with connected_stage() as stage:
        faulty = _create_with_faults(stage, number)
    with connected_stage() as stage:
        peer = _one_per_call(stage, number)
    return [*_created(number, clean, faulty, peer), _updated(number, updates), _queried(queries)]


def _floor(number: int) -> int:
    return math.ceil(number / 5 / BATCH) + math.ceil(number / BATCH)


def _created(number: int, clean: int, faulty: int, peer: int) -> list[Figure]:
    floor = _floor(number)
    method = f"{number} new invoices of {number // 5} new customers are recorded and worked off."
    return [
        at_most(
            "G1 write calls, new invoices", clean, floor, method=method, beside=f"one-per-call peer {peer}"
        ),
        at_most(
            "G1 write calls, 1 % faults",
            faulty,
            floor + 1,
            method=method + " One element in 100 is refused and one call is applied and never answered.",
            beside=f"floor {floor}",
        ),
    ]


def _updated(number: int, calls: int) -> Figure:
    floor = 2 * number // BATCH
    return at_most(
        "G2 calls per updates, reads included",
        calls,
        floor * 1.05,
        method=f"The reference of {number} linked invoices changes; every call is counted.",
        beside=f"floor {floor}",
    )


def _queried(queries: float) -> Figure:
    return Figure(
        "SQL statements per drained batch", round(queries, 1), "told", True,
        "Statements of the whole drain over its batches of 50 invoices, from claim to settled.",
    )  # fmt: skip


class Statements:
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.number += 1
        return execute(sql, params, many, context)


def _create(stage: Stage, number: int) -> tuple[int, float]:
    """Write calls, and statements per batch of invoices."""
    customers = make_customers(stage.workspace, number // 5)
    record(Kind.CUSTOMER, customers)
    record(Kind.INVOICE, make_invoices(customers, number, stage.rate))
    statements = Statements()
    with database.execute_wrapper(statements):
        stage.work_off()
    _assert_linked(number)
    return stage.writes(), statements.number / stage.writes()


def _assert_linked(number: int) -> None:
    linked, left = Link.objects.filter(kind=Kind.INVOICE).count(), Operation.objects.count()
    if (linked, left) != (number, 0):
        raise RuntimeError(f"{linked} of {number} invoices linked, {left} operations left")


def _update(stage: Stage, number: int) -> int:
    stage.sandbox.clear_requests()
    Invoice.objects.update(reference="changed")
    stage.work_off()
    if any(row["Reference"] != "changed" for row in _theirs(stage)):
        raise RuntimeError("an update did not arrive")
    return len(stage.sandbox.requests())


def _theirs(stage: Stage) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = stage.sandbox.dump()["Invoices"]
    return [row for row in rows if row["InvoiceNumber"].startswith("BENCH")]


def _create_with_faults(stage: Stage, number: int) -> int:
    """Every hundredth element is refused for good; one write is applied and its answer lost."""
    stage.sandbox.faults.add("reject", path="Invoices", match="POISON", times=None)
    stage.sandbox.faults.add("drop", method="PUT", path="Invoices", applied=True, times=1)
    customers = make_customers(stage.workspace, number // 5)
    record(Kind.CUSTOMER, customers)
    poisoned = number // 100
    record(Kind.INVOICE, make_invoices(customers, poisoned, stage.rate, reference="POISON"))
    record(Kind.INVOICE, make_invoices(customers, number - poisoned, stage.rate))
    stage.work_off()
    numbers = [row["InvoiceNumber"] for row in _theirs(stage)]
    if len(numbers) != number - poisoned or len(set(numbers)) != len(numbers):
        raise RuntimeError("an invoice was lost or doubled")
    return stage.writes()


def _one_per_call(stage: Stage, number: int) -> int:
    """What every open peer does: one call for each contact, one for each invoice."""
    customers = make_customers(stage.workspace, number // 5)
    with requests.Session() as session:
        session.headers.update(stage.headers())
        api = f"{stage.sandbox.url}/api.xro/2.0"
        ids = [_put(session, api, "Contacts", {"Name": row.name})["ContactID"] for row in customers]
        for n in range(number):
            _put(session, api, "Invoices", _peer_invoice(ids[n % len(ids)], n))
    return stage.writes()


def _put(session: requests.Session, api: str, what: str, element: dict[str, Any]) -> dict[str, Any]:
    answer = session.put(f"{api}/{what}", json={what: [element]}, timeout=10)
    answer.raise_for_status()
    made: dict[str, Any] = answer.json()[what][0]
    return made


def _peer_invoice(contact_id: str, n: int) -> dict[str, Any]:
    line = {"Description": "Work", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}
    return {
        "Type": "ACCREC",
        "Contact": {"ContactID": contact_id},
        "InvoiceNumber": f"PEER-{n}",
        "Date": "2026-03-02",
        "DueDate": "2026-03-16",
        "LineItems": [line, line],
        "Status": "AUTHORISED",
    }
