"""The administrators' pages: everything is seen, nothing is edited, tokens are never shown."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounting import wakeup
from accounting.enums import EventKind, Kind, Lane, OpState
from accounting.models import ConnectAttempt, Connection, Grant, Link, Operation, SyncEvent
from core.testing import capture_commits
from tests.factories.accounting import make_batch, make_connection, make_link
from tests.factories.customers import make_customer
from tests.factories.people import make_administrator, signed_in, with_second_factor
from tests.factories.workspaces import make_workspace
from workspaces.models import AuditEntry, User, Workspace
from workspaces.scope import all_workspaces, scope, scope_by_id

CANARIES = ("access-canary", "refresh-canary", "verifier-canary")
SHOWN = [
    "batch", "conflict", "connectattempt", "connection", "grant", "link", "mapping", "operation", "problem",
    "remoteaccount", "remotetaxrate", "syncevent", "taxmapping",
]  # fmt: skip


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(make_administrator())


@pytest.fixture
def failed(workspace: Workspace) -> Operation:
    with scope(workspace):
        make_connection(workspace)
        customer = make_customer(workspace)
        Operation.objects.filter(local_id=customer.pk).update(state=OpState.FAILED, error="Refused.")
        return Operation.objects.get()


def act(client: Client, model: str, action: str, *pks: Any, app: str = "accounting") -> Any:
    page = reverse(f"admin:{app}_{model}_changelist")
    return client.post(page, {"action": action, "_selected_action": [str(pk) for pk in pks]}, follow=True)


@pytest.mark.parametrize("model", SHOWN)
def test_list_opens_and_searches(admin: Client, failed: Operation, model: str) -> None:
    page = reverse(f"admin:accounting_{model}_changelist")

    assert admin.get(page).status_code == 200
    assert admin.get(page, {"q": "canary"}).status_code == 200


def test_plurals_are_english() -> None:
    plurals = [str(model._meta.verbose_name_plural) for model in site._registry]
    assert [word for word in plurals if re.search(r"(ch|sh|x|s|[^aeiou]y)s$", word)] == []


@pytest.mark.parametrize("model", ["connection", "operation"])
def test_list_is_filtered_by_workspace(admin: Client, failed: Operation, model: str) -> None:
    elsewhere = make_workspace(name="Quagga Works", email="quagga@example.com")
    with scope(elsewhere):
        make_connection(elsewhere)
        Operation.objects.filter(local_id=make_customer(elsewhere).pk).get()
    page = reverse(f"admin:accounting_{model}_changelist")

    response = admin.get(page, {"workspace__id__exact": str(elsewhere.pk)})

    assert [row.workspace_id for row in response.context["cl"].result_list] == [elsewhere.pk]
    assert "By workspace" in response.content.decode()


@pytest.mark.parametrize("model", SHOWN)
def test_nothing_can_be_added_or_deleted(admin: Client, failed: Operation, model: str) -> None:
    assert admin.get(reverse(f"admin:accounting_{model}_add")).status_code == 403


def test_rows_cannot_be_edited(admin: Client, failed: Operation) -> None:
    page = reverse("admin:accounting_operation_change", args=[failed.pk])

    assert admin.get(page).status_code == 200
    assert admin.post(page, {"state": "pending"}).status_code == 403


def test_tokens_are_on_no_page(admin: Client, failed: Operation, workspace: Workspace) -> None:
    with scope(workspace):
        grant = Grant.objects.get()
        attempt = ConnectAttempt.objects.create(
            workspace=workspace,
            user=workspace.memberships.get().user,
            state_hash="s",
            session_hash="t",
            verifier="verifier-canary",
            expires_at=timezone.now() + dt.timedelta(minutes=10),
            grant=grant,
        )
    pages = [reverse(f"admin:accounting_{model}_changelist") for model in SHOWN]
    pages.append(reverse("admin:accounting_grant_change", args=[grant.pk]))
    pages.append(reverse("admin:accounting_connectattempt_change", args=[attempt.pk]))
    pages.append(reverse("admin:accounting_connection_change", args=[failed.connection_id]))

    texts = [admin.get(page).content.decode() for page in pages]

    assert [canary for canary in CANARIES for text in texts if canary in text] == []


def test_tokens_are_in_no_repr(failed: Operation, workspace: Workspace) -> None:
    with scope(workspace):
        grant, connection = Grant.objects.get(), Connection.objects.select_related("grant").get()

    told = f"{grant} {grant!r} {connection} {connection!r} {connection.grant!r}"
    assert [canary for canary in CANARIES if canary in told] == []


def test_retry_tries_failed_operations_of_every_workspace(admin: Client, failed: Operation) -> None:
    other = make_workspace(name="Other Studio")
    with scope(other):
        make_connection(other)
        Operation.objects.filter(local_id=make_customer(other).pk).update(
            state=OpState.FAILED, error="Refused."
        )
        second = Operation.objects.get()

    response = act(admin, "operation", "retry", failed.pk, second.pk)

    assert "2 operations are tried again." in response.content.decode()
    with all_workspaces("a test looks"):
        assert set(Operation.objects.values_list("state", flat=True)) == {OpState.PENDING}


def test_retry_leaves_what_did_not_fail(admin: Client, failed: Operation, workspace: Workspace) -> None:
    with scope(workspace):
        flying = make_batch(failed.connection)
        Operation.objects.update(state=OpState.IN_FLIGHT, batch=flying)

    act(admin, "operation", "retry", failed.pk)

    with scope(workspace):
        assert Operation.objects.get().state == OpState.IN_FLIGHT


def test_requeue_sends_the_record_again(admin: Client, failed: Operation, workspace: Workspace) -> None:
    act(admin, "operation", "requeue", failed.pk)

    with scope(workspace):
        operation = Operation.objects.get()
        assert (operation.state, operation.seq) == (OpState.PENDING, 2)


def test_pull_requests_a_read(admin: Client, failed: Operation, workspace: Workspace) -> None:
    with scope(workspace):
        link = make_link(failed.connection, Kind.INVOICE, uuid4(), "remote-5")

    act(admin, "link", "pull", link.pk)

    with scope(workspace):
        pull = Operation.objects.get(lane=Lane.PULL)
        assert (pull.remote_id, pull.state) == ("remote-5", OpState.PENDING)


@pytest.fixture
def pair(failed: Operation) -> list[Connection]:
    """The connections of two workspaces."""
    elsewhere = make_workspace(name="Quagga Works", email="quagga@example.com")
    with scope(elsewhere):
        make_connection(elsewhere)
    with all_workspaces("a test looks"):
        return list(Connection.objects.order_by("connected_at"))


def paused_ones() -> dict[Any, str]:
    with all_workspaces("a test looks"):
        rows = Connection.objects.filter(paused_at__isnull=False)
        return {row.pk: row.paused_by for row in rows}


def noted(action: str) -> list[tuple[Any, str]]:
    """Whose connections the audit says it was done to, and by whom."""
    with all_workspaces("a test looks"):
        rows = AuditEntry.objects.filter(action=f"connection.{action}")
        return sorted((row.target_id, row.actor_name) for row in rows)


def told_in(workspace_id: Any) -> list[str]:
    """What the workspace's people read of support's doings."""
    with scope_by_id(workspace_id):
        return [event.message for event in SyncEvent.objects.filter(event=EventKind.SUPPORT)]


def test_pause_stops_connections_and_notes_who_did_it(admin: Client, pair: list[Connection]) -> None:
    response = act(admin, "connection", "pause", *[row.pk for row in pair])

    assert "2 connections are paused." in response.content.decode()
    assert paused_ones() == {row.pk: "Administrator" for row in pair}
    assert noted("paused") == sorted((row.pk, "Administrator") for row in pair)
    for row in pair:
        assert told_in(row.workspace_id) == ["Paused by Tandem's support. What changes waits."]


def test_pause_of_a_paused_connection_says_so(admin: Client, pair: list[Connection]) -> None:
    act(admin, "connection", "pause", pair[0].pk)

    response = act(admin, "connection", "pause", pair[0].pk)

    assert "Maple Florist is paused already." in response.content.decode()
    assert len(noted("paused")) == 1


def test_resume_lets_connections_go_on(admin: Client, pair: list[Connection]) -> None:
    act(admin, "connection", "pause", *[row.pk for row in pair])

    response = act(admin, "connection", "resume", pair[0].pk)

    assert "1 connection is resumed." in response.content.decode()
    assert list(paused_ones()) == [pair[1].pk]
    assert noted("resumed") == [(pair[0].pk, "Administrator")]
    assert "Resumed by Tandem's support." in told_in(pair[0].workspace_id)


def test_pull_has_connections_read_now(
    admin: Client, pair: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(
        "accounting.wakeup.send", lambda task, **more: sent.append((task, more["connection_id"]))
    )
    act(admin, "connection", "pause", pair[1].pk)

    with capture_commits():
        response = act(admin, "connection", "pull", *[row.pk for row in pair])

    assert sent == [(wakeup.RECONCILE, pair[0].pk)]
    assert "1 connection is read now" in response.content.decode()
    assert (
        "Maple Florist is paused, resting, not connected or not in its plan, and is not read."
        in response.content.decode()
    )
    assert noted("pulled") == [(pair[0].pk, "Administrator")]


@pytest.mark.parametrize(("chosen", "found"), [("yes", [0]), ("no", [1]), ("", [0, 1])])
def test_connections_are_filtered_by_pause(
    admin: Client, pair: list[Connection], chosen: str, found: list[int]
) -> None:
    act(admin, "connection", "pause", pair[0].pk)
    page = reverse("admin:accounting_connection_changelist")

    response = admin.get(page, {"paused": chosen} if chosen else {})

    assert "By pause" in response.content.decode()
    assert {row.pk for row in response.context["cl"].result_list} == {pair[place].pk for place in found}


def viewer_of(*models: str) -> Client:
    """An administrator who may look at these, and no more."""
    user = User.objects.create_user("viewer@example.com", "a long password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"view_{model}" for model in models]))
    with_second_factor(user)
    return signed_in(user)


@pytest.mark.parametrize("action", ["pause", "pull"])
def test_administrator_who_may_only_look_pauses_and_pulls_nothing(
    pair: list[Connection], action: str
) -> None:
    act(viewer_of("connection"), "connection", action, pair[0].pk)

    assert (paused_ones(), noted("paused"), noted("pulled")) == ({}, [], [])


def test_administrator_who_may_only_look_resumes_nothing(admin: Client, pair: list[Connection]) -> None:
    act(admin, "connection", "pause", pair[0].pk)

    page = act(viewer_of("connection"), "connection", "resume", pair[0].pk)

    assert (page.status_code, "Maple Florist" in page.content.decode()) == (200, True)
    assert (list(paused_ones()), noted("resumed")) == ([pair[0].pk], [])


def test_administrator_who_may_only_look_has_no_actions(failed: Operation, workspace: Workspace) -> None:
    act(viewer_of("operation", "link"), "operation", "retry", failed.pk)

    with scope(workspace):
        assert Operation.objects.get().state == OpState.FAILED
        assert Link.objects.count() == 0


def test_people_of_workspaces_find_no_administration(super_client: Client, failed: Operation) -> None:
    page = reverse("admin:accounting_grant_changelist")

    assert super_client.get(page).status_code == 302
