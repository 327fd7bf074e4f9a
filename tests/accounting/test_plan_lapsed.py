"""A workspace whose plan has no integrations: no call goes out, everything is kept, each goes once with a plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounting import tasks, wakeup
from accounting.enums import BackfillState, ConnectionState, Kind, OpState
from accounting.models import Backfill, Batch, Connection, Grant, Link, Operation
from accounting.port.provider import Books
from accounting.queries.health import check_up
from accounting.sync import backfill, batches, checks, manual, opening, probe, reference, sweep
from accounting.sync.consent import ConnectRefused, begin
from accounting.sync.drain import drain
from accounting.sync.pull import request_pull
from accounting.sync.state import Paused, Unplanned, may_call
from accounting.sync.tokens import KEEP_ALIVE_AFTER, keep_alive
from core.testing import capture_commits
from customers.models import Customer
from plans.models import Plan, Subscription
from plans.services import change_plan
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.pausing import WORK, begin_to_send_what_was_never_sent, published
from tests.factories.customers import make_customer
from tests.factories.plans import lapse, put_on
from tests.factories.workspaces import make_workspace
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

__all__ = ["published"]

Sync = Callable[[], None]
Work = Callable[[Connection], None]
DAY = dt.timedelta(days=1)


@pytest.fixture
def lapsed(connected: Connection, sandbox: Handle) -> Connection:
    lapse(connected.workspace)
    sandbox.clear_requests()
    return connected


def renew(workspace: Workspace) -> None:
    change_plan(workspace=workspace, plan=Plan.objects.get(slug="business"), until=None, by=None)


@pytest.mark.parametrize("work", WORK)
def test_lapsed_plan_makes_no_call(
    lapsed: Connection, sandbox: Handle, published: list[str], work: Work
) -> None:
    work(lapsed)

    assert sandbox.requests() == []


@pytest.mark.parametrize("work", WORK)
def test_plan_without_integrations_makes_no_call(
    connected: Connection, sandbox: Handle, published: list[str], work: Work
) -> None:
    put_on(connected.workspace, "starter")

    work(connected)

    assert sandbox.requests() == []


@pytest.mark.parametrize("work", WORK)
def test_all_goes_on_during_grace(
    connected: Connection, sandbox: Handle, published: list[str], work: Work
) -> None:
    put_on(connected.workspace, "business", ended=13 * DAY)

    work(connected)

    assert sandbox.requests() != []


def test_neighbours_lapsed_plan_stops_nobody_else(connected: Connection) -> None:
    lapse(make_workspace(name="Neighbour"))

    assert may_call(connected)


def test_sweeps_wake_nobody_whose_plan_lapsed(lapsed: Connection, published: list[str]) -> None:
    make_customer(lapsed.workspace)
    Connection.objects.update(
        reference_data_at=timezone.now() - 2 * DAY, lists_asked_at=None, check_due_at=None
    )
    backfill.start(connection=lapsed, by=lapsed.workspace.memberships.get().user)
    Backfill.objects.update(updated_at=timezone.now() - dt.timedelta(minutes=5))

    assert (sweep.sweep(), sweep.wake_stale_lists(), backfill.wake_forgotten()) == (0, 0, 0)
    assert checks.ask_for_due() == 0
    assert not reference.ask(lapsed)
    Subscription.objects.update(until=timezone.now() + DAY)
    assert (sweep.sweep(), sweep.wake_stale_lists(), backfill.wake_forgotten()) == (1, 1, 1)
    assert checks.ask_for_due() == 1


def test_sweep_looks_once_however_many_there_are(
    lapsed: Connection, published: list[str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Whether the plan has it is part of the statement: one more would be one for each connection."""
    make_customer(lapsed.workspace)
    Connection.objects.update(woken_at=None)
    with django_assert_num_queries(
        4
    ):  # the wall up, what is forgotten, what is due, who is woken, the wall down
        sweep.sweep()


def test_what_changes_meanwhile_waits_and_goes_once_with_a_plan(
    lapsed: Connection, sandbox: Handle, sync: Sync, published: list[str]
) -> None:
    names = [f"Customer {n}" for n in range(5)]
    for name in names:
        make_customer(lapsed.workspace, name=name)
    sync()
    assert {row.state for row in Operation.objects.all()} == {OpState.PENDING}
    published.clear()

    with capture_commits():
        renew(lapsed.workspace)
    assert published == [wakeup.DRAIN, wakeup.RECONCILE]
    sync()

    assert not Operation.objects.exists()
    there = [contact["Name"] for contact in sandbox.dump()["Contacts"]]
    assert [there.count(name) for name in names] == [1] * 5


def test_what_xero_tells_meanwhile_is_kept_and_taken_in_with_a_plan(
    connected: Connection, sandbox: Handle, sync: Sync, published: list[str]
) -> None:
    make_customer(connected.workspace, name="Harbour Cafe")
    sync()
    remote_id = Link.objects.get().remote_id
    lapse(connected.workspace)
    Bookkeeper(sandbox, connected).change_contact(remote_id, Name="Harbour Café")
    with transaction.atomic():  # as an event does that a webhook brought
        request_pull(connected, Kind.CUSTOMER, remote_id)
    sync()
    assert Customer.objects.get().name == "Harbour Cafe"

    renew(connected.workspace)
    sync()

    assert Customer.objects.get().name == "Harbour Café"


def test_saving_a_plan_without_integrations_wakes_nobody(connected: Connection, published: list[str]) -> None:
    with capture_commits():
        put_on(connected.workspace, "starter")

    assert published == []


def test_plan_that_ends_stops_work_that_is_under_way_before_its_next_call(
    connected: Connection, sandbox: Handle
) -> None:
    books = opening.open_books(connected)
    lapse(connected.workspace)

    with pytest.raises(Unplanned, match="Your plan has had no integrations since"):
        books.reference_data()
    assert sandbox.requests() == []


def test_write_that_the_end_of_the_plan_overtook_is_as_if_never_sent(
    connected: Connection, sandbox: Handle, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_customer(connected.workspace, name="Harbour Cafe")
    marks = batches._mark_sent

    def mark(books: Books, batch: Batch) -> None:
        lapse(connected.workspace)
        marks(books, batch)

    with monkeypatch.context() as patched:
        patched.setattr(batches, "_mark_sent", mark)
        assert drain(connected.pk)

    batch, now = Batch.objects.get(), Connection.objects.get()
    assert (batch.state, batch.sends, now.resume_at, now.lease_token) == ("frozen", 0, None, None)
    assert sandbox.requests() == []
    renew(connected.workspace)
    sync()
    assert [contact["Name"] for contact in sandbox.dump()["Contacts"]].count("Harbour Cafe") == 1
    assert not Batch.objects.exists()


def test_answer_that_comes_after_the_plan_ended_is_noted(
    connected: Connection, sandbox: Handle, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write was sent while the plan had it: its end is noted, so that it is not sent again."""
    for name in ("Harbour Cafe", "Hill Bakery"):
        make_customer(connected.workspace, name=name)
    settles = batches.settle

    def settle(*args: object, **kwargs: object) -> object:
        lapse(connected.workspace)
        return settles(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(batches, "settle", settle)
        assert drain(connected.pk)

    assert (Link.objects.count(), Batch.objects.count(), Operation.objects.count()) == (2, 0, 0)
    writes = [call for call in sandbox.requests() if call.method in ("PUT", "POST")]
    renew(connected.workspace)
    sync()
    assert [call for call in sandbox.requests() if call.method in ("PUT", "POST")] == writes


def test_sending_what_was_never_sent_waits_where_it_is(lapsed: Connection, published: list[str]) -> None:
    begin_to_send_what_was_never_sent(lapsed)
    assert Backfill.objects.get().state == BackfillState.RUNNING

    renew(lapsed.workspace)
    backfill.take_turn(lapsed.pk)

    assert Backfill.objects.get().state == BackfillState.DONE
    assert Operation.objects.count() == 1


def test_access_is_kept_alive_meanwhile(lapsed: Connection, sandbox: Handle) -> None:
    """Renewing it touches nobody's books, and without it a long lapse would end in a reconnect."""
    Grant.objects.update(refreshed_at=timezone.now() - KEEP_ALIVE_AFTER - DAY)

    assert keep_alive() == 1


def test_worker_told_to_read_the_lists_leaves_them(lapsed: Connection, sandbox: Handle) -> None:
    tasks.refresh_lists(workspace_id=str(lapsed.workspace_id), connection_id=str(lapsed.pk))

    assert (Connection.objects.get().resume_reason, sandbox.requests()) == ("", [])


@pytest.mark.parametrize("click", [manual.try_now, probe.probe, manual.read_lists])
def test_no_click_gets_around_the_plan(lapsed: Connection, sandbox: Handle, click: Work) -> None:
    with pytest.raises(Unplanned):
        click(lapsed)
    assert sandbox.requests() == []


def test_plan_is_told_before_a_pause_by_support(lapsed: Connection) -> None:
    """It is what the workspace's own people can see to."""
    Connection.objects.update(paused_at=timezone.now(), paused_by="Ana")

    with pytest.raises(Unplanned):
        probe.probe(lapsed)
    renew(lapsed.workspace)
    with pytest.raises(Paused, match="support"):
        probe.probe(lapsed)


def test_connecting_is_refused_without_the_feature(in_workspace: Workspace, super_user: User) -> None:
    put_on(in_workspace, "starter")

    with pytest.raises(ConnectRefused, match="no integrations"):
        begin(workspace=in_workspace, session_key="x", redirect_uri="http://localhost/", by=super_user)


def test_lapsed_connection_is_not_stuck(lapsed: Connection) -> None:
    make_customer(lapsed.workspace)
    Operation.objects.update(updated_at=timezone.now() - dt.timedelta(hours=1))

    assert check_up(lapsed, dt.timedelta(minutes=10)).complaints == ()
    renew(lapsed.workspace)
    assert len(check_up(lapsed, dt.timedelta(minutes=10)).complaints) == 1


@pytest.mark.usefixtures("lapsed")
def test_lapse_changes_no_row_of_the_connection() -> None:
    """The date decides: there is no flag that could go stale."""
    now = Connection.objects.get()

    assert (now.state, now.paused_at, now.resume_at) == (ConnectionState.ACTIVE, None, None)
