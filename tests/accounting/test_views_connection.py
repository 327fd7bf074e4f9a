"""Connecting in the browser: the whole way round over the sandbox, and what the card tells afterwards."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounting.enums import ConnectionState, EventKind, OpState
from accounting.models import ConnectAttempt, Connection, Grant, RemoteAccount, SyncEvent
from accounting.sync import manual
from core.testing import capture_commits
from tests.accounting.consenting import CALLBACK, arrive, connections, consent, leave, slugs
from tests.accounting.pages import notices, url, words
from tests.accounting.rows import push
from tests.factories.accounting import make_connection
from tests.sampling import mostly_long
from workspaces.models import User, Workspace
from workspaces.scope import scope
from workspaces.services import update_workspace
from xero_sandbox.handle import Handle


def test_connect_leads_to_xero_with_a_single_use_state(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    first, second = (dict(parse_qsl(urlsplit(leave(super_client, workspace)).query)) for _ in range(2))

    assert first["redirect_uri"] == f"http://localhost:8000{CALLBACK}"
    assert first["code_challenge_method"] == "S256"
    assert first["state"] != second["state"]
    with scope(workspace):
        assert first["state"] not in str(list(ConnectAttempt.objects.values_list("state_hash", flat=True)))


def test_page_lets_its_form_lead_to_xero(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    policy = super_client.get(url("settings", workspace))["Content-Security-Policy"]

    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["form-action"].split()[0] == "'self'"
    assert len(directives["form-action"].split()) == 2


def test_confirmed_organisation_is_connected_and_read(
    super_client: Client, workspace: Workspace, super_user: User, sandbox: Handle
) -> None:
    back = consent(sandbox, leave(super_client, workspace))

    response = arrive(super_client, back)

    assert response.redirect_chain[-1] == (url("mapping", workspace), 302)
    assert notices(response) == [
        "Connected to Maple Florist (New Zealand, NZD). Days are counted in Auckland (New Zealand) now, as there."
    ]
    with scope(workspace):
        connection = Connection.objects.get()
        assert (connection.state, connection.connected_by) == (ConnectionState.ACTIVE, super_user)
        assert RemoteAccount.objects.filter(connection=connection, code="200").exists()


def test_time_zone_of_the_organisation_is_taken_and_told(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    arrive(super_client, consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1]))

    workspace.refresh_from_db()
    assert workspace.time_zone == "Europe/London"
    with scope(workspace):
        told = SyncEvent.objects.get(event=EventKind.SETTINGS).message
    assert told == "Days are counted in London (United Kingdom) now, as in Harbour Studio."


def test_time_zone_that_a_person_chose_is_kept_without_a_word(
    super_client: Client, workspace: Workspace, super_user: User, sandbox: Handle
) -> None:
    update_workspace(workspace=workspace, time_zone="America/Los_Angeles", by=super_user)

    response = arrive(super_client, consent(sandbox, leave(super_client, workspace)))

    workspace.refresh_from_db()
    assert workspace.time_zone == "America/Los_Angeles"
    assert notices(response) == ["Connected to Maple Florist (New Zealand, NZD)."]
    with scope(workspace):
        assert not SyncEvent.objects.filter(event=EventKind.SETTINGS).exists()


def test_card_shows_the_connection(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    arrive(super_client, consent(sandbox, leave(super_client, workspace)))

    text = words(super_client.get(url("settings", workspace)))

    assert "Maple Florist New Zealand · NZD · Xero Connected" in text
    assert "3 things are still to be chosen" in text
    assert "Choose the revenue account." in text


def test_lists_that_cannot_be_read_are_read_by_a_worker(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    back = consent(sandbox, leave(super_client, workspace))
    sandbox.faults.add(kind="maintenance", path="/api.xro/*", times=None)

    response = arrive(super_client, back)

    (told,) = notices(response)
    assert told.startswith("Connected, but Xero's lists could not be read yet:")
    assert [row.state for row in connections()] == [ConnectionState.ACTIVE]
    assert "Xero's lists are not here yet" in words(response)


def test_disconnect_gives_up_the_organisation_and_deletes_nothing(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    arrive(super_client, consent(sandbox, leave(super_client, workspace)))

    response = super_client.post(url("disconnect", workspace), follow=True)

    assert notices(response)[-1] == "Disconnected from Maple Florist. Nothing was deleted on either side."
    assert [row.state for row in connections()] == [ConnectionState.DISCONNECTED]
    assert list(sandbox.store.connections.all()) == []
    with scope(workspace):
        assert RemoteAccount.objects.exists()
        assert SyncEvent.objects.filter(event=EventKind.DISCONNECTED).count() == 1


def test_disconnect_that_xero_does_not_hear_leaves_it_connected(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    arrive(super_client, consent(sandbox, leave(super_client, workspace)))
    sandbox.faults.add(kind="maintenance", path="/connections*", times=None)

    response = super_client.post(url("disconnect", workspace), follow=True)

    assert notices(response)[-1].startswith("Xero could not be told, so it is still connected:")
    assert [row.state for row in connections()] == [ConnectionState.ACTIVE]


@pytest.mark.parametrize(
    ("state", "badge", "button"),
    [
        (ConnectionState.NEEDS_REAUTH, "Reconnect needed", "Reconnect"),
        (ConnectionState.DISCONNECTED, "Disconnected", "Reconnect"),
        (ConnectionState.ACTIVE, "Connected", "Manage"),
    ],
)
def test_card_tells_the_state(
    super_client: Client, workspace: Workspace, state: str, badge: str, button: str
) -> None:
    with scope(workspace):
        make_connection(workspace, state=state)

    text = words(super_client.get(url("settings", workspace)))

    assert f"Maple Florist New Zealand · NZD · Xero {badge}" in text
    assert button in text


@pytest.mark.parametrize(
    ("reason", "tone"),
    [("This organisation was disconnected in Xero.", "danger"), (Connection.LEFT_HERE, "neutral")],
)
def test_card_of_a_lost_organisation_alarms_only_where_nobody_here_gave_it_up(
    super_client: Client, workspace: Workspace, reason: str, tone: str
) -> None:
    with scope(workspace):
        make_connection(workspace)
        Connection.objects.update(state=ConnectionState.DISCONNECTED, state_reason=reason)

    page = super_client.get(url("settings", workspace)).content.decode()

    card = page.partition('<section class="card provider"')[2].partition("</section>")[0]
    (banner,) = re.findall(r'<div class="banner tone--(\w+)"', card)
    (badge,) = re.findall(r'<span class="badge tone--(\w+)"', card)
    assert (banner, badge) == (tone, tone)


def test_card_of_a_dead_connection_counts_what_needs_a_person_apart(
    super_client: Client, workspace: Workspace
) -> None:
    with scope(workspace):
        connection = make_connection(workspace, state=ConnectionState.NEEDS_REAUTH)
        push(connection, uuid4())
        push(connection, uuid4(), OpState.FAILED)
        push(connection, uuid4(), OpState.FAILED)

    text = words(super_client.get(url("settings", workspace)))

    assert "Waiting to be sent 1 change, in order, after reconnecting" in text
    assert "Needs attention 2 records" in text


def test_card_warns_when_access_could_not_be_renewed(super_client: Client, workspace: Workspace) -> None:
    with scope(workspace):
        make_connection(workspace)
        Grant.objects.update(failed_at=timezone.now())

    text = words(super_client.get(url("settings", workspace)))

    assert "Access to Xero could not be renewed It failed just now and is tried again by itself." in text


def test_card_of_a_workspace_that_never_connected(super_client: Client, workspace: Workspace) -> None:
    text = words(super_client.get(url("settings", workspace)))

    assert "Not connected" in text
    assert "Connect to Xero" in text


def test_tokens_are_on_no_page(super_client: Client, workspace: Workspace) -> None:
    with scope(workspace):
        make_connection(workspace)
        canaries = [Grant.objects.get().access_token, Grant.objects.get().refresh_token]

    pages: list[Any] = [
        super_client.get(url(name, workspace)) for name in ("settings", "mapping", "activity")
    ]

    shown = [canary for canary in canaries for page in pages if canary in page.content.decode()]
    assert shown == []


def test_worker_is_asked_when_lists_cannot_be_read(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, sandbox: Handle
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(manual.wakeup, "send", lambda task, **_: asked.append(task))
    sandbox.faults.add(kind="maintenance", path="/api.xro/*", times=None)
    with scope(workspace):
        connection = make_connection(workspace)
        with capture_commits():
            told = manual.read_lists(connection)

    assert told != ""
    assert asked == [manual.wakeup.REFRESH_LISTS]


@pytest.mark.parametrize("name", mostly_long(["unsent", "statement", "unmatched"], quick=["unsent"]))
def test_page_without_a_connection_leads_to_where_one_is_made(
    super_client: Client, workspace: Workspace, name: str
) -> None:
    page = super_client.get(url(name, workspace))

    assert "Connect Xero" in words(page)
    assert f'href="{url("settings", workspace)}"' in page.content.decode().split("<main")[1]


def test_who_cannot_connect_is_told_who_can(staff_client: Client, workspace: Workspace) -> None:
    page = staff_client.get(url("unsent", workspace))

    assert f"Ask a super user of {workspace.name} to connect it." in words(page)
    assert "Connect Xero" not in words(page)
