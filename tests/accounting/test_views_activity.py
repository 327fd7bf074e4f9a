"""What happened, and what needs a person."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounting.enums import EventKind, Kind
from accounting.models import Connection
from accounting.sync.history import tell
from core.testing import assert_queries
from tests.accounting.pages import url, words
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from tests.factories.workspaces import make_workspace
from workspaces.models import User, Workspace
from workspaces.scope import scope


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    with scope(workspace):
        return make_connection(workspace)


@pytest.mark.parametrize("count", [1, 3])
def test_activity_takes_the_same_queries(
    staff_client: Client, workspace: Workspace, connection: Connection, count: int
) -> None:
    with scope(workspace):
        for number in range(count):
            customer = make_customer(workspace, name=f"Customer {number}")
            tell(connection, EventKind.SENT, "Sent.", kind=Kind.CUSTOMER, local_id=customer.pk)

    with assert_queries(12):
        text = words(staff_client.get(url("activity", workspace)))

    assert text.count("Sent.") == count


def test_activity_shows_only_what_failed(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        tell(connection, EventKind.SENT, "Arrived well.")
        tell(connection, EventKind.FAILED, "Was refused.")

    text = words(staff_client.get(url("activity", workspace), {"show": "failed"}))

    assert ("Was refused." in text, "Arrived well." in text) == (True, False)


def test_activity_of_another_workspace_is_not_shown(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    other = make_workspace(name="Other Studio")
    with scope(other):
        tell(make_connection(other), EventKind.SENT, "A secret of theirs.")

    assert "A secret of theirs." not in words(staff_client.get(url("activity", workspace)))


def test_activity_of_nothing_explains_itself(staff_client: Client, workspace: Workspace) -> None:
    assert "Nothing happened yet" in words(staff_client.get(url("activity", workspace)))


def test_activity_names_the_person_who_is_gone(
    super_client: Client, staff: User, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        tell(connection, EventKind.SETTINGS, "The choices for Xero were changed.", by=staff)
        name = str(staff)
        staff.delete()

    assert name in words(super_client.get(url("activity", workspace)))


def test_activity_of_the_engine_names_tandem(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        tell(connection, EventKind.SENT, "Sent.")

    assert "To Xero · by Tandem · just now" in words(super_client.get(url("activity", workspace)))


def test_page_tells_xeros_words_and_reference_and_leads_to_the_record(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        customer = make_customer(workspace, name="Pip Ltd")
        about: dict[str, Any] = {"kind": Kind.CUSTOMER, "local_id": customer.pk}
        tell(connection, EventKind.FAILED, "Refused.", detail="It said no.", reference="corr-17", **about)

    response = staff_client.get(url("activity", workspace))

    text = "Pip Ltd Refused. What Xero said It said no. Xero's reference, for its support: corr-17 To Xero · by Tandem"
    assert text in words(response)
    assert f'href="/w/{workspace.slug}/customers/{customer.pk}/"' in response.content.decode()
