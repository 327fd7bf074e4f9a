"""Ways to make a connect end with somebody else's tokens, beside those of tests/accounting/test_views_connection.py."""

from __future__ import annotations

import dataclasses
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from accounting.models import ConnectAttempt, Grant
from accounting.providers.xero import auth
from tests.accounting.consenting import arrive, connections, consent, leave
from tests.accounting.pages import notices, url
from tests.factories.people import signed_in
from tests.factories.workspaces import make_workspace
from workspaces.enums import Role
from workspaces.models import User, Workspace
from workspaces.scope import scope
from workspaces.services import add_member
from xero_sandbox.handle import Handle


def test_code_of_another_attempt_is_refused_by_its_verifier(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    """An attacker's code put behind the victim's own state: the verifier is the victim's (RFC 9700, 4.5)."""
    foreign = dict(parse_qsl(urlsplit(consent(sandbox, leave(super_client, workspace))).query))
    own = dict(parse_qsl(urlsplit(consent(sandbox, leave(super_client, workspace))).query))

    response = super_client.get(
        "/accounting/xero/callback/", {"state": own["state"], "code": foreign["code"]}, follow=True
    )

    assert notices(response) == ["Xero no longer accepts our access. Please try again."]
    assert connections() == []


def test_state_begun_before_a_sign_out_is_refused(
    super_client: Client, workspace: Workspace, super_user: User, sandbox: Handle
) -> None:
    back = consent(sandbox, leave(super_client, workspace))
    super_client.logout()
    super_client.force_login(super_user, backend="django.contrib.auth.backends.ModelBackend")

    arrive(super_client, back)

    assert connections() == []


def test_organisation_belongs_to_the_workspace_that_began(
    super_client: Client, workspace: Workspace, super_user: User, sandbox: Handle
) -> None:
    """The same person, in the same browser, is at home in two workspaces and looks at the other meanwhile."""
    other = make_workspace(name="Other", email="other@example.com")
    add_member(workspace=other, user=super_user, role=Role.SUPER_USER, by=super_user)
    back = consent(sandbox, leave(super_client, workspace))
    super_client.get(url("settings", other))

    arrive(super_client, back)

    assert [connection.workspace_id for connection in connections()] == [workspace.pk]


def test_attempt_of_another_person_cannot_be_finished_by_its_id(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    leave(super_client, workspace)
    with scope(workspace):
        attempt = ConnectAttempt.objects.get()
    boss = make_workspace(name="Third", email="third@example.com").memberships.get().user
    add_member(workspace=workspace, user=boss, role=Role.SUPER_USER, by=boss)
    client = signed_in(boss)

    response = client.post(f"{url('settings', workspace)}connect/{attempt.pk}/", {"tenant_id": "x"})

    assert response.status_code == 404


def test_tokens_that_name_nobody_are_refused(
    super_client: Client, workspace: Workspace, sandbox: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would be kept under the empty name, and the next such person's tokens would take their place."""
    read = auth._read_tokens
    monkeypatch.setattr(auth, "_read_tokens", lambda *told: dataclasses.replace(read(*told), user_id=""))

    response = arrive(super_client, consent(sandbox, leave(super_client, workspace)))

    assert notices(response) == ["Xero did not say who allowed the access. Please try again."]
    assert (connections(), Grant.objects.count()) == ([], 0)
