"""A connection that Tandem's support paused: no call until they resume it, everything waits, nothing is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounting import tasks, wakeup
from accounting.enums import BackfillState, ConnectionState, OpState
from accounting.models import Backfill, Batch, Connection, Grant, Link, Operation
from accounting.port.provider import Books
from accounting.sync import backfill, batches, checks, opening, reference, support, sweep
from accounting.sync.drain import drain
from accounting.sync.state import Paused
from accounting.sync.tokens import KEEP_ALIVE_AFTER, keep_alive
from core.testing import capture_commits
from customers.models import Customer
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.consenting import arrive, consent, leave
from tests.accounting.pages import notices, url, words
from tests.accounting.pausing import (
    WORK,
    begin_to_send_what_was_never_sent,
    helper,
    paused,
    published,
    save_and_drain,
)
from tests.factories.customers import make_customer
from workspaces.models import AuditEntry, User, Workspace
from xero_sandbox.handle import Handle

__all__ = ["helper", "paused", "published"]

Sync = Callable[[], None]


@pytest.mark.parametrize(
    "half", [{"paused_at": timezone.now()}, {"paused_by": "Ana"}], ids=["by nobody", "at no time"]
)
def test_half_a_pause_is_refused_by_the_database(connected: Connection, half: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="connection_pause_is_whole"), transaction.atomic():
        Connection.objects.update(**half)


@pytest.mark.parametrize("work", WORK)
def test_paused_connection_makes_no_call(
    paused: Connection, sandbox: Handle, published: list[str], work: Callable[[Connection], None]
) -> None:
    work(paused)

    assert sandbox.requests() == []


@pytest.mark.parametrize("work", WORK)
def test_connection_that_is_not_paused_makes_calls(
    connected: Connection, sandbox: Handle, published: list[str], work: Callable[[Connection], None]
) -> None:
    """The control: the same work is seen when nothing stops it."""
    work(connected)

    assert sandbox.requests() != []


def test_sending_what_was_never_sent_waits_where_it_is(paused: Connection, published: list[str]) -> None:
    begin_to_send_what_was_never_sent(paused)
    assert Backfill.objects.get().state == BackfillState.RUNNING

    Connection.objects.update(paused_at=None, paused_by="")
    backfill.take_turn(paused.pk)

    assert Backfill.objects.get().state == BackfillState.DONE
    assert Operation.objects.count() == 1


def test_pause_stops_work_that_is_under_way_before_its_next_call(
    connected: Connection, helper: User, sandbox: Handle
) -> None:
    books = opening.open_books(connected)
    support.pause(connection=connected, by=helper)

    with pytest.raises(Paused):
        books.reference_data()
    assert sandbox.requests() == []


def test_write_that_a_pause_overtook_is_as_if_never_sent(
    connected: Connection, helper: User, sandbox: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored, and its key is fresh: no attempt is burnt and nothing has to be looked up afterwards."""
    make_customer(connected.workspace)
    marks = batches._mark_sent

    def mark(books: Books, batch: Batch) -> None:
        support.pause(connection=connected, by=helper)
        marks(books, batch)

    monkeypatch.setattr(batches, "_mark_sent", mark)

    assert drain(connected.pk)

    batch, now = Batch.objects.get(), Connection.objects.get()
    assert (batch.state, batch.sends, batch.first_sent_at) == ("frozen", 0, None)
    assert (now.resume_at, now.lease_token, sandbox.requests()) == (None, None, [])


def test_sweeps_wake_nobody_for_a_paused_connection(paused: Connection, published: list[str]) -> None:
    make_customer(paused.workspace)
    Connection.objects.update(reference_data_at=timezone.now() - dt.timedelta(days=2), lists_asked_at=None)
    backfill.start(connection=paused, by=paused.workspace.memberships.get().user)
    Backfill.objects.update(updated_at=timezone.now() - dt.timedelta(minutes=5))

    assert (sweep.sweep(), sweep.wake_stale_lists(), backfill.wake_forgotten()) == (0, 0, 0)
    assert checks.ask_for_due() == 0
    assert not reference.ask(paused)
    Connection.objects.update(paused_at=None, paused_by="")
    assert (sweep.sweep(), sweep.wake_stale_lists(), backfill.wake_forgotten()) == (1, 1, 1)
    assert checks.ask_for_due() == 1


def test_access_is_kept_alive_meanwhile(paused: Connection, sandbox: Handle) -> None:
    """Renewing it touches nobody's books, and without it a long pause would end in a reconnect."""
    Grant.objects.update(refreshed_at=timezone.now() - KEEP_ALIVE_AFTER - dt.timedelta(days=1))

    assert keep_alive() == 1


