"""Connecting in the browser: the whole way round over the sandbox, and every way in which it must not end well."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounting.enums import ConnectionState, EventKind, Kind
from accounting.models import ConnectAttempt, Connection, Grant, Link, Mapping, RemoteAccount, SyncEvent
from accounting.sync import manual
from core.testing import capture_commits
from tests.accounting.pages import notices, url, words
from tests.factories.accounting import make_connection, make_link
from tests.factories.people import signed_in
from tests.factories.workspaces import make_user, make_workspace
from workspaces.enums import Role
from workspaces.models import User, Workspace
from workspaces.scope import all_workspaces, scope
from workspaces.services import add_member, change_member_role, update_workspace
from xero_sandbox.handle import Handle

NO_LONGER_VALID = "This connection attempt is no longer valid. Please start again."
CALLBACK = "/accounting/xero/callback/"


def leave(client: Client, workspace: Workspace) -> str:
    """Press Connect; returns the address of the consent page."""
    response = client.post(url("connect", workspace))
    assert response.status_code == 302
    return response["Location"]


def consent(sandbox: Handle, address: str, organisation: str | None = None, **answer: str) -> str:
    """Answer on Xero's page; returns where it sends the browser, as a path of ours."""
    form = dict(parse_qsl(urlsplit(address).query)) | {
        "organisation": sandbox.books(organisation).id,
        "user": next(iter(sandbox.store.users.all())).id,
        "answer": "allow",
    }
    page = f"{sandbox.url}/identity/connect/authorize"
    reply = requests.post(page, data=form | answer, allow_redirects=False, timeout=5)
    back = urlsplit(reply.headers["Location"])
    assert (back.netloc, back.path) == ("localhost:8000", CALLBACK)
    return f"{back.path}?{back.query}"


def connections() -> list[Connection]:
    with all_workspaces("a test looks at every connection"):
        return list(Connection.objects.all())


def slugs(sandbox: Handle) -> list[str]:
    return [books.organisation.id for books in sandbox.store.books.values()]


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


def test_one_organisation_is_connected_at_once(
    super_client: Client, workspace: Workspace, super_user: User, sandbox: Handle
) -> None:
    back = consent(sandbox, leave(super_client, workspace))

    response = super_client.get(back, follow=True)

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
    super_client.get(consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1]))

    workspace.refresh_from_db()
    assert workspace.time_zone == "Europe/London"
    with scope(workspace):
        told = SyncEvent.objects.get(event=EventKind.SETTINGS).message
    assert told == "Days are counted in London (United Kingdom) now, as in Harbour Studio."


def test_time_zone_that_a_person_chose_is_kept_without_a_word(
    super_client: Client, workspace: Workspace, super_user: User, sandbox: Handle
) -> None:
    update_workspace(workspace=workspace, time_zone="America/Los_Angeles", by=super_user)

    response = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    workspace.refresh_from_db()
    assert workspace.time_zone == "America/Los_Angeles"
    assert notices(response) == ["Connected to Maple Florist (New Zealand, NZD)."]
    with scope(workspace):
        assert not SyncEvent.objects.filter(event=EventKind.SETTINGS).exists()


