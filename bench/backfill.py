"""G4: a first load beside a working person, in simulated time."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

from accounting import wakeup
from accounting.enums import Kind, Priority
from accounting.models import Connection, Operation
from accounting.providers.xero.kinds import base
from accounting.sync import due
from accounting.sync.drain import drain
from bench.figure import Figure, at_least, at_most
from bench.instep import put_in_step
from bench.rows import make_customers, make_invoices, record
from bench.scale import Scale
from bench.simulation import CALL_SECONDS, Simulation
from bench.stage import Stage, connected_stage, limits_forgotten
from customers.models import Customer
from xero_sandbox.config import SandboxConfig

EDIT_EVERY = 20.7
"""Seconds between two edits of a person: no more than the reserve of three in any minute."""


def measure(scale: Scale) -> list[Figure]:
    """Calls are what is limited, so the usual run makes as many calls with fewer invoices in each."""
    invoices = scale.pick(tiny=350, usual=1020, full=10_000)
    size = scale.pick(tiny=5, usual=5, full=50)
    with (
        connected_stage(SandboxConfig(log_size=100_000)) as stage,
        mock.patch.object(base, "BATCH", size),
    ):
        run = Run(stage, invoices)
        run.live()
    minutes = max(1, int(run.lasted // 60))
    made = sum(call - run.began < 60 * minutes for call in run.simulation.calls)
    method = (
        f"{invoices} invoices in calls of {size} and a person saving a new one every {EDIT_EVERY} s; "
        "the real engine and sandbox in simulated time, 300 ms a call"
    )
    waits = statistics.quantiles(run.waits, n=20)[-1] if len(run.waits) > 1 else run.waits[0]
    return [
        at_least(
            "G4 share of the allowed rate, backfill", made / (60 * minutes), 0.95,
            method=method + f"; calls of {minutes} whole minutes over 60 a minute.",
            beside=f"{len(run.simulation.calls)} calls in {run.lasted:.0f} s",
        ),
        at_most("G4 calls over a limit", run.refused, 0, method=method + "; 429 answers of the sandbox."),
        at_most(
            "G4 p95 wait of a person's save, in calls", waits / CALL_SECONDS, 2,
            method=method + "; from the save to the end of the call that carries it.",
            beside=f"{len(run.waits)} saves, longest {max(run.waits):.2f} s",
        ),
    ]  # fmt: skip


@dataclass
class Run:
    """One first load from the first to the last call."""

    stage: Stage
    invoices: int
    simulation: Simulation = field(default_factory=Simulation)
    waits: list[float] = field(default_factory=list)
    began: float = 0.0
    lasted: float = 0.0
    refused: int = 0

    def live(self) -> None:
        customers = make_customers(self.stage.workspace, 20)
        put_in_step(self.stage.connection, Kind.CUSTOMER, customers)
        self._customers: list[Customer] = customers
        self._waiting: dict[str, float] = {}
        record(
            Kind.INVOICE, make_invoices(customers, self.invoices, self.stage.rate), priority=Priority.BACKFILL
        )
        self.stage.sandbox.limiter.reset()
        limits_forgotten()
        self.began, self._next_edit = self.simulation.now, self.simulation.now + 7.3
        with self.simulation.running(self.stage.sandbox), self._wakes():
            self._work()
        self.refused = sum(self.stage.sandbox.limiter.refused.values())

    @contextmanager
    def _wakes(self) -> Iterator[None]:
        """What the engine asks to be woken for later is a moment of the simulation."""
        self._resume = 0.0
        self.simulation.during, self.simulation.after = self._person, self._sent
        with mock.patch.object(wakeup, "later", self._later):
            yield

    def _later(self, connection: Connection, seconds: float) -> None:
        self._resume = self.simulation.now + seconds + 0.1

    def _work(self) -> None:
        """Turns, waits, and the person's saves between them, until the load is done."""
        while due.has_work(self.stage.connection) and self._load_left():
            drain(self.stage.connection.pk)
            while self._resume > self.simulation.now:
                self._wait_for_the_next_thing()

    def _load_left(self) -> bool:
        left = Operation.objects.filter(priority=Priority.BACKFILL).exists()
        self.lasted = self.simulation.now - self.began
        return left

    def _wait_for_the_next_thing(self) -> None:
        """Either the pause ends, or the person saves, which wakes a worker at once."""
        moment = min(self._resume, self._next_edit)
        self.simulation.advance(max(moment - self.simulation.now, 0.0))
        if moment < self._resume:
            resume = self._resume
            self._person()
            drain(self.stage.connection.pk)
            self._resume = max(resume, self._resume)
        else:
            self._resume = 0.0
            Connection.objects.update(resume_at=None)

    def _person(self) -> None:
        if self.simulation.now >= self._next_edit:
            self._next_edit += EDIT_EVERY
            rows = make_invoices(self._customers, 1, self.stage.rate)
            self._waiting[rows[0].number] = self.simulation.now
            record(Kind.INVOICE, rows)

    def _sent(self, method: str, body: bytes) -> None:
        for number in [number for number in self._waiting if method == "PUT" and number.encode() in body]:
            self.waits.append(self.simulation.now - self._waiting.pop(number))
