"""What was decided is done, once, and nothing that has changed or moved on since is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounting.enums import DryRunState, Verdict
from accounting.models import Backfill, Connection, Decision, DryRun, Exemption, Link, Operation
from accounting.sync import backfill, deciding_all, dry_run, pairs
from accounting.sync.deciding import FLYING, CannotDecide
from accounting.sync.dry_run import take_turn
from customers.services import update_customer
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.dry_running import Sync, bookkeeper, compared, confirm_it
from tests.factories.customers import make_customer
from workspaces.models import User
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "compared"]
"""Fixtures."""


def test_pair_that_changed_meanwhile_comes_back_to_a_person(
    sandbox: Handle,
    connected: Connection,
    bookkeeper: Bookkeeper,
    compared: Callable[[], DryRun],
    sync: Sync,
) -> None:
    theirs = bookkeeper.create_contact(Name="Rimu Roasters")
    bookkeeper.create_contact(Name="Totara Timber")
    make_customer(connected.workspace, name="Rimu Roasters")
    ours = make_customer(connected.workspace, name="Totara Timber")
    run = compared()
    sandbox.advance(60)
    bookkeeper.change_contact(theirs["ContactID"], FirstName="Aroha")
    update_customer(customer=ours, city="Napier", by=None)
    Operation.objects.all().delete()
    confirm_it(run, sync)
    told = {row.name: (row.verdict, row.problem) for row in Decision.objects.all()}
    assert told == {
        "Rimu Roasters": (Verdict.ASK, "Changed in Xero since it was compared. Look again."),
        "Totara Timber": (Verdict.ASK, "Changed here since it was compared. Look again."),
    }
    assert not Link.objects.exists()


def test_worker_that_dies_in_the_middle_repeats_nothing(
    connected: Connection,
    bookkeeper: Bookkeeper,
    compared: Callable[[], DryRun],
    sync: Sync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(6):
        bookkeeper.create_contact(Name=f"Firm {number} Zq{number}")
        make_customer(connected.workspace, name=f"Firm {number} Zq{number}")
    run = compared()
    assert dry_run.confirm(run=run, keeps_ours=False)
    real, done = pairs.join, []

    def dies(*args: Any, **more: Any) -> None:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(real(*args, **more))

    monkeypatch.setattr(deciding_all.pairs, "join", dies)
    with pytest.raises(KeyboardInterrupt):
        take_turn(connected.pk)
    assert Link.objects.count() == 3
    monkeypatch.setattr(deciding_all.pairs, "join", real)
    Connection.objects.update(lease_token=None, lease_until=None)
    take_turn(connected.pk)
    backfill.take_turn(connected.pk)
    sync()
    assert Link.objects.count() == 6
    assert (DryRun.objects.get().state, Backfill.objects.count()) == (DryRunState.DONE, 1)


def test_what_was_linked_by_hand_meanwhile_stays_so(
    connected: Connection,
    bookkeeper: Bookkeeper,
    compared: Callable[[], DryRun],
    sync: Sync,
    super_user: User,
) -> None:
    other = bookkeeper.create_contact(Name="Rimu Roasters of Napier")
    bookkeeper.create_contact(Name="Somebody Else", EmailAddress="hi@rimu.nz")
    ours = make_customer(connected.workspace, name="Rimu Roasters", email="hi@rimu.nz")
    run = compared()
    assert Decision.objects.get().verdict == Verdict.ASK
    pairs.link(
        connection=connected, kind="customer", local_id=ours.pk, remote_id=other["ContactID"],
        keep_ours=True, by=super_user,
    )  # fmt: skip
    confirm_it(run, sync)
    assert Link.objects.get(local_id=ours.pk).remote_id == other["ContactID"]
    assert not Exemption.objects.exists()


def test_what_is_on_its_way_when_it_is_decided_goes_on(
    connected: Connection,
    bookkeeper: Bookkeeper,
    compared: Callable[[], DryRun],
    sync: Sync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody sent it by hand, and it flies while the decisions are done."""
    bookkeeper.create_contact(Name="Somebody Else", EmailAddress="hi@rimu.nz")
    make_customer(connected.workspace, name="Rimu Roasters", email="hi@rimu.nz")
    run = compared()

    def flies(*args: Any) -> Any:
        raise CannotDecide(FLYING)

    monkeypatch.setattr(deciding_all, "lock_whole", flies)
    assert dry_run.confirm(run=run, keeps_ours=False)
    take_turn(connected.pk)
    assert (Decision.objects.get().problem, Exemption.objects.count()) == (FLYING, 0)


def test_confirm_twice_does_it_once(
    connected: Connection, compared: Callable[[], DryRun], super_user: User
) -> None:
    make_customer(connected.workspace)
    run = compared()
    assert dry_run.confirm(run=run, keeps_ours=False)
    assert not dry_run.confirm(run=run, keeps_ours=False)
