"""Random pairs of books: what the dry run says is what then happens, whenever the worker is killed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from accounting.enums import BackfillState, DryRunState, OpState, Verdict
from accounting.models import Backfill, Connection, Decision, DryRun, Exemption, Link, Operation
from accounting.providers.xero import limits
from accounting.queries.dry_run import STUCK, decisions_of
from accounting.sync import backfill, dry_run, lease
from accounting.sync.drain import drain
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import InvoiceLine
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

WORDS = (
    "Rimu",
    "Totara",
    "Kauri",
    "Matai",
    "Miro",
    "Tawa",
    "Rata",
    "Ngaio",
    "Titoki",
    "Karaka",
    "Manuka",
    "Kowhai",
)
TRADES = ("Motors", "Timber", "Bakery", "Dental", "Roofing")


class Pair:
    """Two books that share some of what they have."""

    def __init__(self, seed: int, connection: Connection, gst: TaxRate, there: Bookkeeper) -> None:
        self.roll, self.gst, self.there = random.Random(seed), gst, there
        self.workspace = connection.workspace
        for place in range(self.roll.randint(8, 12)):
            self._add_customer(place)
        for place in range(self.roll.randint(2, 5)):
            there.create_contact(Name=f"Only Theirs {place}")
        there.create_invoice("THEIRS-1", there.create_contact(Name="Another of Theirs")["ContactID"])

    def _add_customer(self, place: int) -> None:
        name = f"{WORDS[place]} {self.roll.choice(TRADES)} Q{place}z"
        sort = self.roll.choice(("pair", "pair", "clash", "ours", "ours"))
        customer = make_customer(self.workspace, name=name, email=f"hi@{place}.nz")
        contact = None
        if sort == "pair":
            contact = self.there.create_contact(Name=self.roll.choice((name, f"{name} Limited")))
        elif sort == "clash":
            contact = self.there.create_contact(Name=f"Somebody {place}", EmailAddress=f"hi@{place}.nz")
        for index in range(self.roll.randint(0, 3)):
            self._add_invoice(customer, contact, f"N-{place}-{index}")

    def _add_invoice(self, customer: Customer, contact: Any, number: str) -> None:
        sort = self.roll.choice(("pair", "other total", "voided", "no rate", "ours", "ours"))
        lines = [make_line(tax_rate=self.gst)]
        ours = make_invoice(
            self.workspace, customer=customer, number=number, status=InvoiceStatus.APPROVED, lines=lines
        )
        if sort == "no rate":
            InvoiceLine.objects.filter(invoice=ours).update(tax_rate=None)
        elif sort != "ours" and contact:
            amount = 100 if sort == "pair" else 77
            theirs = self.there.create_invoice(number, contact["ContactID"], amount=amount)
            if sort == "voided":
                self.there.change_invoice(theirs["InvoiceID"], Status="AUTHORISED")
                self.there.change_invoice(theirs["InvoiceID"], Status="VOIDED")

    def decide(self, run: DryRun, by: User) -> None:
        """A person changes some of it."""
        for row in Decision.objects.filter(dry_run=run).order_by("pk"):
            if self.roll.random() < 0.3:
                wanted = self.roll.choice(list(Verdict))
                dry_run.decide(run=run, ids=[row.pk], verdict=wanted, by=by)


class Worker:
    """It dies at its first step, its successor at the second, and so on: a step is each call and each transaction."""

    def __init__(self, sandbox: Handle, storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sandbox, self.storage, self.deaths, self._left = sandbox, storage, 0, 0
        for name in ("renew", "renewed_where"):
            monkeypatch.setattr(lease, name, self._dying(getattr(lease, name)))

    def _dying(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **more: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                raise KeyboardInterrupt
            return real(*args, **more)

        return step

    def work(self, turn: Callable[[Any], Any], pk: Any, is_over: Callable[[], bool]) -> None:
        for steps in range(1, 500):
            self._left = steps
            self._let_time_pass()
            try:
                turn(pk)
            except KeyboardInterrupt:
                self.deaths += 1
            if is_over():
                self._left = 0
                return
        raise AssertionError("it does not come to an end")

    def _let_time_pass(self) -> None:
        self.sandbox.advance(10)
        limits.reset(self.storage)
        Connection.objects.update(resume_at=None, lease_until=None, lease_token=None)
        Operation.objects.update(not_before=None)


def _is_sent() -> bool:
    moving = Operation.objects.exclude(state__in=(OpState.BLOCKED, OpState.FAILED))
    return not moving.exists() and Backfill.objects.filter(state=BackfillState.DONE).exists()


def _became(row: Decision, before: set[str]) -> str:
    link = Link.objects.filter(kind=row.kind, local_id=row.local_id).first()
    if link is not None:
        return Verdict.CREATE if link.remote_id not in before else Verdict.LINK
    left_out = Exemption.objects.filter(kind=row.kind, local_id=row.local_id).first()
    if left_out is None:
        return STUCK
    return Verdict.SKIP if left_out.until == "good" else Verdict.ASK


def _ids(there: Bookkeeper) -> set[str]:
    return {row["ContactID"] for row in there.read_all("Contacts")} | {
        row["InvoiceID"] for row in there.read_all("Invoices")
    }


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_counts_are_what_then_happens_whenever_the_worker_is_killed(
    sandbox: Handle,
    connected: Connection,
    gst: TaxRate,
    super_user: User,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    there = Bookkeeper(sandbox, connected)
    pair = Pair(seed, connected, gst, there)
    Operation.objects.all().delete()
    before = _ids(there)
    worker = Worker(sandbox, settings.RATE_LIMIT_STORAGE, monkeypatch)
    run = dry_run.start(connection=connected, by=super_user)

    def stands(state: DryRunState) -> Callable[[], bool]:
        return lambda: DryRun.objects.filter(state=state).exists()

    worker.work(dry_run.take_turn, connected.pk, stands(DryRunState.READY))
    pair.decide(run, super_user)
    said = {row.pk: row.outlook for row in decisions_of(run)}
    assert dry_run.confirm(run=run, keeps_ours=bool(seed % 2))
    worker.work(dry_run.take_turn, connected.pk, stands(DryRunState.DONE))
    worker.work(backfill.take_turn, connected.pk, lambda: Backfill.objects.get().state == BackfillState.DONE)
    worker.work(drain, connected.pk, _is_sent)

    there = Bookkeeper(sandbox, Connection.objects.get())  # the access was renewed meanwhile
    rows = list(Decision.objects.filter(dry_run=run))
    became = {row.pk: _became(row, before) for row in rows}
    assert {row.name: became[row.pk] for row in rows} == {row.name: said[row.pk] for row in rows}
    assert len(_ids(there) - before) == Counter(said.values())[Verdict.CREATE], "nothing is created twice"
    assert before <= _ids(there)
    assert worker.deaths > 10
