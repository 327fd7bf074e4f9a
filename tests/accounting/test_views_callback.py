"""Coming back from Xero in every way that must not end well."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounting.models import ConnectAttempt
from tests.accounting.consenting import CALLBACK, NO_LONGER_VALID, arrive, connections, consent, leave
from tests.accounting.pages import notices, url
from tests.factories.people import signed_in
from tests.factories.workspaces import make_user
from workspaces.enums import Role
from workspaces.models import User, Workspace
from workspaces.scope import scope
from workspaces.services import add_member, change_member_role
from xero_sandbox.handle import Handle


@pytest.mark.parametrize("query", ["", "?state=", "?state=forged&code=x", "?code=x", "?error=access_denied"])
def test_forged_or_missing_state_is_refused(
    super_client: Client, workspace: Workspace, sandbox: Handle, query: str
) -> None:
    leave(super_client, workspace)

    response = super_client.get(CALLBACK + query, follow=True)

    assert notices(response) == [NO_LONGER_VALID]
    assert connections() == []
    assert sandbox.requests(path="/connect/token") == []


def test_replayed_state_is_refused(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    back = consent(sandbox, leave(super_client, workspace))
    arrive(super_client, back)
    before = [(row.pk, row.updated_at) for row in connections()]

    response = arrive(super_client, back)

    assert notices(response)[-1] == NO_LONGER_VALID
    assert [(row.pk, row.updated_at) for row in connections()] == before


def test_expired_state_is_refused(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    back = consent(sandbox, leave(super_client, workspace))
    with scope(workspace):
        ConnectAttempt.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    response = arrive(super_client, back)

    assert notices(response) == [NO_LONGER_VALID]
    assert connections() == []


def test_web_servers_need_not_agree_on_the_time(
    super_client: Client, workspace: Workspace, sandbox: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is an hour behind and another an hour ahead: the ten minutes, and the token's thirty, are the database's."""
    now, hour = timezone.now, dt.timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: now() - hour)
    back = consent(sandbox, leave(super_client, workspace))
    monkeypatch.setattr(timezone, "now", lambda: now() + hour)

    arrive(super_client, back)

    [connection] = connections()
    assert connection.grant is not None
    assert dt.timedelta(minutes=25) < connection.grant.expires_at - now() <= dt.timedelta(minutes=30)


def test_state_of_another_person_is_refused(
    super_client: Client, workspace: Workspace, super_user: User, sandbox: Handle
) -> None:
    other = make_user("other@example.com")
    add_member(workspace=workspace, user=other, role=Role.SUPER_USER, by=super_user)
    back = consent(sandbox, leave(super_client, workspace))
    client = signed_in(other)

    response = client.get(back, follow=True)

    assert notices(response) == [NO_LONGER_VALID]
    assert connections() == []


def test_state_of_another_browser_is_refused(
    super_client: Client, workspace: Workspace, super_user: User, sandbox: Handle
) -> None:
    """The link of an attacker's own attempt, or a stolen one, opened by the same person elsewhere."""
    back = consent(sandbox, leave(super_client, workspace))
    client = signed_in(super_user)

    response = client.get(back, follow=True)

    assert notices(response) == [NO_LONGER_VALID]
    assert connections() == []


def test_state_of_a_person_no_longer_super_user_is_refused(
    super_client: Client, workspace: Workspace, super_user: User, sandbox: Handle
) -> None:
    back = consent(sandbox, leave(super_client, workspace))
    boss = make_user("boss@example.com")
    add_member(workspace=workspace, user=boss, role=Role.SUPER_USER, by=super_user)
    with scope(workspace):
        change_member_role(membership=workspace.memberships.get(user=super_user), role=Role.STAFF, by=boss)

    response = arrive(super_client, back)

    assert notices(response) == ["Only super users of a workspace connect it to Xero."]
    assert connections() == []


def test_anonymous_callback_leads_to_the_sign_in(db: None) -> None:
    response = Client().get(f"{CALLBACK}?state=x&code=y")

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_access_denied_changes_nothing(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    back = consent(sandbox, leave(super_client, workspace), answer="cancel")

    response = arrive(super_client, back)

    assert response.redirect_chain[-1] == (url("settings", workspace), 302)
    assert notices(response) == [
        "Xero was not connected, because access was not allowed on Xero's page. Nothing has changed."
    ]
    assert connections() == []


def test_other_error_is_told_without_its_markup(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    state = dict(parse_qsl(urlsplit(leave(super_client, workspace)).query))["state"]

    response = super_client.get(CALLBACK, {"state": state, "error": "<b>server_error</b>"}, follow=True)

    assert notices(response) == ["Xero did not let us in. Please start again. (It said: <b>server_error</b>)"]
    assert b"<b>server_error" not in response.content


def test_code_that_xero_refuses_changes_nothing(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    state = dict(parse_qsl(urlsplit(leave(super_client, workspace)).query))["state"]

    response = super_client.get(CALLBACK, {"state": state, "code": "made-up"}, follow=True)

    assert notices(response) == ["Xero no longer accepts our access. Please try again."]
    assert connections() == []


def test_permissions_that_let_nothing_be_done_are_named(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    address = leave(super_client, workspace)
    scopes = "openid profile email offline_access accounting.settings.read"

    response = arrive(super_client, consent(sandbox, address, scope=scopes))

    assert notices(response) == [
        "Xero did not give a permission that is needed "
        "(accounting.contacts, accounting.invoices, accounting.payments). Please try again."
    ]
    assert connections() == []
