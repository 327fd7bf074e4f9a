"""Several conflicts at once: chosen on the list, told what is overwritten, settled by the versions that were seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounting.enums import ConflictState, Kind, Resolution
from accounting.models import Conflict, Connection
from accounting.sync import apply
from accounting.sync.pull import request_pull
from accounting.sync.resolve import resolve
from core.testing import assert_queries
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.disagreeing import conflicts
from tests.accounting.pages import notices, url, words
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

__all__ = ["conflicts"]

Make = Callable[[int], list[Conflict]]
QUERIES = {"keep_ours": 23, "take_theirs": 10}


def _form(rows: list[Conflict], choice: str = "take_theirs") -> dict[str, Any]:
    return {"choice": choice, "chosen": [f"{row.pk}:1" for row in rows]}


def _open() -> set[object]:
    return {*Conflict.objects.filter(state=ConflictState.OPEN).values_list("pk", flat=True)}


def test_list_lets_records_be_chosen_by_the_version_that_it_shows(
    staff_client: Client, workspace: Workspace, conflicts: Make
) -> None:
    rows = conflicts(2)

    page = staff_client.get(url("conflicts", workspace)).content.decode()

    assert all(f'name="chosen" value="{row.pk}:1"' in page for row in rows)


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("keep_ours", "Quantity of line 1: 10 → becomes 12 Unit price of line 1: 165.00 → becomes 150.00"),
        ("take_theirs", "Quantity of line 1: 12 → becomes 10 Unit price of line 1: 150.00 → becomes 165.00"),
    ],
)
@pytest.mark.parametrize("count", [1, 3])
def test_confirmation_tells_what_is_overwritten_in_the_same_queries(
    staff_client: Client, workspace: Workspace, conflicts: Make, choice: str, told: str, count: int
) -> None:
    rows = conflicts(count)

    with assert_queries(QUERIES[choice]):
        text = words(staff_client.get(url("decide_many", workspace), _form(rows, choice)))

    assert text.count(told) == count
    assert len(_open()) == count


def test_confirmed_choice_settles_all_that_were_chosen_and_no_other(
    staff_client: Client, staff: User, workspace: Workspace, conflicts: Make
) -> None:
    *chosen, other = conflicts(3)

    response = staff_client.post(url("decide_many", workspace), _form(chosen), follow=True)

    assert notices(response) == ["Settled: 2."]
    assert _open() == {other.pk}
    for row in chosen:
        row.refresh_from_db()
        assert (row.resolution, row.resolved_by) == (Resolution.TAKE_THEIRS, staff)
        assert str(Invoice.objects.get(pk=row.local_id).total) == "1897.50"


def test_what_has_moved_is_named_and_left_and_the_others_are_settled(
    staff_client: Client,
    staff: User,
    workspace: Workspace,
    conflicts: Make,
    sandbox: Handle,
    connected: Connection,
    sync: Callable[[], None],
) -> None:
    moved, closed, kept = conflicts(3)
    form = _form([moved, closed, kept])
    Bookkeeper(sandbox, connected).change_price(moved.link.remote_id, 170)
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, moved.link.remote_id)
    sync()
    resolve(conflict=closed, choice=Resolution.KEEP_OURS, seen=1, by=staff)

    response = staff_client.post(url("decide_many", workspace), form, follow=True)

    name = f"Invoice {Invoice.objects.get(pk=moved.local_id).number}"
    assert notices(response) == [
        "Settled: 1.",
        f"Changed since you looked, so nothing was settled for {name}. Look again.",
        "Settled meanwhile by somebody else, or by itself: 1.",
    ]
    assert _open() == {moved.pk}


def test_one_that_is_refused_is_told_and_holds_up_no_other(
    staff_client: Client, workspace: Workspace, conflicts: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused, settled = conflicts(2)
    true = apply.try_apply

    def refuse(connection: Any, theirs: Any, desk: Any, **how: Any) -> Any:
        if theirs.remote_id == refused.link.remote_id:
            return apply.Untaken(apply.ErrorClass.PERMANENT, "The period is locked.", "")
        return true(connection, theirs, desk, **how)

    monkeypatch.setattr("accounting.sync.resolve.apply.try_apply", refuse)
    response = staff_client.post(url("decide_many", workspace), _form([refused, settled]), follow=True)

    name = f"Invoice {Invoice.objects.get(pk=refused.local_id).number}"
    assert notices(response) == ["Settled: 1.", f"{name} could not be settled: The period is locked."]
    assert _open() == {refused.pk}


@pytest.mark.parametrize("chosen", [[], ["x"], ["x:1", ":"]])
def test_nothing_chosen_is_said(staff_client: Client, workspace: Workspace, chosen: list[str]) -> None:
    form = {"choice": "take_theirs", "chosen": chosen}
    response = staff_client.post(url("decide_many", workspace), form, follow=True)
    assert notices(response) == ["Choose the records, then one of the two versions."]


@pytest.mark.parametrize("choice", ["", "merge", "agreed"])
def test_only_a_whole_version_is_taken_for_several(
    staff_client: Client, workspace: Workspace, conflicts: Make, choice: str
) -> None:
    rows = conflicts(1)
    staff_client.post(url("decide_many", workspace), _form(rows, choice))
    assert _open() == {rows[0].pk}


def test_version_that_is_not_told_settles_nothing(
    staff_client: Client, workspace: Workspace, conflicts: Make
) -> None:
    (row,) = conflicts(1)
    staff_client.post(
        url("decide_many", workspace), {"choice": "keep_ours", "chosen": [str(row.pk), f"{row.pk}:²"]}
    )
    assert _open() == {row.pk}


def test_conflicts_of_another_workspace_cannot_be_chosen(
    workspace: Workspace, stranger: User, conflicts: Make
) -> None:
    rows = conflicts(1)
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    theirs = stranger.memberships.get().workspace

    client.post(url("decide_many", theirs), _form(rows))

    assert _open() == {rows[0].pk}
