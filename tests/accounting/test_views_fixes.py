"""A cause put right from its page: what is offered, the preview, doing it, and who may."""

from __future__ import annotations

import pytest
from django.test import Client

from accounting.models import Connection, Operation, RemoteAccount
from tests.accounting.pages import notices, url, words
from tests.accounting.test_views_problems import ARCHIVED, connection, make_failed, make_unpaid, state_of
from tests.factories.accounting import make_connection
from workspaces.models import User, Workspace
from workspaces.scope import scope

__all__ = ["connection"]


@pytest.fixture
def other(workspace: Workspace, connection: Connection) -> RemoteAccount:
    """An account of sales besides the one that is at fault."""
    with scope(workspace):
        return RemoteAccount.objects.create(
            workspace=workspace, connection=connection, account_id="consulting", code="205", name="Consulting",
            type="REVENUE", account_class="REVENUE",
        )  # fmt: skip


@pytest.fixture
def failed(workspace: Workspace, connection: Connection) -> Operation:
    with scope(workspace):
        return make_unpaid(connection, "41200", ARCHIVED)


def test_page_offers_the_fix_and_says_what_it_comes_to(
    super_client: Client, workspace: Workspace, failed: Operation, other: RemoteAccount
) -> None:
    page = url("problem", workspace, failed.problem_id)
    assert "Choose another account Book them to 205 Consulting See what changes" in words(
        super_client.get(page)
    )

    shown = words(super_client.get(page, {"choice": other.account_id}))

    assert "1 invoice, NZ$41,200.00 will be sent with 205 Consulting." in shown
    assert "Revenue account: 200 Sales → becomes 205 Consulting" in shown
    assert state_of(failed) == "failed"


def test_doing_it_leads_to_what_is_left(
    super_client: Client, workspace: Workspace, failed: Operation, other: RemoteAccount
) -> None:
    done = super_client.post(
        url("fix", workspace, failed.problem_id), {"choice": other.account_id}, follow=True
    )

    assert notices(done) == ["Put right: 1 is tried again now."]
    assert "Nothing needs you" in words(done)
    assert state_of(failed) == "pending"


def test_choice_that_is_not_offered_is_refused_in_a_sentence(
    super_client: Client, workspace: Workspace, failed: Operation, other: RemoteAccount
) -> None:
    page = super_client.get(url("problem", workspace, failed.problem_id), {"choice": "sales"})
    done = super_client.post(url("fix", workspace, failed.problem_id), {"choice": "sales"}, follow=True)

    assert "This is not offered (any more). Choose another." in words(page)
    assert notices(done) == ["This is not offered (any more). Choose another."]
    assert state_of(failed) == "failed"


def test_settings_are_for_super_users(
    staff_client: Client, workspace: Workspace, failed: Operation, other: RemoteAccount
) -> None:
    page = url("problem", workspace, failed.problem_id)

    assert "A super user can put this right here." in words(staff_client.get(page, {"choice": other.pk}))
    assert staff_client.post(url("fix", workspace, failed.problem_id), {"choice": "x"}).status_code == 403


def test_page_says_where_there_is_nothing_to_choose_from(
    super_client: Client, workspace: Workspace, failed: Operation
) -> None:
    page = words(super_client.get(url("problem", workspace, failed.problem_id)))
    done = super_client.post(url("fix", workspace, failed.problem_id), {"choice": "x"}, follow=True)

    assert "There is nothing to choose from here" in page
    assert notices(done) == ["There is nothing to put right here any more."]


def test_names_are_asked_for_one_by_one(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        first, _ = (make_failed(connection, name, said="Please enter a unique Name.") for name in "AB")
    page = url("problem", workspace, first.problem_id)
    assert "Each needs an answer of its own." in words(staff_client.get(page))

    shown = words(staff_client.get(page, {"record": first.pk, "choice": "Kea"}))
    done = staff_client.post(
        url("fix", workspace, first.problem_id), {"record": first.pk, "choice": "Kea"}, follow=True
    )

    assert "A will be sent as “Kea”. Put right and try again Back" in shown
    assert notices(done) == ["Put right: 1 is tried again now."]
    assert state_of(first) == "pending"


def test_preview_of_several_names_the_first_free_number_once(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        first, _ = (make_unpaid(connection, amount, "Invoice # must be unique.") for amount in "12")
    page = url("problem", workspace, first.problem_id)

    one = words(super_client.get(page, {"record": first.pk, "choice": ""}))
    both = words(super_client.get(page, {"choice": ""}))

    assert one.count(": becomes INV-0003") == 1
    assert "Each gets the next free one in turn: the first becomes INV-0003." in both
    assert both.count("becomes INV-0003") == 1


def test_cause_of_another_workspace_is_not_found(
    super_client: Client, workspace: Workspace, stranger: User
) -> None:
    elsewhere = stranger.memberships.get().workspace
    with scope(elsewhere):
        failed = make_failed(make_connection(elsewhere))

    assert super_client.post(url("fix", workspace, failed.problem_id), {"choice": "x"}).status_code == 404
