"""A dry run as a worker and a person make it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounting.models import Connection, Decision, DryRun, Operation
from accounting.sync import backfill, dry_run
from accounting.sync.dry_run import take_turn
from tests.accounting.bookkeeper import Bookkeeper
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
