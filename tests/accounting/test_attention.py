"""What every page of a workspace tells about its sync."""

from __future__ import annotations

import datetime as dt
import re
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounting.enums import ConflictState, ConnectionState, Kind, Lane, OpState
from accounting.models import Conflict, Connection, Operation
from accounting.queries.attention import attention_of
from accounting.queries.status import status_for
from core.testing import assert_queries
from tests.accounting.pages import url, words
from tests.factories.accounting import make_connection, make_link
from workspaces.models import User, Workspace
from workspaces.scope import scope

PAGES = ["invoices:list", "customers:list", "catalogue:list", "accounting:activity", "accounting:problems"]


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


def push(connection: Connection, state: str = OpState.PENDING, **more: object) -> Operation:
    return Operation.objects.create(
        workspace=connection.workspace,
        connection=connection,
        lane=Lane.PUSH,
        kind=Kind.INVOICE,
        local_id=more.pop("local_id", None) or uuid4(),
        state=state,
        **more,
    )


def cut_off(
    state: str = ConnectionState.NEEDS_REAUTH, words: str = "Xero no longer accepts our access."
) -> None:
    Connection.objects.update(state=state, state_reason=words)


@pytest.mark.parametrize("page", PAGES)
def test_dead_connection_is_told_to_staff_on_every_page_with_who_must_act(
    page: str, staff_client: Client, connection: Connection, super_user: User
) -> None:
    cut_off()

    told = words(staff_client.get(reverse(page, args=[connection.workspace.slug])))

    assert "Nothing goes to Xero or comes from it. Xero no longer accepts our access." in told
    assert f"Ask {super_user} to reconnect." in told


def test_dead_connection_offers_a_super_user_to_reconnect(
    super_client: Client, connection: Connection
) -> None:
    cut_off(ConnectionState.DISCONNECTED, "This organisation was disconnected in Xero.")

    page = super_client.get(reverse("invoices:list", args=[connection.workspace.slug]))

    assert "This organisation was disconnected in Xero." in words(page)
    assert f'href="{url("settings", connection.workspace)}"><svg' in page.content.decode()
    assert "Connection paused" in page.content.decode()


@pytest.mark.parametrize(
    ("values", "icon"),
    [
        ({"state": ConnectionState.NEEDS_REAUTH}, "alert"),
        ({"paused_at": Now(), "paused_by": "Ana"}, "pause"),
        ({"resume_at": Now() + dt.timedelta(minutes=30)}, "pause"),
        ({}, None),
    ],
    ids=["dead", "paused by support", "resting", "well"],
)
def test_navigation_marks_a_connection_that_stands_still(
    staff_client: Client, connection: Connection, values: dict[str, object], icon: str | None
) -> None:
    Connection.objects.filter(pk=connection.pk).update(**values)

    page = staff_client.get(reverse("customers:list", args=[connection.workspace.slug])).content.decode()

    mark = re.search(r'class="icon nav__alert".*?sprite\.svg#(\w+)"', page)
    assert (mark and mark[1]) == icon


def test_connection_left_in_tandem_needs_nobody(connection: Connection, workspace: Workspace) -> None:
    cut_off(ConnectionState.DISCONNECTED, Connection.LEFT_HERE)

    assert attention_of(workspace).outage is None


@pytest.mark.parametrize(("minutes", "is_told"), [(1, False), (30, True), (-30, False)])
def test_rest_of_more_than_a_few_minutes_is_told_with_its_end(
    minutes: int, is_told: bool, connection: Connection, workspace: Workspace
) -> None:
    until = timezone.now() + dt.timedelta(minutes=minutes)
    Connection.objects.update(resume_at=until, resume_reason="Today's calls to Xero are used up.")

    outage = attention_of(workspace).outage

    assert (outage is not None) == is_told
    if outage:
        assert (outage.words, outage.until) == ("Today's calls to Xero are used up.", until)


def test_navigation_counts_what_needs_a_person(staff_client: Client, connection: Connection) -> None:
    for _ in range(3):
        push(connection, OpState.FAILED, error="No.")
    push(connection)

    page = staff_client.get(reverse("customers:list", args=[connection.workspace.slug]))

    assert "Sync 3 need a person" in words(page)


def test_navigation_counts_conflicts_that_are_open(staff_client: Client, connection: Connection) -> None:
    for state in (ConflictState.OPEN, ConflictState.OPEN, ConflictState.RESOLVED):
        link = make_link(connection, Kind.INVOICE, uuid4())
        facts = {"kind": link.kind, "local_id": link.local_id, "base": {}, "ours": {}, "theirs": {}}
        settled = (
            {} if state == ConflictState.OPEN else {"resolution": "agreed", "resolved_at": timezone.now()}
        )
        Conflict.objects.create(
            workspace=connection.workspace, connection=connection, link=link, state=state,
            remote_version=timezone.now(), **facts, **settled,
        )  # fmt: skip
    push(connection, OpState.FAILED, error="No.")

    page = staff_client.get(reverse("customers:list", args=[connection.workspace.slug]))

    assert "Sync 3 need a person" in words(page)


def test_navigation_separates_thousands(staff_client: Client, connection: Connection) -> None:
    facts = {"workspace": connection.workspace, "connection": connection, "lane": Lane.PUSH}
    failed = {**facts, "kind": Kind.INVOICE, "state": OpState.FAILED, "error": "No."}
    Operation.objects.bulk_create([Operation(**failed, local_id=uuid4()) for _ in range(1234)])

    page = staff_client.get(reverse("customers:list", args=[connection.workspace.slug]))

    assert "Sync 1,234 need a person" in words(page)


def test_attention_takes_one_query_while_all_is_well(connection: Connection, workspace: Workspace) -> None:
    push(connection, OpState.FAILED, error="No.")

    with assert_queries(1):
        assert attention_of(workspace).waiting == 1


def test_workspace_without_a_connection_has_nothing_to_tell(in_workspace: Workspace) -> None:
    assert attention_of(in_workspace).outage is None


@pytest.mark.parametrize("state", [ConnectionState.NEEDS_REAUTH, ConnectionState.DISCONNECTED])
@pytest.mark.parametrize("operation", [OpState.PENDING])
def test_linked_record_edited_since_waits_while_the_connection_is_dead(
    state: str, operation: str, connection: Connection
) -> None:
    link = make_link(connection, Kind.INVOICE, uuid4())
    push(connection, operation, local_id=link.local_id)
    cut_off(state)

    told = status_for(Kind.INVOICE, [link.local_id])[link.local_id]

    assert (told.code, told.label) == ("paused", "Waiting: connection paused")
    assert told.reason.endswith("It is sent after reconnecting.")


def test_attention_is_of_this_workspace_only(connection: Connection, stranger: User) -> None:
    push(connection, OpState.FAILED, error="No.")
    other = stranger.memberships.get().workspace

    with scope(other):
        assert attention_of(other).waiting == 0