def test_try_now_does_not_lift_it(super_client: Client, paused: Connection, in_workspace: Workspace) -> None:
    page = super_client.post(url("try_now", in_workspace), follow=True)

    assert notices(page) == ["Tandem's support paused the connection. It goes on once they resume it."]
    assert Connection.objects.get().is_paused


def test_reading_the_lists_by_hand_says_why_not(
    super_client: Client, paused: Connection, in_workspace: Workspace, sandbox: Handle
) -> None:
    Connection.objects.update(lists_asked_at=None)

    page = super_client.post(url("refresh_lists", in_workspace), follow=True)

    assert notices(page) == [
        "Tandem's support paused the connection. The lists are read once they resume it."
    ]
    assert "are read again now" not in words(page)
    assert sandbox.requests() == []


def test_renewing_the_access_by_hand_says_why_not(
    super_client: Client, paused: Connection, in_workspace: Workspace, sandbox: Handle
) -> None:
    before = Grant.objects.get().refresh_token

    page = super_client.post(url("refresh_token", in_workspace), follow=True)

    assert notices(page) == ["Tandem's support paused the connection. Access is renewed by itself meanwhile."]
    assert sandbox.requests() == []
    assert Grant.objects.get().refresh_token == before


def test_reconnecting_does_not_lift_it(
    super_client: Client, paused: Connection, in_workspace: Workspace, sandbox: Handle, published: list[str]
) -> None:
    Connection.objects.update(state=ConnectionState.NEEDS_REAUTH, state_reason="Access is gone.")

    page = arrive(super_client, consent(sandbox, leave(super_client, in_workspace)))

    assert notices(page) == [
        "Connected, but Xero's lists could not be read yet: Tandem's support paused the connection."
    ]
    now = Connection.objects.get()
    assert (now.state, now.is_paused, now.paused_by) == (ConnectionState.ACTIVE, True, paused.paused_by)
    save_and_drain(now)
    assert [call.path for call in sandbox.requests() if "/api.xro/" in call.path] == []
    assert Operation.objects.get().state == OpState.PENDING


@pytest.mark.usefixtures("gst", "published")
def test_send_them_is_taken_and_waits_for_support(
    super_client: Client, paused: Connection, in_workspace: Workspace, sandbox: Handle
) -> None:
    make_customer(in_workspace)
    Operation.objects.all().delete()

    page = super_client.post(url("send_unsent", in_workspace), follow=True)

    assert notices(page) == [
        "They are sent once support resumes the connection, behind everything that people do meanwhile."
    ]
    assert "Being sent 1 customer still to be looked at." in words(page)
    backfill.take_turn(paused.pk)
    assert (Backfill.objects.get().state, sandbox.requests()) == (BackfillState.RUNNING, [])


def test_resumed_connection_goes_on_both_ways(
    paused: Connection, helper: User, sandbox: Handle, sync: Sync, published: list[str]
) -> None:
    make_customer(paused.workspace, name="Harbour Cafe")
    sync()
    assert [row.state for row in Operation.objects.all()] == [OpState.PENDING]

    with capture_commits():
        assert support.resume(connection=paused, by=helper)
    sync()

    assert published == [wakeup.DRAIN, wakeup.RECONCILE]
    assert not Operation.objects.exists()
    assert [contact["Name"] for contact in sandbox.dump()["Contacts"]].count("Harbour Cafe") == 1


def test_pull_reads_what_changed_in_xero(
    connected: Connection, helper: User, sandbox: Handle, sync: Sync, published: list[str]
) -> None:
    make_customer(connected.workspace, name="Harbour Cafe")
    sync()
    Bookkeeper(sandbox, connected).change_contact(Link.objects.get().remote_id, Name="Harbour Café")

    with capture_commits():
        assert support.pull(connection=connected, by=helper)
    assert published[-1] == wakeup.RECONCILE
    tasks.reconcile(workspace_id=str(connected.workspace_id), connection_id=str(connected.pk))

    assert Customer.objects.get().name == "Harbour Café"


def test_pull_leaves_a_paused_connection_alone(
    paused: Connection, helper: User, published: list[str]
) -> None:
    with capture_commits():
        assert not support.pull(connection=paused, by=helper)

    assert published == []


def test_pausing_and_resuming_twice_is_noted_once(connected: Connection, helper: User) -> None:
    assert support.pause(connection=connected, by=helper)
    assert not support.pause(connection=connected, by=helper)
    assert support.resume(connection=connected, by=helper)
    assert not support.resume(connection=connected, by=helper)

    noted = AuditEntry.objects.filter(action__startswith="connection.").values_list("action", flat=True)
    assert sorted(noted) == ["connection.paused", "connection.resumed"]
