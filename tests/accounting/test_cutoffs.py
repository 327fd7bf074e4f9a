"""Why a connection is cut off: noticed when something is refused and by the daily look, each with its way out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.test import Client

from accounting import tasks
from accounting.enums import ConnectionState, Cutoff, EventKind
from accounting.models import Connection, SyncEvent
from accounting.port.errors import MissingScope
from accounting.sync import reconcile, regain
from accounting.sync.drain import drain
from accounting.sync.state import cut_off
from catalogue.models import TaxRate
from core.testing import capture_commits
from tests.accounting.consenting import arrive, consent, leave
from tests.accounting.pages import url, words
from tests.factories.customers import make_customer
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

CASES = [
    ("role", Cutoff.ROLE, "Have the role Standard or Adviser given in Xero"),
    ("ended", Cutoff.CLOSED, "Look in Xero whether its plan or trial has ended."),
    ("shut", Cutoff.CLOSED, "Look in Xero whether its plan or trial has ended."),
]


@pytest.fixture
def stand(sandbox: Handle) -> Callable[[str], None]:
    """Change what the organisation's plan, or the role of whoever connected, still allows."""

    def change(standing: str) -> None:
        books = sandbox.books()
        books.put(dataclasses.replace(books.organisation, standing=standing))

    return change


def _visit(connection: Connection, **about: str) -> None:
    with capture_commits(execute=True):
        tasks.refresh_lists(
            workspace_id=str(connection.workspace_id), connection_id=str(connection.pk), **about
        )


def _now() -> tuple[str, str]:
    return Connection.objects.values_list("state", "cutoff").get()


@pytest.mark.parametrize(("standing", "cutoff", "cure"), CASES)
def test_daily_look_notices_before_anything_is_refused(
    connected: Connection,
    super_client: Client,
    workspace: Workspace,
    stand: Callable[[str], None],
    mailoutbox: list[EmailMessage],
    standing: str,
    cutoff: Cutoff,
    cure: str,
) -> None:
    stand(standing)
    for _ in range(2):
        _visit(connected, daily="yes")
    assert _now() == (ConnectionState.NEEDS_REAUTH, cutoff)
    card = words(super_client.get(url("settings", workspace)))
    assert (cutoff.label in card, cure in card, "Reconnect" in card) == (True, True, True)
    (mail,) = mailoutbox
    assert cure in mail.body
    assert SyncEvent.objects.filter(event=EventKind.REFUSED).count() == 1


@pytest.mark.parametrize(("standing", "cutoff", "cure"), CASES)
def test_refused_write_tells_whether_it_is_the_person_or_the_organisation(
    connected: Connection,
    gst: TaxRate,
    stand: Callable[[str], None],
    standing: str,
    cutoff: Cutoff,
    cure: str,
) -> None:
    with capture_commits():
        make_customer(connected.workspace)
    stand(standing)
    assert drain(connected.pk)
    assert _now() == (ConnectionState.NEEDS_REAUTH, cutoff)


def test_regular_check_notices_that_nobody_gets_in(
    connected: Connection, stand: Callable[[str], None]
) -> None:
    stand("shut")
    reconcile.reconcile(connected.pk)
    assert _now() == (ConnectionState.NEEDS_REAUTH, Cutoff.CLOSED)


def test_lists_that_are_refused_cut_off_what_was_disconnected_there(
    connected: Connection, sandbox: Handle
) -> None:
    sandbox.disconnect()
    _visit(connected)
    assert _now() == (ConnectionState.DISCONNECTED, Cutoff.REMOVED)


def test_daily_look_at_a_healthy_organisation_changes_nothing(connected: Connection, sandbox: Handle) -> None:
    _visit(connected, daily="yes")
    assert _now() == (ConnectionState.ACTIVE, "")


def test_daily_look_costs_two_calls_more_than_the_lists(connected: Connection, sandbox: Handle) -> None:
    _visit(connected)
    lists = len(sandbox.requests())
    sandbox.clear_requests()
    _visit(connected, daily="yes")
    assert len(sandbox.requests()) == lists + 2


@pytest.mark.parametrize("fault", ["maintenance", "error_500", "html", "drop"])
def test_daily_look_that_gets_no_answer_cuts_nothing_off(
    connected: Connection, sandbox: Handle, fault: str
) -> None:
    sandbox.faults.add(fault, path="Organisation", times=None)
    regain.look_in(connected)
    assert _now() == (ConnectionState.ACTIVE, "")


def test_missing_permission_has_its_own_words(
    connected: Connection, super_client: Client, workspace: Workspace
) -> None:
    cut_off(connected, MissingScope("Xero was connected without a permission that is needed."))
    card = words(super_client.get(url("settings", workspace)))
    assert "A permission is missing" in card
    assert "allow everything that Xero's page asks for" in card


def test_reconnecting_ends_it_once_the_organisation_is_open_again(
    connected: Connection,
    super_client: Client,
    super_user: User,
    workspace: Workspace,
    sandbox: Handle,
    stand: Callable[[str], None],
    mailoutbox: list[EmailMessage],
) -> None:
    stand("ended")
    _visit(connected, daily="yes")
    stand("open")
    with capture_commits(execute=True):
        arrive(super_client, consent(sandbox, leave(super_client, workspace)))
    assert _now() == (ConnectionState.ACTIVE, "")
    assert [mail.subject.rpartition("Xero ")[2] for mail in mailoutbox] == [
        "has to be reconnected", "works again",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "cutoff"),
    [
        (ConnectionState.ACTIVE, Cutoff.ROLE),
        (ConnectionState.DISCONNECTED, Cutoff.CLOSED),
        (ConnectionState.NEEDS_REAUTH, Cutoff.REMOVED),
        (ConnectionState.NEEDS_REAUTH, "weather"),
    ],
)
def test_cutoff_that_does_not_fit_the_state_is_refused_by_the_database(
    connected: Connection, state: str, cutoff: str
) -> None:
    with pytest.raises(IntegrityError, match="connection_cutoff_fits_state"), transaction.atomic():
        Connection.objects.update(state=state, cutoff=cutoff)
