"""What happened, and what needs a person."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounting.enums import EventKind, Kind, Lane, OpState
from accounting.models import Connection, Operation
from accounting.sync.history import tell
from core.testing import assert_queries
from tests.accounting.pages import notices, url, words
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from tests.factories.workspaces import make_workspace
from workspaces.models import User, Workspace
from workspaces.scope import scope


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    with scope(workspace):
        return make_connection(workspace)


def make_failed(connection: Connection, name: str = "") -> Operation:
    """A customer that Xero refused."""
    customer = make_customer(connection.workspace, name=name)
    Operation.objects.filter(local_id=customer.pk).update(
        state=OpState.FAILED,
        error="The name is taken.",
        error_detail="Name must be unique.",
        error_reference="corr-17",
    )
    return Operation.objects.get(local_id=customer.pk)


def state_of(operation: Operation) -> str:
    with scope(operation.workspace):
        return Operation.objects.get(pk=operation.pk).state


@pytest.mark.parametrize("count", [1, 3])
def test_activity_takes_the_same_queries(
    staff_client: Client, workspace: Workspace, connection: Connection, count: int
) -> None:
    with scope(workspace):
        for number in range(count):
            customer = make_customer(workspace, name=f"Customer {number}")
            tell(connection, EventKind.SENT, "Sent.", kind=Kind.CUSTOMER, local_id=customer.pk)

    with assert_queries(11):
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


@pytest.mark.parametrize("count", [1, 3])
def test_problems_take_the_same_queries(
    staff_client: Client, workspace: Workspace, connection: Connection, count: int
) -> None:
    with scope(workspace):
        for number in range(count):
            make_failed(connection, f"Refused {number}")

    with assert_queries(12):
        text = words(staff_client.get(url("problems", workspace)))

    assert [f"Refused {number}" in text for number in range(count)] == [True] * count


def test_problems_show_xeros_own_words(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        make_failed(connection)

    text = words(staff_client.get(url("problems", workspace)))
    assert "What Xero said Name must be unique. Xero's reference, for its support: corr-17" in text


def test_no_problem_explains_itself(staff_client: Client, workspace: Workspace) -> None:
    assert "Nothing needs you" in words(staff_client.get(url("problems", workspace)))


def test_retry_tries_one_again(staff_client: Client, workspace: Workspace, connection: Connection) -> None:
    with scope(workspace):
        first, second = make_failed(connection, "A"), make_failed(connection, "B")

    response = staff_client.post(url("retry", workspace, first.pk), follow=True)

    assert notices(response) == ["It is tried again now."]
    assert (state_of(first), state_of(second)) == (OpState.PENDING, OpState.FAILED)


def test_retry_all_tries_all_again(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        failed = [make_failed(connection, name) for name in "AB"]

    response = staff_client.post(url("retry_all", workspace), follow=True)

    assert notices(response) == ["2 are tried again now."]
    assert [state_of(operation) for operation in failed] == [OpState.PENDING] * 2


def test_retry_of_what_did_not_fail_is_not_found(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        waiting = Operation.objects.create(
            workspace=workspace, connection=connection, lane=Lane.PUSH, kind=Kind.CUSTOMER, local_id=uuid4()
        )

    assert staff_client.post(url("retry", workspace, waiting.pk)).status_code == 404


def test_retry_of_another_workspaces_operation_is_not_found(
    staff_client: Client, workspace: Workspace, stranger: User
) -> None:
    other = stranger.memberships.get().workspace
    with scope(other):
        failed = make_failed(make_connection(other))

    assert staff_client.post(url("retry", workspace, failed.pk)).status_code == 404
    assert state_of(failed) == OpState.FAILED


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


def test_problems_of_one_cause_are_one_card_that_tries_them_all(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        failed = [make_failed(connection, name) for name in "ABC"]
        other = make_failed(connection, "Another")
        Operation.objects.filter(pk=other.pk).update(error="Its e-mail address is refused.")

    page = staff_client.get(url("problems", workspace))
    assert [cause.count for cause in page.context["causes"]].count(3) == 1
    assert "Try all 3 again" in words(page)
    response = staff_client.post(url("retry_alike", workspace, failed[0].pk), follow=True)

    assert notices(response) == ["3 are tried again now."]
    assert [state_of(row) for row in (*failed, other)] == [OpState.PENDING] * 3 + [OpState.FAILED]


def test_cause_counts_what_other_pages_show(
    staff_client: Client, workspace: Workspace, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounting.views.activity.PAGE", 2)
    with scope(workspace):
        for name in "ABC":
            make_failed(connection, name)

    assert "Try all 3 again" in words(staff_client.get(url("problems", workspace)))


def test_failed_record_is_not_said_to_be_on_its_way(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        make_failed(connection)

    text = words(staff_client.get(url("problems", workspace)))
    assert "Not sent to Xero" in text
    assert "On its way" not in text


def test_xeros_words_are_not_shown_twice(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        failed = make_failed(connection)
        Operation.objects.filter(pk=failed.pk).update(
            error="Xero says: No such thing.", error_detail="No such thing.", error_reference=""
        )

    assert "What Xero said" not in words(staff_client.get(url("problems", workspace)))


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
