"""A confirmed run is paused, goes on, is cancelled: nothing more is sent, what was done stays, and nothing is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounting.enums import ConnectionState, DryRunState, Until, Verdict
from accounting.models import Backfill, Connection, Decision, DryRun, Exemption, Link, Operation, SyncEvent
from accounting.queries.health import check_up
from accounting.queries.run_progress import progress_of, report_of
from accounting.queries.unsent import count_unsent
from accounting.sync import backfill, batches, deciding_all, drain, dry_run, exemptions, pairs, sweep
from accounting.sync.dry_run import take_turn
from customers.models import Customer
from customers.services import create_customer, update_customer
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.dry_running import Sync, bookkeeper, compared, confirm_it, going, outcome_now
from tests.factories.customers import make_customer
from workspaces.models import User

__all__ = ["bookkeeper", "compared", "going"]
"""Fixtures."""


def _names(bookkeeper: Bookkeeper) -> set[str]:
    return {row["Name"] for row in bookkeeper.read_all("Contacts")}


@pytest.fixture
def links(
    connected: Connection,
    bookkeeper: Bookkeeper,
    compared: Callable[[], DryRun],
    super_user: User,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Any], DryRun]:
    """Six pairs are linked, and after the second somebody does something."""

    def run(then: Any) -> DryRun:
        for number in range(6):
            bookkeeper.create_contact(Name=f"Firm {number} Zq{number}")
            make_customer(connected.workspace, name=f"Firm {number} Zq{number}")
        run = compared()
        assert dry_run.confirm(run=run, keeps_ours=False)
        real, done = pairs.join, []

        def joins(*args: Any, **more: Any) -> None:
            done.append(real(*args, **more))
            if len(done) == 2:
                assert then(run=run, by=super_user)

        monkeypatch.setattr(deciding_all.pairs, "join", joins)
        take_turn(connected.pk)
        run.refresh_from_db()
        return run

    return run


def test_pause_holds_what_is_to_be_created_and_people_go_on(
    connected: Connection, bookkeeper: Bookkeeper, going: DryRun, super_user: User, sync: Sync
) -> None:
    assert dry_run.pause(run=going, by=super_user)
    create_customer(workspace=connected.workspace, name="By Hand", by=super_user)
    sync()
    assert "By Hand" in _names(bookkeeper)
    assert "Only Ours" not in _names(bookkeeper)
    assert not dry_run.pause(run=going, by=super_user)

    assert dry_run.resume(run=going, by=super_user)
    assert not dry_run.resume(run=going, by=super_user)
    sync()
    sync()
    assert "Only Ours" in _names(bookkeeper)
    assert (count_unsent().total, progress_of(connected, outcome_now(connected))) == (0, None)
    told = list(SyncEvent.objects.filter(kind="").values_list("message", "actor"))
    assert ("The run was paused.", super_user.pk) in told


@pytest.mark.long
def test_pause_while_it_links_keeps_the_rest_for_later(
    connected: Connection, links: Callable[[Any], DryRun], super_user: User
) -> None:
    run = links(dry_run.pause)
    take_turn(connected.pk)
    assert (Link.objects.count(), run.state) == (2, DryRunState.LINKING)
    assert dry_run.resume(run=run, by=super_user)
    take_turn(connected.pk)
    run.refresh_from_db()
    assert (Link.objects.count(), run.state) == (6, DryRunState.DONE)


def test_paused_run_wakes_nobody(connected: Connection, going: DryRun, super_user: User) -> None:
    assert dry_run.pause(run=going, by=super_user)
    Connection.objects.update(woken_at=None)
    DryRun.objects.update(updated_at="2020-01-01T00:00:00Z")
    Operation.objects.filter(priority__lt=3).delete()
    Operation.objects.update(updated_at="2020-01-01T00:00:00Z")
    Backfill.objects.update(state="running", finished_at=None, updated_at="2020-01-01T00:00:00Z")
    assert (sweep.sweep(), dry_run.wake_forgotten(), backfill.wake_forgotten()) == (0, 0, 0)
    assert check_up(connected, dt.timedelta(hours=1)).complaints == ()
    backfill.take_turn(connected.pk)
    assert Backfill.objects.get().state == "running"
    assert dry_run.resume(run=going, by=super_user)
    Connection.objects.update(woken_at=None)
    assert sweep.sweep() == 1


def test_cancel_creates_nothing_further_and_what_was_not_sent_stays_out(
    connected: Connection, bookkeeper: Bookkeeper, going: DryRun, super_user: User, sync: Sync
) -> None:
    assert dry_run.cancel(run=going, by=super_user)
    sync()
    assert "Only Ours" not in _names(bookkeeper), "not even before a worker has seen it"
    take_turn(connected.pk)
    sync()
    assert "Only Ours" not in _names(bookkeeper)
    assert Link.objects.count() == 1
    going.refresh_from_db()
    assert (going.state, going.paused_at) == (DryRunState.STOPPED, None)
    rows = Decision.objects.exclude(verdict=Verdict.LINK)
    assert {(row.verdict, row.problem) for row in rows} == {
        (Verdict.ASK, "The run was cancelled before this was done.")
    }
    assert set(Exemption.objects.values_list("until", flat=True)) == {Until.DECISION}

    customer = Customer.objects.get(name="Only Ours")
    update_customer(customer=customer, city="Napier", by=super_user)
    sync()
    assert "Only Ours" not in _names(bookkeeper), "an edit is no decision"
    for exemption in Exemption.objects.order_by("kind"):
        with transaction.atomic():
            exemptions.lift(exemption, by=super_user)
    sync()
    sync()
    assert sorted(_names(bookkeeper)).count("Only Ours") == 1
    assert Link.objects.count() == 3


@pytest.mark.long
def test_run_after_one_that_was_cancelled_does_the_rest_once(
    connected: Connection,
    bookkeeper: Bookkeeper,
    going: DryRun,
    super_user: User,
    sync: Sync,
) -> None:
    assert dry_run.cancel(run=going, by=super_user)
    take_turn(connected.pk)
    sync()
    again = dry_run.start(connection=connected, by=super_user)
    take_turn(connected.pk)
    assert {row.name: row.verdict for row in Decision.objects.all()} == {
        "Only Ours": Verdict.CREATE,
        "invoice N-1": Verdict.CREATE,
    }
    confirm_it(again, sync)
    assert (Exemption.objects.count(), Operation.objects.count(), Link.objects.count()) == (0, 0, 3)
    assert [row["InvoiceNumber"] for row in bookkeeper.read_all("Invoices")] == ["N-1"]


def test_what_a_person_unlinked_is_not_compared_again(
    connected: Connection, bookkeeper: Bookkeeper, compared: Callable[[], DryRun], super_user: User
) -> None:
    ours = make_customer(connected.workspace, name="Only Ours")
    with transaction.atomic():
        exemptions.exempt(connected, "customer", ours, until=Until.DECISION, by=super_user)
    compared()
    assert not Decision.objects.exists()


@pytest.mark.long
def test_what_was_created_before_it_was_cancelled_stays_in_step(
    connected: Connection,
    bookkeeper: Bookkeeper,
    going: DryRun,
    super_user: User,
    sync: Sync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drain, "TURN_STEPS", 3)
    while "Only Ours" not in _names(bookkeeper):
        sync()
    assert dry_run.cancel(run=going, by=super_user)
    take_turn(connected.pk)
    monkeypatch.undo()
    sync()
    assert not bookkeeper.read_all("Invoices")
    assert report_of(connected, outcome_now(connected)) == {"created": 1, "waiting": 0}
    customer = Customer.objects.get(name="Only Ours")
    update_customer(customer=customer, city="Napier", by=super_user)
    sync()
    assert not Exemption.objects.filter(local_id=customer.pk).exists()


@pytest.mark.long
def test_cancel_while_it_links_keeps_the_links_there_are(
    connected: Connection, links: Callable[[Any], DryRun], sync: Sync
) -> None:
    run = links(dry_run.cancel)
    assert (Link.objects.count(), run.state) == (2, DryRunState.STOPPING)
    take_turn(connected.pk)
    run.refresh_from_db()
    assert (Link.objects.count(), Exemption.objects.count(), run.state) == (2, 4, DryRunState.STOPPED)
    assert not Backfill.objects.exists()
    sync()
    assert Link.objects.count() == 2


@pytest.mark.long
def test_what_is_on_its_way_when_it_is_cancelled_arrives(
    connected: Connection,
    bookkeeper: Bookkeeper,
    going: DryRun,
    super_user: User,
    sync: Sync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = batches.carry

    def dies(connection: Connection, books: Any, batch: Any) -> None:
        if (batch.kind, batch.verb) == ("customer", "create"):
            raise KeyboardInterrupt
        real(connection, books, batch)

    with monkeypatch.context() as patched:
        patched.setattr(drain.batches, "carry", dies)
        with pytest.raises(KeyboardInterrupt):
            drain.drain(connected.pk)
    assert dry_run.cancel(run=going, by=super_user)
    take_turn(connected.pk)
    assert Decision.objects.get(name="Only Ours").verdict == Verdict.CREATE
    assert Exemption.objects.get().kind == "invoice"
    sync()
    sync()
    assert "Only Ours" in _names(bookkeeper)
    assert not bookkeeper.read_all("Invoices")


@pytest.mark.long
def test_worker_killed_while_it_cancels_is_followed_by_one_that_goes_on(
    connected: Connection,
    links: Callable[[Any], DryRun],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = links(dry_run.cancel)
    real = exemptions.exempt

    def dies(*args: Any, **more: Any) -> Any:
        if Exemption.objects.count() == 2:
            raise KeyboardInterrupt
        return real(*args, **more)

    monkeypatch.setattr(deciding_all.exemptions, "exempt", dies)
    with pytest.raises(KeyboardInterrupt):
        take_turn(connected.pk)
    monkeypatch.undo()
    Connection.objects.update(lease_token=None, lease_until=None, state=ConnectionState.NEEDS_REAUTH)
    DryRun.objects.update(updated_at="2020-01-01T00:00:00Z")
    assert dry_run.wake_forgotten() == 1, "cancelling calls nobody"
    take_turn(connected.pk)
    run.refresh_from_db()
    assert (Link.objects.count(), Exemption.objects.count(), run.state) == (2, 4, DryRunState.STOPPED)
