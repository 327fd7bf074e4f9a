"""A conflict on its page, settled pick by pick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounting.enums import ConflictState, Kind, Resolution
from accounting.models import Conflict, Connection
from accounting.sync.pull import request_pull
from accounting.sync.together import choices_of
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.disagreeing import conflicts
from tests.accounting.pages import notices, url, words
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

__all__ = ["conflicts"]

Make = Callable[[int], list[Conflict]]


def _form(conflict: Conflict, *sides: str, **fields: str) -> dict[str, Any]:
    picks = zip(choices_of(conflict), sides, strict=False)
    return {"choice": "merge", "seen": 1, **{f"pick.{name}": side for name, side in picks}, **fields}


def _move_there(
    conflict: Conflict, sandbox: Handle, connected: Connection, sync: Callable[[], None], price: int
) -> None:
    Bookkeeper(sandbox, connected).change_price(conflict.link.remote_id, price)
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, conflict.link.remote_id)
    sync()


def test_page_offers_each_field_and_starts_with_the_side_that_changed_it(
    staff_client: Client, workspace: Workspace, conflicts: Make
) -> None:
    (conflict,) = conflicts(1)
    quantity, price = choices_of(conflict)

    page = staff_client.get(url("conflict", workspace, conflict.pk)).content.decode()

    assert page.count('type="radio"') == 4
    for name, side in ((quantity, "ours"), (price, "theirs")):
        (radio,) = [part for part in page.split("<input")[1:] if f'"pick.{name}" value="{side}"' in part]
        assert " checked>" in radio.split("<span")[0]


def test_result_is_shown_with_its_totals_and_nothing_is_written(
    staff_client: Client, workspace: Workspace, conflicts: Make
) -> None:
    (conflict,) = conflicts(1)

    response = staff_client.post(
        url("conflict_result", workspace, conflict.pk), _form(conflict, "ours", "theirs")
    )

    text = words(response)
    assert "Result NZ$2,277.00" in text  # 12 of 165.00, and 15 %
    assert "12 165.00" in text
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN
    assert str(Invoice.objects.get(pk=conflict.local_id).total) == "2070.00"


def test_result_without_script_is_a_page_that_keeps_the_picks(
    staff_client: Client, workspace: Workspace, conflicts: Make
) -> None:
    (conflict,) = conflicts(1)

    response = staff_client.post(
        url("conflict", workspace, conflict.pk), _form(conflict, "theirs", "ours", show="1")
    )

    page = response.content.decode()
    assert "Result NZ$1,725.00" in words(response)
    assert [
        part.split('value="')[1].split('"')[0] for part in page.split("<input") if " checked>" in part
    ] == [
        "theirs",
        "ours",
    ]
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN


def test_settled_by_picks_goes_to_the_record_and_both_sides_say_so(
    staff_client: Client,
    staff: User,
    workspace: Workspace,
    conflicts: Make,
    sandbox: Handle,
    connected: Connection,
    sync: Callable[[], None],
) -> None:
    (conflict,) = conflicts(1)

    response = staff_client.post(
        url("conflict", workspace, conflict.pk), _form(conflict, "ours", "theirs"), follow=True
    )
    sync()

    detail = reverse("invoices:detail", args=[workspace.slug, conflict.local_id])
    assert response.redirect_chain == [(detail, 302)]
    assert notices(response) == [
        "Settled. The result was written here, and what differs is on its way to Xero. Take it back"
    ]
    there = Bookkeeper(sandbox, connected).invoice(conflict.link.remote_id)
    assert (there["Total"], str(Invoice.objects.get(pk=conflict.local_id).total)) == (2277, "2277.00")
    conflict.refresh_from_db()
    assert (conflict.resolution, conflict.resolved_by) == (Resolution.MERGE, staff)


def test_settled_page_tells_what_came_of_it(
    staff_client: Client, workspace: Workspace, conflicts: Make
) -> None:
    (conflict,) = conflicts(1)
    page = url("conflict", workspace, conflict.pk)
    staff_client.post(page, _form(conflict, "ours", "theirs"))

    text = words(staff_client.get(page))

    assert "Settled: Put together from both" in text
    assert "Total NZ$1,725.00 NZ$2,070.00 (changed) NZ$1,897.50 (changed) NZ$2,277.00" in text


def test_settling_opens_the_next_one_and_the_list_after_the_last(
    staff_client: Client, workspace: Workspace, conflicts: Make
) -> None:
    last, *_ = rows = sorted(conflicts(2), key=lambda row: row.pk, reverse=True)
    first = rows[-1]
    form = _form(first, "ours", "theirs", next="1")

    response = staff_client.post(url("conflict", workspace, first.pk), form)
    assert response["Location"] == url("conflict", workspace, last.pk)
    response = staff_client.post(
        url("conflict", workspace, last.pk), _form(last, "theirs", "theirs", next="1")
    )
    assert response["Location"] == url("conflicts", workspace)


def test_refused_settling_keeps_what_was_picked(
    staff_client: Client, workspace: Workspace, conflicts: Make
) -> None:
    (conflict,) = conflicts(1)

    response = staff_client.post(url("conflict", workspace, conflict.pk), _form(conflict, "theirs"))

    told = "Pick a side for everything that differs, then settle."
    assert notices(response) == [f"This could not be done: {told}"]
    assert "Pick a side for 1 more." in words(response)
    assert response.content.decode().count(" checked>") == 1


def test_picks_of_what_has_moved_settle_nothing_and_show_what_moved(
    staff_client: Client,
    workspace: Workspace,
    conflicts: Make,
    sandbox: Handle,
    connected: Connection,
    sync: Callable[[], None],
) -> None:
    (conflict,) = conflicts(1)
    page, form = url("conflict", workspace, conflict.pk), _form(conflict, "ours", "theirs")
    _move_there(conflict, sandbox, connected, sync, 170)

    preview = words(staff_client.post(url("conflict_result", workspace, conflict.pk), form))
    response = staff_client.post(page, form, follow=True)

    assert "This has changed since you looked. Look again" in preview
    assert "unit price: 165.00 → became 170.00" in words(response)
    assert "165.00 → became 170.00" in words(staff_client.post(page, {**form, "show": "1"}, follow=True))
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN


@pytest.mark.parametrize("page", ["conflict", "conflict_result"])
def test_conflict_of_another_workspace_takes_no_picks(
    workspace: Workspace, stranger: User, conflicts: Make, page: str
) -> None:
    (conflict,) = conflicts(1)
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    theirs = stranger.memberships.get().workspace

    response = client.post(url(page, theirs, conflict.pk), _form(conflict, "ours", "theirs"))

    assert response.status_code == 404
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN
