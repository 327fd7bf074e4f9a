"""Decisions that can still be taken back, on the page of each and in the list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounting.enums import ConflictState, Resolution
from accounting.models import Conflict
from accounting.sync.resolve_many import resolve_many
from core.testing import assert_queries
from invoices.models import Invoice
from tests.accounting.disagreeing import conflicts
from tests.accounting.pages import notices, url, words
from workspaces.models import User, Workspace

__all__ = ["conflicts"]

Make = Callable[[int], list[Conflict]]


def _decide(rows: list[Conflict], by: User, choice: Resolution = Resolution.TAKE_THEIRS) -> None:
    outcomes = resolve_many(answers=[(row, 1) for row in rows], choice=choice, by=by)
    assert outcomes.settled == rows


def _open() -> int:
    return Conflict.objects.filter(state=ConflictState.OPEN).count()


def test_one_is_taken_back_on_its_page(
    staff_client: Client, staff: User, workspace: Workspace, conflicts: Make
) -> None:
    (row,) = conflicts(1)
    _decide([row], staff)
    page = url("conflict", workspace, row.pk)
    assert "Taken back, both versions are as they were" in words(staff_client.get(page))

    response = staff_client.post(
        url("take_back_decisions", workspace), {"chosen": [str(row.pk)]}, follow=True
    )

    assert response.redirect_chain == [(page, 302)]
    assert notices(response) == ["Taken back: 1. It waits for a decision again."]
    assert "Keep ours" in words(response)
    assert str(Invoice.objects.get(pk=row.local_id).total) == "2070.00"


@pytest.mark.long
def test_several_are_taken_back_from_the_list(
    staff_client: Client, staff: User, workspace: Workspace, conflicts: Make
) -> None:
    rows = conflicts(3)
    _decide(rows, staff, Resolution.KEEP_OURS)
    text = words(staff_client.get(url("conflicts", workspace)))
    assert (text.count("Kept ours"), "Nothing is out of sync" in text) == (3, True)

    chosen = [str(row.pk) for row in rows[:2]]
    response = staff_client.post(url("take_back_decisions", workspace), {"chosen": chosen}, follow=True)

    assert notices(response) == ["Taken back: 2. They wait for a decision again."]
    assert (_open(), words(response).count("Kept ours")) == (2, 1)


def test_what_was_sent_says_so_and_is_offered_no_more(
    staff_client: Client, staff: User, workspace: Workspace, conflicts: Make, sync: Callable[[], None]
) -> None:
    (row,) = conflicts(1)
    _decide([row], staff, Resolution.KEEP_OURS)
    sync()

    text = words(staff_client.get(url("conflict", workspace, row.pk)))
    assert "It was sent to Xero, so it can no longer be taken back." in text
    assert "Decided lately" not in words(staff_client.get(url("conflicts", workspace)))
    told = staff_client.post(url("take_back_decisions", workspace), {"chosen": [str(row.pk)]}, follow=True)

    name = Invoice.objects.get(pk=row.local_id).number
    assert notices(told)[0].startswith(f"Invoice {name}: It was sent to Xero")
    assert _open() == 0


@pytest.mark.parametrize("chosen", [[], ["x"]])
def test_nothing_chosen_takes_nothing_back(
    staff_client: Client, workspace: Workspace, chosen: list[str]
) -> None:
    told = staff_client.post(url("take_back_decisions", workspace), {"chosen": chosen}, follow=True)
    assert notices(told) == ["Choose the decisions to take back."]


def test_decisions_of_another_workspace_are_not_taken_back(
    staff: User, stranger: User, conflicts: Make
) -> None:
    (row,) = conflicts(1)
    _decide([row], staff)
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    theirs = stranger.memberships.get().workspace
    client.post(url("take_back_decisions", theirs), {"chosen": [str(row.pk)]})
    assert _open() == 0


@pytest.mark.long
@pytest.mark.parametrize("count", [1, 3])
def test_list_of_decisions_takes_the_same_queries(
    staff_client: Client, staff: User, workspace: Workspace, conflicts: Make, count: int
) -> None:
    _decide(conflicts(count), staff)
    with assert_queries(10):
        staff_client.get(url("conflicts", workspace))
