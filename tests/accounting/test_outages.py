"""One mail to each super user when a connection is cut off, one when it works again; and access renewed by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from accounting.enums import ConnectionState, GrantState
from accounting.models import Connection, Grant
from accounting.port.errors import Disconnected, Forbidden, NeedsReauth
from accounting.sync.state import cut_off
from core.testing import capture_commits
from tests.accounting.consenting import arrive, consent, leave
from tests.accounting.pages import notices, url, words
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

Mails = list[EmailMessage]


@pytest.fixture
def reconnect(sandbox: Handle, super_client: Client, workspace: Workspace) -> Callable[[], None]:
    """Go to Xero and come back, as a super user does."""

    def run() -> None:
        with capture_commits(execute=True):
            arrive(super_client, consent(sandbox, leave(super_client, workspace)))

    return run


def _cut_off(connection: Connection, error: NeedsReauth) -> None:
    with capture_commits(execute=True):
        cut_off(connection, error)


@pytest.mark.parametrize("error", [NeedsReauth("No."), Disconnected("Gone."), Forbidden("Not you.")])
def test_each_super_user_gets_one_mail_when_it_is_cut_off(
    connected: Connection, super_user: User, staff: User, mailoutbox: Mails, error: NeedsReauth
) -> None:
    for _ in range(2):
        _cut_off(connected, error)
    (mail,) = mailoutbox
    assert mail.to == [super_user.email]
    assert mail.subject == f"{connected.workspace.name}: Maple Florist in Xero has to be reconnected"
    assert f"any more: {error.message}" in mail.body
    assert f"/w/{connected.workspace.slug}/settings/accounting/" in mail.body


@pytest.mark.long
def test_reconnecting_tells_that_it_is_over_and_the_next_outage_is_told_again(
    connected: Connection, super_user: User, mailoutbox: Mails, reconnect: Callable[[], None]
) -> None:
    _cut_off(connected, NeedsReauth("No."))
    reconnect()
    _cut_off(Connection.objects.get(), NeedsReauth("No."))
    assert [mail.subject.rpartition("Xero ")[2] for mail in mailoutbox] == [
        "has to be reconnected", "works again", "has to be reconnected",
    ]  # fmt: skip


def test_reconnecting_what_was_disconnected_here_mails_nobody(
    connected: Connection, mailoutbox: Mails, reconnect: Callable[[], None]
) -> None:
    Connection.objects.update(state=ConnectionState.DISCONNECTED, state_reason=Connection.LEFT_HERE)
    reconnect()
    assert mailoutbox == []


@pytest.mark.parametrize("months", [{"failed_at": dt.timedelta()}, {"refreshed_at": dt.timedelta(days=51)}])
def test_card_asks_to_refresh_and_the_button_renews(
    connected: Connection, super_client: Client, workspace: Workspace, months: dict[str, dt.timedelta]
) -> None:
    Grant.objects.update(**{name: timezone.now() - age for name, age in months.items()})
    assert "Token refresh required" in words(super_client.get(url("settings", workspace)))
    shown = super_client.post(url("refresh_token", workspace), follow=True)
    assert notices(shown) == ["Access to Xero was renewed."]
    assert "Token refresh required" not in words(shown)


def test_refused_refresh_turns_the_card_red_with_its_code(
    connected: Connection, super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    grant = Grant.objects.get()
    grant.refresh_token = "unknown"
    grant.save()
    shown = super_client.post(url("refresh_token", workspace), follow=True)
    assert "Reconnect; nothing is lost." in notices(shown)[0]
    assert "Code: TOKEN_EXPIRED" in words(shown)
    assert Connection.objects.get().state == ConnectionState.NEEDS_REAUTH


def test_unanswered_refresh_is_tried_again_by_itself(
    connected: Connection, super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    sandbox.faults.add("error_500", path="/connect/token")
    shown = super_client.post(url("refresh_token", workspace), follow=True)
    assert "It is tried again by itself." in notices(shown)[0]
    assert (Grant.objects.get().state, Connection.objects.get().state) == (GrantState.ACTIVE, "active")
