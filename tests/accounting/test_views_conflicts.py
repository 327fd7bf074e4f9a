"""Out of sync: seen side by side, and decided."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounting.enums import ConflictState, Kind, LinkState, OpState, Resolution
from accounting.models import Conflict, Connection, Link, Operation
from accounting.sync.pull import request_pull
from core.testing import assert_queries
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.disagreeing import conflicts
from tests.accounting.pages import notices, url, words
from tests.sampling import mostly_long
from workspaces.models import User, Workspace
from workspaces.scope import scope
from xero_sandbox.handle import Handle

__all__ = ["conflicts"]


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries(
    staff_client: Client, workspace: Workspace, conflicts: Callable[[int], list[Conflict]], count: int
) -> None:
    assert len(conflicts(count)) == count

    with assert_queries(11):
        response = staff_client.get(url("conflicts", workspace))

    assert words(response).count("Lines just now") == count


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (["due_date", "net", "tax", "total", "lines"], "Due date, lines just now"),
        (["tax", "total"], "Tax, total just now"),
    ],
)
def test_list_leaves_out_sums_that_follow_from_the_rest(
    staff_client: Client,
    workspace: Workspace,
    conflicts: Callable[[int], list[Conflict]],
    fields: list[str],
    told: str,
) -> None:
    conflicts(1)
    Conflict.objects.update(fields=fields)

    assert told in words(staff_client.get(url("conflicts", workspace)))


def test_list_of_none_explains_itself(staff_client: Client, workspace: Workspace) -> None:
    assert "Nothing is out of sync" in words(staff_client.get(url("conflicts", workspace)))


def test_page_sets_the_versions_side_by_side(
    staff_client: Client, workspace: Workspace, conflicts: Callable[[int], list[Conflict]]
) -> None:
    (conflict,) = conflicts(1)

    text = words(staff_client.get(url("conflict", workspace, conflict.pk)))

    assert "In Tandem: quantity of line 1." in text
    assert "In Xero: unit price of line 1." in text
    assert "Line 1: Design" in text
    assert "Quantity 10 12 (changed) 10" in text
    assert "Unit price 150.00 150.00 165.00 (changed)" in text
    assert "Total NZ$1,725.00 NZ$2,070.00 (changed) NZ$1,897.50 (changed)" in text


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (
            "keep_ours",
            "Line 1: Design, quantity: 10 → becomes 12 Line 1: Design, unit price: 165.00 → becomes 150.00",
        ),
        (
            "take_theirs",
            "Line 1: Design, quantity: 12 → becomes 10 Line 1: Design, unit price: 150.00 → becomes 165.00",
        ),
    ],
)
def test_choice_says_first_exactly_what_it_overwrites(
    staff_client: Client,
    workspace: Workspace,
    conflicts: Callable[[int], list[Conflict]],
    choice: str,
    told: str,
) -> None:
    (conflict,) = conflicts(1)

    response = staff_client.get(url("conflict", workspace, conflict.pk), {"choice": choice})

    assert told in words(response)
    assert response.content.decode().count(f'value="{choice}"') == 1
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN


def test_two_choices_weigh_the_same_and_neither_is_the_first(
    staff_client: Client, workspace: Workspace, conflicts: Callable[[int], list[Conflict]]
) -> None:
    (conflict,) = conflicts(1)

    page = staff_client.get(url("conflict", workspace, conflict.pk)).content.decode()

    assert "button--primary" not in page


def test_keep_ours_sends_tandems_version(
    staff_client: Client,
    staff: User,
    workspace: Workspace,
    conflicts: Callable[[int], list[Conflict]],
    sync: Callable[[], None],
    sandbox: Handle,
    connected: Connection,
) -> None:
    (conflict,) = conflicts(1)

    response = staff_client.post(
        url("conflict", workspace, conflict.pk), {"choice": "keep_ours", "seen": 1}, follow=True
    )
    sync()

    detail = reverse("invoices:detail", args=[workspace.slug, conflict.local_id])
    assert response.redirect_chain == [(detail, 302)]
    assert notices(response) == ["Settled. Tandem's version was kept and is on its way to Xero. Take it back"]
    there = Bookkeeper(sandbox, connected).invoice(conflict.link.remote_id)
    assert (there["Total"], there["LineItems"][0]["Quantity"]) == (2070, 12)
    conflict.refresh_from_db()
    assert (conflict.resolution, conflict.resolved_by) == (Resolution.KEEP_OURS, staff)
    assert Link.objects.get(pk=conflict.link_id).state == LinkState.ACTIVE


def test_take_theirs_writes_xeros_version(
    staff_client: Client, workspace: Workspace, conflicts: Callable[[int], list[Conflict]]
) -> None:
    (conflict,) = conflicts(1)

    staff_client.post(url("conflict", workspace, conflict.pk), {"choice": "take_theirs", "seen": 1})

    invoice = Invoice.objects.get(pk=conflict.local_id)
    assert (str(invoice.total), invoice.lines.get().quantity) == ("1897.50", 10)
    assert Operation.objects.exclude(state=OpState.PENDING).exists() is False


def test_settled_page_tells_who_decided(
    staff_client: Client, staff: User, workspace: Workspace, conflicts: Callable[[int], list[Conflict]]
) -> None:
    (conflict,) = conflicts(1)
    page = url("conflict", workspace, conflict.pk)
    staff_client.post(page, {"choice": "take_theirs", "seen": 1})

    text = words(staff_client.get(page))

    assert f"Settled: Took Xero's {staff} decided" in text
    assert "Keep ours" not in text


def test_decision_that_came_too_late_changes_nothing(
    staff_client: Client, workspace: Workspace, conflicts: Callable[[int], list[Conflict]]
) -> None:
    (conflict,) = conflicts(1)
    page = url("conflict", workspace, conflict.pk)
    staff_client.post(page, {"choice": "take_theirs", "seen": 1})

    response = staff_client.post(page, {"choice": "keep_ours", "seen": 1}, follow=True)

    assert notices(response)[-1] == "This was settled meanwhile. Nothing was changed by this press."
    conflict.refresh_from_db()
    assert conflict.resolution == Resolution.TAKE_THEIRS


def _moved(
    conflict: Conflict, bookkeeper: Bookkeeper, connected: Connection, sync: Callable[[], None]
) -> None:
    """The bookkeeper changes the price again, and a worker hears of it."""
    bookkeeper.change_price(conflict.link.remote_id, 170)
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, conflict.link.remote_id)
    sync()


def test_answer_to_what_has_moved_changes_nothing_and_shows_old_beside_new(
    staff_client: Client,
    workspace: Workspace,
    conflicts: Callable[[int], list[Conflict]],
    sandbox: Handle,
    connected: Connection,
    sync: Callable[[], None],
) -> None:
    (conflict,) = conflicts(1)
    page = url("conflict", workspace, conflict.pk)
    _moved(conflict, Bookkeeper(sandbox, connected), connected, sync)

    response = staff_client.post(page, {"choice": "take_theirs", "seen": 1}, follow=True)

    told = words(response)
    assert "This has changed since you looked, so nothing was settled" in told
    assert "In Xero: Line 1: Design, unit price: 165.00 → became 170.00" in told
    assert 'name="seen" value="2"' in response.content.decode()
    assert Invoice.objects.get(pk=conflict.local_id).lines.get().quantity == 12
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN


def test_choice_of_what_has_moved_is_not_offered_for_confirmation(
    staff_client: Client,
    workspace: Workspace,
    conflicts: Callable[[int], list[Conflict]],
    sandbox: Handle,
    connected: Connection,
    sync: Callable[[], None],
) -> None:
    (conflict,) = conflicts(1)
    _moved(conflict, Bookkeeper(sandbox, connected), connected, sync)

    response = staff_client.get(url("conflict", workspace, conflict.pk), {"choice": "keep_ours", "seen": 1})

    assert "165.00 → became 170.00" in words(response)
    assert (response.context["choice"], "Send ours to Xero" in words(response)) == ("", False)


@pytest.mark.parametrize("seen", mostly_long(["", "0", "x", "²", "999999999999999999999"], quick=["x"]))
def test_answer_that_does_not_tell_what_it_saw_changes_nothing(
    staff_client: Client, workspace: Workspace, conflicts: Callable[[int], list[Conflict]], seen: str
) -> None:
    (conflict,) = conflicts(1)

    response = staff_client.post(
        url("conflict", workspace, conflict.pk), {"choice": "keep_ours", "seen": seen}, follow=True
    )

    assert "Look again, then decide." in words(response)
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN


def test_unknown_choice_changes_nothing(
    staff_client: Client, workspace: Workspace, conflicts: Callable[[int], list[Conflict]]
) -> None:
    (conflict,) = conflicts(1)

    response = staff_client.post(url("conflict", workspace, conflict.pk), {"choice": "agreed"}, follow=True)

    assert notices(response) == ["Choose one of the two versions."]
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN


def test_page_of_another_workspace_is_not_found(
    stranger: User, conflicts: Callable[[int], list[Conflict]]
) -> None:
    (conflict,) = conflicts(1)
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(url("conflict", stranger.memberships.get().workspace, conflict.pk)).status_code == 404


def test_change_in_xero_that_matches_ours_closes_it_by_itself(
    staff_client: Client,
    workspace: Workspace,
    conflicts: Callable[[int], list[Conflict]],
    sandbox: Handle,
    connected: Connection,
    sync: Callable[[], None],
) -> None:
    (conflict,) = conflicts(1)
    lines = Bookkeeper(sandbox, connected).invoice(conflict.link.remote_id)["LineItems"]
    wire = {key: lines[0][key] for key in ("LineItemID", "Description", "AccountCode", "TaxType")}
    Bookkeeper(sandbox, connected).change_invoice(
        conflict.link.remote_id, LineItems=[{**wire, "Quantity": 12, "UnitAmount": 150}]
    )
    with scope(workspace), transaction.atomic():
        request_pull(connected, Kind.INVOICE, conflict.link.remote_id, at=None)
    sync()

    text = words(staff_client.get(url("conflict", workspace, conflict.pk)))

    assert "Settled: Became equal It closed by itself" in text
