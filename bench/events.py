"""G3: what a storm of webhook events costs in reads."""

from __future__ import annotations

import requests

from accounting.enums import Kind
from accounting.models import Link, Operation
from bench.figure import Figure, at_most
from bench.instep import put_in_step
from bench.rows import make_customers, make_invoices, record
from bench.scale import Scale
from bench.stage import Stage, connected_stage
from invoices.models import Invoice
from webhooks.models import Event, EventState
from webhooks.process import run
from webhooks.receive import receive

BATCH = 50
ROUNDS = 10


def measure(scale: Scale) -> list[Figure]:
    """Ten changes of each invoice by the bookkeeper; then our own writes."""
    number = scale.pick(tiny=50, usual=1000, full=1000)
    with connected_stage() as stage:
        stormy = _storm(stage, number)
        echoes, events = _echo(stage, number // 5)
    floor = number // BATCH
    return [
        at_most(
            "G3 reads for a storm of events", stormy, 1.25 * floor,
            beside=f"floor {floor}, one per event {number * ROUNDS}",
            method=f"The sandbox's own {number * ROUNDS} signed events on {number} invoices are received, "
            "worked off and pulled; each GET is counted.",
        ),
        at_most(
            "G3 reads for echoes of our own writes", echoes, 0, beside=f"{events} events",
            method="The events that our own creates and updates caused are received and worked off.",
        ),
    ]  # fmt: skip


def _storm(stage: Stage, number: int) -> int:
    customers = make_customers(stage.workspace, 20)
    put_in_step(stage.connection, Kind.CUSTOMER, customers)
    put_in_step(stage.connection, Kind.INVOICE, make_invoices(customers, number, stage.rate))
    known = len(stage.sandbox.webhooks.captured)
    for n in range(ROUNDS):
        _bookkeeper_changes_all(stage, f"round {n}")
    reads = _receive(stage, known)
    if Invoice.objects.filter(reference=f"round {ROUNDS - 1}").count() != number:
        raise RuntimeError("not every change came here")
    return reads


def _bookkeeper_changes_all(stage: Stage, reference: str) -> None:
    ids = list(Link.objects.filter(kind=Kind.INVOICE).values_list("remote_id", flat=True))
    for start in range(0, len(ids), BATCH):
        body = [{"InvoiceID": pk, "Reference": reference} for pk in ids[start : start + BATCH]]
        url = f"{stage.sandbox.url}/api.xro/2.0/Invoices"
        requests.post(url, json={"Invoices": body}, headers=stage.headers(), timeout=30).raise_for_status()


def _receive(stage: Stage, known: int) -> int:
    """Take in every delivery after the first `known` ones; returns the reads they cost."""
    stage.sandbox.clear_requests()
    for delivery in stage.sandbox.webhooks.captured[known:]:
        receive(body=delivery.body, signature=delivery.signature)
    while run():
        pass
    stage.work_off()
    return len(stage.sandbox.requests(method="GET"))


def _echo(stage: Stage, number: int) -> tuple[int, int]:
    """Reads after our own creates and updates, and how many events told of them."""
    known = len(stage.sandbox.webhooks.captured)
    invoices = make_invoices(make_customers(stage.workspace, 5), number, stage.rate)
    record(Kind.INVOICE, invoices)
    stage.work_off()
    Invoice.objects.filter(pk__in=[row.pk for row in invoices]).update(reference="ours")
    stage.work_off()
    before = Event.objects.filter(state=EventState.ECHO).count()
    reads = _receive(stage, known)
    if Operation.objects.exists():
        raise RuntimeError("something is left to do")
    return reads, Event.objects.filter(state=EventState.ECHO).count() - before
