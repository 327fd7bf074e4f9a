"""Deliveries that stop are noticed by what the regular check finds, told once, and told to be over once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.test import Client

from accounting.models import Connection, Link
from accounting.sync import connect
from accounting.sync.probe import Verdict, probe
from accounting.sync.reconcile import reconcile
from core.testing import capture_commits
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.conftest import connected, sandbox, sandbox_server, sync
from tests.accounting.consenting import arrive, consent, leave
from tests.accounting.pages import url, words
from tests.factories.customers import make_customer
from tests.webhooks.silence import MINUTE, ago, hear, miss, silent
from webhooks import watch
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

__all__ = ["connected", "sandbox", "sandbox_server", "sync"]

Mails = list[EmailMessage]


@pytest.fixture
def long_connected(connected: Connection) -> Connection:
    Connection.objects.update(connected_at=ago(60 * 24))
    connected.refresh_from_db()
    return connected


def _look() -> None:
    with capture_commits(execute=True):
        watch.look()


def _change_there(sandbox: Handle, connection: Connection) -> None:
    link = Link.objects.get(kind="customer")
    Bookkeeper(sandbox, connection).change_contact(link.remote_id, Name="Renamed there")


def _missed(connection: Connection) -> bool:
    return Connection.objects.get(pk=connection.pk).missed_at is not None


@pytest.fixture
def linked(long_connected: Connection, sync: Callable[[], None]) -> Connection:
    """One customer in step with Xero."""
    make_customer(long_connected.workspace, name="Pip")
    sync()
    return long_connected


def test_change_that_the_regular_check_finds_after_the_last_delivery_is_missed(
    linked: Connection, sandbox: Handle
) -> None:
    hear(linked, ago(60))
    _change_there(sandbox, linked)
    reconcile(linked.pk)
    assert _missed(linked)


def test_check_that_finds_nothing_misses_nothing(linked: Connection) -> None:
    """What we wrote ourselves comes back, and is no news."""
    hear(linked, ago(60))
    reconcile(linked.pk)
    assert not _missed(linked)


@pytest.mark.parametrize("heard", [None, -5], ids=["never", "since"])
def test_change_is_not_missed_where_deliveries_never_came_or_came_since(
    linked: Connection, sandbox: Handle, heard: float | None
) -> None:
    if heard is not None:
        hear(linked, ago(heard))
    _change_there(sandbox, linked)
    reconcile(linked.pk)
    assert not _missed(linked)


def test_what_changed_before_connecting_is_not_missed(linked: Connection, sandbox: Handle) -> None:
    hear(linked, ago(60))
    _change_there(sandbox, linked)
    Connection.objects.update(connected_at=ago(-1))
    reconcile(linked.pk)
    assert not _missed(linked)


def test_overdue_delivery_is_told_by_one_mail_and_the_next_one_too(
    long_connected: Connection, super_user: User, mailoutbox: Mails
) -> None:
    hear(long_connected, ago(120))
    miss(long_connected, ago(31))
    for _ in range(2):
        _look()
    hear(long_connected, ago(0))
    for _ in range(2):
        _look()
    name = long_connected.workspace.name
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        ([super_user.email], f"{name}: {long_connected} in Xero announces no changes"),
        ([super_user.email], f"{name}: {long_connected} in Xero announces changes again"),
    ]
    assert not silent(long_connected)
    assert not _missed(long_connected)


def test_delivery_that_is_merely_late_is_told_to_nobody(
    long_connected: Connection, mailoutbox: Mails
) -> None:
    hear(long_connected, ago(120))
    miss(long_connected, ago(29))
    _look()
    hear(long_connected, ago(0))
    _look()
    assert mailoutbox == []
    assert not _missed(long_connected)


@pytest.mark.parametrize(
    ("took", "waits"), [(2 / 60, 30), (20, 60), (600, 360)], ids=["seconds", "twenty minutes", "hours"]
)
def test_patience_is_learnt_from_the_organisations_own_deliveries(
    long_connected: Connection, took: float, waits: float
) -> None:
    """One of ten that took longer is an accident."""
    for number in range(20):
        hear(long_connected, ago(100), took=dt.timedelta(days=2) if number == 7 else took * MINUTE)
    assert watch.patience(long_connected.tenant_id) == waits * MINUTE
    assert watch.patience("somebody else's") == watch.LEAST


def test_silence_stands_on_the_card_and_in_the_test(
    long_connected: Connection, super_client: Client, workspace: Workspace
) -> None:
    hear(long_connected, ago(120))
    miss(long_connected, ago(60))
    _look()
    assert "Xero announces no changes any more" in words(super_client.get(url("settings", workspace)))
    findings = {each.subject: each for each in probe(Connection.objects.get())}
    assert findings["Events from Xero"].verdict == Verdict.BAD


@pytest.mark.long
def test_reconnecting_begins_anew(
    long_connected: Connection, sandbox: Handle, super_client: Client, workspace: Workspace, mailoutbox: Mails
) -> None:
    """While it was cut off Xero announced nothing, and what changed then is no fault of the deliveries."""
    hear(long_connected, ago(120))
    miss(long_connected, ago(60))
    connect._mark_disconnected(long_connected, None)
    _look()
    assert mailoutbox == []
    arrive(super_client, consent(sandbox, leave(super_client, workspace)))
    assert not _missed(long_connected)


def test_silence_without_anything_missed_is_refused_by_the_database(connected: Connection) -> None:
    with pytest.raises(IntegrityError, match="silence_missed_something"), transaction.atomic():
        Connection.objects.update(silent_since=ago(1), missed_at=None)
