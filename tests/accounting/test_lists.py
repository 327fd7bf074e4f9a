"""The organisation's lists: how old they may grow, and what is tried again once they are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounting.enums import Blocker, OpState
from accounting.models import Connection, Mapping, Operation, RemoteAccount
from accounting.sync import reference, sweep
from accounting.sync.drain import drain
from core.testing import capture_commits
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.pages import url, words
from tests.factories.accounting import make_connection
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import Workspace
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
NOT_SUBSCRIBED = "Organisation is not subscribed to currency NZD"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that were sent, by name."""
    told: list[str] = []
    monkeypatch.setattr("accounting.wakeup.send", lambda task, **more: told.append(task))
    return told


def read(hours_ago: float) -> None:
    Connection.objects.update(
        reference_data_at=timezone.now() - dt.timedelta(hours=hours_ago), lists_asked_at=None
    )


def lists_asked(asked: list[str]) -> int:
    return asked.count("accounting.refresh_lists")


def approved(workspace: Workspace, gst: Any) -> Invoice:
    return make_invoice(workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])


@pytest.mark.parametrize(("hours", "is_read"), [(23, 0), (25, 1)])
def test_lists_are_read_once_a_day(
    in_workspace: Workspace, asked: list[str], hours: int, is_read: int
) -> None:
    make_connection(in_workspace)
    read(hours)

    sweep.wake_stale_lists()
    sweep.wake_stale_lists()

    assert lists_asked(asked) == is_read


@pytest.mark.parametrize(("minutes", "is_read"), [(50, False), (70, True)])
def test_opening_manage_reads_lists_that_are_older_than_an_hour(
    super_client: Client, in_workspace: Workspace, asked: list[str], minutes: int, is_read: bool
) -> None:
    make_connection(in_workspace)
    read(minutes / 60)

    page = super_client.get(url("mapping", in_workspace))
    assert "Accounts, tax rates, tracking, currencies and lock dates were read" in words(page)
    assert ('hx-trigger="load"' in page.content.decode()) == is_read

    with capture_commits():
        told = words(super_client.post(url("lists_age", in_workspace) + f"?seen={_seen()}"))

    assert (lists_asked(asked) == 1) == is_read
    assert ("and are read again now" in told) == is_read


def _seen() -> int:
    return int(Connection.objects.get().reference_data_at.timestamp())


def test_age_of_the_lists_follows_until_they_are_read(super_client: Client, in_workspace: Workspace) -> None:
    make_connection(in_workspace)
    read(2)
    page = f"{url('lists_age', in_workspace)}?seen={_seen()}"
    assert "hx-get" in super_client.get(page).content.decode()

    read(0)

    done = super_client.get(page)
    assert "hx-get" not in done.content.decode()
    assert "Show the newest" in words(done)


def test_card_says_how_old_the_lists_are(super_client: Client, in_workspace: Workspace) -> None:
    make_connection(in_workspace)
    read(3)

    assert "lock dates, read 3 hours ago" in words(super_client.get(url("settings", in_workspace)))


def test_refusal_that_names_a_list_reads_it_and_is_tried_once_more(
    connected: Connection, in_workspace: Workspace, sandbox: Handle, gst: Any, sync: Sync, asked: list[str]
) -> None:
    approved(in_workspace, gst)
    sandbox.faults.add("reject", match="INV-", message=NOT_SUBSCRIBED, times=None)
    with capture_commits():
        sync()
    assert (Operation.objects.get().state, lists_asked(asked)) == (OpState.FAILED, 1)

    reference.refresh_lists(connected)
    assert Operation.objects.get().state == OpState.PENDING
    sync()
    reference.refresh_lists(connected)

    assert (Operation.objects.get().state, Operation.objects.get().attempts) == (OpState.FAILED, 2)


def test_refusal_that_was_mended_in_xero_goes_through_by_itself(
    connected: Connection, in_workspace: Workspace, sandbox: Handle, gst: Any, sync: Sync
) -> None:
    approved(in_workspace, gst)
    sandbox.faults.add("reject", match="INV-", message=NOT_SUBSCRIBED)
    sync()
    sandbox.faults.clear()

    reference.refresh_lists(connected)
    sync()

    assert not Operation.objects.exists()


def test_other_refusals_are_left_to_a_person(
    connected: Connection, in_workspace: Workspace, sandbox: Handle, gst: Any, sync: Sync, asked: list[str]
) -> None:
    approved(in_workspace, gst)
    sandbox.faults.add("reject", match="INV-", message="Email address must be valid")
    with capture_commits():
        sync()

    reference.refresh_lists(connected)

    assert (Operation.objects.get().state, lists_asked(asked)) == (OpState.FAILED, 0)


def test_choice_that_seems_broken_reads_old_lists_and_goes_on_when_it_is_not(
    connected: Connection, in_workspace: Workspace, sandbox: Handle, gst: Any, sync: Sync, asked: list[str]
) -> None:
    """The account was restored in Xero, and nobody had read the lists since."""
    chosen = Mapping.objects.get().revenue_account_id
    RemoteAccount.objects.filter(account_id=chosen).update(active=False)
    read(2)
    approved(in_workspace, gst)
    with capture_commits():
        sync()
    assert Operation.objects.get(blocker=Blocker.SETUP)
    assert lists_asked(asked) == 1

    reference.refresh_lists(connected)
    assert drain(connected.pk)

    assert not Operation.objects.exists()
