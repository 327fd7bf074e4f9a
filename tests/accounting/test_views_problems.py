"""What needs a person, one row a cause: the list, a page for each, trying again."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from accounting.enums import Blocker, ErrorClass, Kind, Lane, OpState
from accounting.models import Connection, Operation, Problem
from accounting.sync.failing import fail
from core.testing import assert_queries
from tests.accounting.pages import notices, url, words
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User, Workspace
from workspaces.scope import scope


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    with scope(workspace):
        return make_connection(workspace)


def make_failed(
    connection: Connection,
    name: str = "",
    words: str = "The name is taken.",
    said: str = "Name must be unique.",
) -> Operation:
    """A customer that Xero refused."""
    customer = make_customer(connection.workspace, name=name)
    fail(Operation.objects.get(local_id=customer.pk), ErrorClass.PERMANENT, words, said, "corr-17")
    return Operation.objects.get(local_id=customer.pk)


def make_unpaid(connection: Connection, amount: str, said: str, currency: str = "NZD") -> Operation:
    """An invoice over this amount that Xero refused in these words."""
    invoice = make_invoice(
        connection.workspace, currency=currency, lines=[make_line(unit_amount=amount, tax_rate=None)]
    )
    fail(Operation.objects.get(local_id=invoice.pk), ErrorClass.PERMANENT, "Refused.", said)
    return Operation.objects.get(local_id=invoice.pk)


def state_of(operation: Operation) -> str:
    with scope(operation.workspace):
        return Operation.objects.get(pk=operation.pk).state


@pytest.mark.parametrize("count", [1, 3])
def test_problems_take_the_same_queries(
    staff_client: Client, workspace: Workspace, connection: Connection, count: int
) -> None:
    with scope(workspace):
        for number in range(count):
            make_failed(connection, f"Refused {number}")

    with assert_queries(13):
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


ARCHIVED = "Account code '200' has been archived and cannot be used on this document."
LOCKED = "The document date cannot be before the period lock date, currently set at 31 Mar 2026"


def test_problems_of_one_cause_are_one_card_that_tries_them_all(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        failed = [make_failed(connection, name) for name in "ABC"]
        other = make_failed(connection, "Another", said="Email address must be valid")
        problem = failed[0].problem_id

    page = staff_client.get(url("problems", workspace))
    assert sorted(row.count for row in page.context["rows"]) == [1, 3]
    assert "Try all 3 again" in words(page)
    response = staff_client.post(url("retry_alike", workspace, problem), follow=True)

    assert notices(response) == ["3 are tried again now."]
    assert [state_of(row) for row in (*failed, other)] == [OpState.PENDING] * 3 + [OpState.FAILED]


def test_row_says_how_much_money_in_how_many_records_is_held_up_by_what(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        for amount in ("1200", "34.50"):
            make_unpaid(connection, amount, ARCHIVED)
        make_unpaid(connection, "10", ARCHIVED, currency="EUR")

    text = words(staff_client.get(url("problems", workspace)))

    assert "Account archived: 200 3 invoices , NZ$1,234.50 , €10.00 since just now" in text


def test_rows_are_in_order_of_money_and_then_of_age(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        make_failed(connection, "Older", said="Email address must be valid")
        make_failed(connection, "Newer", said="The country of an address may only contain letters.")
        make_unpaid(connection, "10", LOCKED)
        make_unpaid(connection, "5000", ARCHIVED)

    rows = staff_client.get(url("problems", workspace)).context["rows"]

    keys = ["account-archived", "period-locked", "e-mail-refused", "country-refused"]
    assert [row.problem.key for row in rows] == keys


def test_row_shows_a_few_records_and_its_page_shows_all(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        problem = {make_failed(connection, f"Refused {number}").problem_id for number in range(7)}.pop()

    text = words(staff_client.get(url("problems", workspace)))
    page = words(staff_client.get(url("problem", workspace, problem)))

    assert (text.count("Refused "), "2 more" in text) == (5, True)
    assert page.count("Refused ") == 7


def test_missing_setting_is_a_problem_too(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        failed = make_unpaid(connection, "100", ARCHIVED)
        Operation.objects.filter(pk=failed.pk).update(state=OpState.BLOCKED, blocker=Blocker.SETUP)

    text = words(staff_client.get(url("problems", workspace)))
    assert "Account archived: 200 1 invoice , NZ$100.00" in text
    staff_client.post(url("retry_alike", workspace, failed.problem_id))
    assert state_of(failed) == OpState.PENDING


def test_page_of_a_cause_that_is_put_right_says_so(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        failed = make_failed(connection)
        page = url("problem", workspace, failed.problem_id)
        Operation.objects.update(state=OpState.PENDING)
        assert "is tried again now" in words(staff_client.get(page))
        Operation.objects.all().delete()
        Problem.objects.update(closed_at=failed.problem.last_seen_at)

    assert "This is put right" in words(staff_client.get(page))


def test_page_of_another_workspaces_problem_is_not_found(
    staff_client: Client, workspace: Workspace, stranger: User
) -> None:
    other = stranger.memberships.get().workspace
    with scope(other):
        failed = make_failed(make_connection(other))

    assert staff_client.get(url("problem", workspace, failed.problem_id)).status_code == 404
    assert staff_client.post(url("retry_alike", workspace, failed.problem_id)).status_code == 404
    assert state_of(failed) == OpState.FAILED


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
        failed = make_failed(connection, words="Xero says: No such thing.", said="No such thing.")
        Operation.objects.filter(pk=failed.pk).update(error_reference="")

    assert "What Xero said" not in words(staff_client.get(url("problems", workspace)))


def test_super_user_is_led_to_the_choice_that_puts_it_right(
    super_client: Client, staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        make_unpaid(connection, "100", ARCHIVED)

    shown = [client.get(url("problems", workspace)) for client in (super_client, staff_client)]

    assert ["Choose another" in words(page) for page in shown] == [True, False]
