"""A dry run as a worker and a person make it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounting.models import Connection, Decision, DryRun, Operation
from accounting.queries.dry_run import Outcome, outcome_of
from accounting.sync import backfill, dry_run
from accounting.sync.dry_run import take_turn
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def compared(connected: Connection, super_user: User) -> Callable[[], DryRun]:
    """Compare what there is, as a worker does."""

    def run() -> DryRun:
        Operation.objects.all().delete()
        dry_run.start(connection=connected, by=super_user)
        take_turn(connected.pk)
        return DryRun.objects.get()

    return run


def verdicts() -> dict[str, tuple[str, str]]:
    return {row.name: (row.verdict, row.why) for row in Decision.objects.all()}


def confirm_it(run: DryRun, sync: Sync, *, keeps_ours: bool = False) -> None:
    assert dry_run.confirm(run=run, keeps_ours=keeps_ours)
    take_turn(run.connection_id)
    backfill.take_turn(run.connection_id)
    for _ in range(4):
        sync()


@pytest.fixture
def going(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, compared: Callable[[], DryRun]
) -> DryRun:
    """Confirmed, and one contact of two to be created with its invoice: all queued, nothing sent."""
    bookkeeper.create_contact(Name="Rimu Roasters")
    make_customer(connected.workspace, name="Rimu Roasters")
    ours = make_customer(connected.workspace, name="Only Ours")
    lines = [make_line(tax_rate=gst)]
    make_invoice(connected.workspace, customer=ours, number="N-1", status=InvoiceStatus.APPROVED, lines=lines)
    run = compared()
    assert dry_run.confirm(run=run, keeps_ours=False)
    take_turn(connected.pk)
    backfill.take_turn(connected.pk)
    run.refresh_from_db()
    return run


def outcome_now(connection: Connection) -> Outcome:
    found = outcome_of(connection)
    assert found
    return found