def test_card_shows_the_connection(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    super_client.get(consent(sandbox, leave(super_client, workspace)))

    text = words(super_client.get(url("settings", workspace)))

    assert "Maple Florist New Zealand · NZD · Xero Connected" in text
    assert "4 things are still to be chosen" in text
    assert "Choose the revenue account." in text


def test_lists_that_cannot_be_read_are_read_by_a_worker(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    back = consent(sandbox, leave(super_client, workspace))
    sandbox.faults.add(kind="maintenance", path="/api.xro/*", times=None)

    response = super_client.get(back, follow=True)

    (told,) = notices(response)
    assert told.startswith("Connected, but Xero's lists could not be read yet:")
    assert [row.state for row in connections()] == [ConnectionState.ACTIVE]
    assert "Xero's lists are not here yet" in words(response)


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
    super_client.get(back)
    before = [(row.pk, row.updated_at) for row in connections()]

    response = super_client.get(back, follow=True)

    assert notices(response)[-1] == NO_LONGER_VALID
    assert [(row.pk, row.updated_at) for row in connections()] == before


def test_expired_state_is_refused(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    back = consent(sandbox, leave(super_client, workspace))
    with scope(workspace):
        ConnectAttempt.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    response = super_client.get(back, follow=True)

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

    super_client.get(back)

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

    response = super_client.get(back, follow=True)

    assert notices(response) == ["Only super users of a workspace connect it to Xero."]
    assert connections() == []


def test_anonymous_callback_leads_to_the_sign_in(db: None) -> None:
    response = Client().get(f"{CALLBACK}?state=x&code=y")

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_access_denied_changes_nothing(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    back = consent(sandbox, leave(super_client, workspace), answer="cancel")

    response = super_client.get(back, follow=True)

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


def test_missing_permission_is_named(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    address = leave(super_client, workspace)
    scopes = "openid profile email offline_access accounting.contacts accounting.invoices"

    response = super_client.get(consent(sandbox, address, scope=scopes), follow=True)

    assert notices(response) == [
        "Xero did not give a permission that is needed (accounting.payments). Please try again."
    ]
    assert connections() == []


def test_several_organisations_lead_to_a_choice(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    sandbox.connect(slugs(sandbox)[0])
    back = consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1])

    page = super_client.get(back, follow=True)

    names = [books.organisation.name for books in sandbox.store.books.values()]
    assert [name in words(page) for name in names] == [True, True]
    assert connections() == []
    chosen = super_client.post(page.redirect_chain[-1][0], {"tenant_id": slugs(sandbox)[1]}, follow=True)
    assert chosen.redirect_chain[-1] == (url("mapping", workspace), 302)
    assert [row.tenant_id for row in connections()] == [slugs(sandbox)[1]]


def test_choice_of_an_organisation_not_offered_is_refused(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    sandbox.connect(slugs(sandbox)[0])
    page = super_client.get(consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1]), follow=True)

    response = super_client.post(page.redirect_chain[-1][0], {"tenant_id": "somebody-elses"})

    assert response.status_code == 422
    assert connections() == []


def test_choice_is_closed_once_made(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    sandbox.connect(slugs(sandbox)[0])
    page = super_client.get(consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1]), follow=True)
    address = page.redirect_chain[-1][0]
    super_client.post(address, {"tenant_id": slugs(sandbox)[1]})

    response = super_client.get(address, follow=True)

    assert notices(response)[-1] == NO_LONGER_VALID


def test_organisation_of_another_workspace_is_refused(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    other = make_workspace(name="Other Studio")
    with scope(other):
        taken = make_connection(other, mapped=False)
        Connection.objects.filter(pk=taken.pk).update(tenant_id=slugs(sandbox)[0])

    response = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    assert notices(response) == [
        "Maple Florist is already connected to another workspace. Disconnect it there first."
    ]
    assert [row.pk for row in connections()] == [taken.pk]


@pytest.fixture
def linked_elsewhere(workspace: Workspace, super_user: User) -> Link:
    """The workspace is connected to an organisation that a record is linked to."""
    with scope(workspace):
        return make_link(make_connection(workspace), Kind.INVOICE, workspace.pk)


def test_other_organisation_asks_before_links_are_forgotten(
    super_client: Client, workspace: Workspace, sandbox: Handle, linked_elsewhere: Link
) -> None:
    page = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    assert "Connect Maple Florist instead?" in words(page)
    assert [row.tenant_id for row in connections()] == [linked_elsewhere.connection.tenant_id]
    with scope(workspace):
        assert Link.objects.count() == 1


def test_other_organisation_starts_afresh_after_a_yes(
    super_client: Client, workspace: Workspace, sandbox: Handle, linked_elsewhere: Link
) -> None:
    page = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    super_client.post(page.redirect_chain[-1][0], {"tenant_id": slugs(sandbox)[0], "move": "on"})

    assert [row.tenant_id for row in connections()] == [slugs(sandbox)[0]]
    with scope(workspace):
        assert (Link.objects.count(), Mapping.objects.get().revenue_account_id) == (0, "")


def test_same_organisation_again_keeps_links_and_choices(
    super_client: Client, workspace: Workspace, sandbox: Handle, linked_elsewhere: Link
) -> None:
    with scope(workspace):
        Connection.objects.update(tenant_id=slugs(sandbox)[0], state=ConnectionState.NEEDS_REAUTH)

    super_client.get(consent(sandbox, leave(super_client, workspace)))

    with scope(workspace):
        assert Connection.objects.get().state == ConnectionState.ACTIVE
        assert (Link.objects.count(), Mapping.objects.get().revenue_account_id) == (1, "sales")


def test_reconnecting_right_after_the_lists_were_read_reads_them_again(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    """What a person asks for by hand is held back for a while; connecting is not."""
    super_client.get(consent(sandbox, leave(super_client, workspace)))
    super_client.post(url("refresh_lists", workspace))
    super_client.post(url("disconnect", workspace))

    response = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    assert response.redirect_chain[-1] == (url("mapping", workspace), 302)
    assert notices(response)[-1].startswith("Connected to Maple Florist")


def test_same_organisation_again_is_not_asked_for_though_others_are_open(
    super_client: Client, workspace: Workspace, sandbox: Handle, linked_elsewhere: Link
) -> None:
    sandbox.connect(slugs(sandbox)[1])
    with scope(workspace):
        Connection.objects.update(tenant_id=slugs(sandbox)[0], state=ConnectionState.DISCONNECTED)

    response = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    assert response.redirect_chain[-1] == (url("mapping", workspace), 302)
    with scope(workspace):
        assert Connection.objects.get().state == ConnectionState.ACTIVE


def test_disconnect_gives_up_the_organisation_and_deletes_nothing(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    super_client.get(consent(sandbox, leave(super_client, workspace)))

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
    super_client.get(consent(sandbox, leave(super_client, workspace)))
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
