"""What is left out of the sync: the list, and taking many back at once."""

from __future__ import annotations

import pytest
from django.test import Client

from accounting.enums import Kind, Until
from accounting.models import Connection, Exemption
from accounting.sync.ignoring import ignore
from core.testing import assert_queries
from customers.models import Customer
from tests.accounting.pages import notices, url, words
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from workspaces.models import User, Workspace
from workspaces.scope import scope


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    with scope(workspace):
        return make_connection(workspace)


def _leave_out(connection: Connection, by: User, *names: str) -> list[Customer]:
    with scope(connection.workspace):
        made = [make_customer(connection.workspace, name=name) for name in names]
        for row in made:
            ignore(
                connection=connection, kind=Kind.CUSTOMER, local_id=row.pk, until=Until.GOOD, reason="Gone.", by=by
            )  # fmt: skip
        return made


def _chosen(*customers: Customer) -> dict[str, list[str]]:
    ids = [customer.pk for customer in customers]
    with scope(customers[0].workspace):
        return {"chosen": [str(row.pk) for row in Exemption.objects.filter(local_id__in=ids)]}


def _left(workspace: Workspace) -> set[object]:
    with scope(workspace):
        return set(Exemption.objects.values_list("local_id", flat=True))


@pytest.mark.parametrize("count", [1, 3])
def test_list_says_how_long_why_and_who_in_the_same_queries(
    super_client: Client, super_user: User, workspace: Workspace, connection: Connection, count: int
) -> None:
    _leave_out(connection, super_user, *"ABC"[:count])

    with assert_queries(9):
        text = words(super_client.get(url("left_out", workspace)))

    assert text.count(f"Left out of the sync for good. Gone. just now , {super_user}") == count


def test_chosen_ones_are_taken_back_and_no_other(
    super_client: Client, super_user: User, workspace: Workspace, connection: Connection
) -> None:
    first, second, other = _leave_out(connection, super_user, "A", "B", "C")

    told = super_client.post(url("take_back_left_out", workspace), _chosen(first, second), follow=True)

    assert notices(told) == ["Taken back into the sync: 2."]
    assert _left(workspace) == {other.pk}


def test_nothing_chosen_takes_nothing_back(
    super_client: Client, super_user: User, workspace: Workspace, connection: Connection
) -> None:
    (row,) = _leave_out(connection, super_user, "A")

    told = super_client.post(url("take_back_left_out", workspace), {"chosen": ["x"]}, follow=True)

    assert notices(told) == ["Choose what is to be taken back."]
    assert _left(workspace) == {row.pk}


def test_what_is_left_out_elsewhere_stays_so(
    super_client: Client, workspace: Workspace, connection: Connection, stranger: User
) -> None:
    elsewhere = stranger.memberships.get().workspace
    with scope(elsewhere):
        (row,) = _leave_out(make_connection(elsewhere), stranger, "A")

    super_client.post(url("take_back_left_out", workspace), _chosen(row))

    assert _left(elsewhere) == {row.pk}


def test_staff_see_it_and_take_nothing_back(
    staff_client: Client, super_user: User, workspace: Workspace, connection: Connection
) -> None:
    (row,) = _leave_out(connection, super_user, "A")

    page = words(staff_client.get(url("left_out", workspace)))
    told = staff_client.post(url("take_back_left_out", workspace), _chosen(row))

    assert ("A Left out" in page, "Take back" in page) == (True, False)
    assert told.status_code == 403
    assert _left(workspace) == {row.pk}


def test_empty_list_says_what_would_stand_there(staff_client: Client, workspace: Workspace) -> None:
    assert "Nothing is left out" in words(staff_client.get(url("left_out", workspace)))
