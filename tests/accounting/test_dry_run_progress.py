"""How far a confirmed run is, when the rest is done and why then, and the buttons that interrupt it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounting.enums import DryRunState, Until
from accounting.models import Connection, DryRun
from accounting.queries.run_progress import progress_of, report_of, say_eta
from accounting.sync import dry_run, exemptions
from accounting.sync.dry_run import take_turn
from tests.accounting.dry_running import Sync, bookkeeper, compared, going, outcome_now
from tests.factories.customers import make_customer
from workspaces.models import User
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "compared", "going"]
"""Fixtures."""


def test_what_is_over_is_neither_paused_nor_cancelled(
    connected: Connection, compared: Callable[[], DryRun], super_user: User
) -> None:
    run = compared()
    assert not dry_run.pause(run=run, by=super_user)
    assert not dry_run.cancel(run=run, by=super_user)
    DryRun.objects.update(state=DryRunState.DONE)
    assert not dry_run.pause(run=run, by=super_user)
    assert not dry_run.cancel(run=run, by=super_user)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"state": "asleep"}, "dry_run_state_known"),
        ({"state": DryRunState.READY, "paused_at": Now()}, "dry_run_paused_on_its_way"),
        ({"state": DryRunState.STOPPED, "paused_at": Now()}, "dry_run_paused_on_its_way"),
        ({"state": DryRunState.STOPPING, "paused_at": None}, "dry_run_sends_nothing_while_it_stops"),
    ],
)
def test_interrupted_run_is_whole(
    connected: Connection, compared: Callable[[], DryRun], values: dict[str, Any], name: str
) -> None:
    compared()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        DryRun.objects.update(**values)


def test_only_what_waits_for_a_decision_is_of_a_run(connected: Connection) -> None:
    customer = make_customer(connected.workspace)
    with pytest.raises(IntegrityError, match="exemption_of_run_waits"), transaction.atomic():
        exemptions.exempt(connected, "customer", customer, until=Until.GOOD, of_run=True, by=None)


def test_progress_counts_what_is_linked_and_created(connected: Connection, going: DryRun, sync: Sync) -> None:
    progress = progress_of(connected, outcome_now(connected))
    assert progress
    assert (progress.done, progress.of) == (1, 3)
    assert progress.eta == "Under a minute to go: 2 calls to Xero."
    sync()
    sync()
    assert progress_of(connected, outcome_now(connected)) is None
    assert report_of(connected, outcome_now(connected)) == {"created": 2, "waiting": 0}


@pytest.mark.parametrize(
    ("values", "calls", "words"),
    [
        ({}, 1, "Under a minute to go: 1 call to Xero."),
        (
            {},
            200,
            "About 4 minutes to go: 200 calls, and Xero takes 60 a minute, a few of them kept for people.",
        ),
        (
            {"day_remaining": 150},
            51,
            "51 calls to go, and Xero takes 150 more today: the rest goes tomorrow.",
        ),
        (
            {"resume_reason": "Its minute is used up.", "resume_at": True},
            9,
            "Its minute is used up. It goes on at ",
        ),
        ({"paused_at": True, "paused_by": "x"}, 9, "Tandem's support paused the connection. It goes on once"),
    ],
)
def test_when_the_rest_is_done_is_told_with_the_reason(
    connected: Connection, values: dict[str, Any], calls: int, words: str
) -> None:
    later = "2999-01-01T00:00:00Z"
    Connection.objects.update(
        quota_seen_at=Now(), **{name: later if value is True else value for name, value in values.items()}
    )
    connected.refresh_from_db()
    assert say_eta(connected, DryRun(), calls).startswith(words)


def _url(connection: Connection, name: str) -> str:
    return reverse(f"accounting:{name}", args=[connection.workspace.slug])


@pytest.mark.long
def test_page_pauses_goes_on_and_cancels(
    super_client: Client, connected: Connection, going: DryRun, sandbox: Handle
) -> None:
    def page() -> str:
        return super_client.get(_url(connected, "dry_run")).content.decode()

    assert "1 of 3" in page()
    assert "Pause" in page()
    super_client.post(_url(connected, "pause_dry_run"))
    assert "It goes on once you say so." in page()
    super_client.post(_url(connected, "resume_dry_run"))
    assert "Under a minute to go" in page()
    super_client.post(_url(connected, "cancel_dry_run"))
    assert "Being cancelled" in page()
    assert (
        "All of it is done already"
        in super_client.post(_url(connected, "pause_dry_run"), follow=True).content.decode()
    )
    take_turn(connected.pk)
    assert "1 linked and 0 created before that" in page()


def test_only_super_users_interrupt(staff_client: Client, connected: Connection, going: DryRun) -> None:
    for name in ("pause_dry_run", "resume_dry_run", "cancel_dry_run", "undo_dry_run"):
        assert staff_client.post(_url(connected, name)).status_code == 403
