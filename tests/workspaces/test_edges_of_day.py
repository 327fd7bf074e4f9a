"""Both edges of the day, in every place that asks which day it is where the workspace is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounting.queries.status import _held_back, make_status
from core.templatetags import display
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from tests.sampling import mostly_long
from workspaces.days import today
from workspaces.models import Workspace
from workspaces.scope import all_workspaces, scope, scope_by_id

pytestmark = pytest.mark.long

# Where, when by UTC, and the calendar date it is there. Midnight is at 12:00 UTC in Auckland (in June), at 07:00 UTC
# in Los Angeles.
EDGES = [
    ("Pacific/Auckland", "2026-06-10T11:30:00Z", "2026-06-10"),
    ("Pacific/Auckland", "2026-06-10T12:30:00Z", "2026-06-11"),
    ("Pacific/Auckland", "2026-06-10T23:30:00Z", "2026-06-11"),
    ("Pacific/Auckland", "2026-06-11T00:30:00Z", "2026-06-11"),
    ("America/Los_Angeles", "2026-06-10T06:30:00Z", "2026-06-09"),
    ("America/Los_Angeles", "2026-06-10T07:30:00Z", "2026-06-10"),
    ("America/Los_Angeles", "2026-06-10T23:30:00Z", "2026-06-10"),
    ("America/Los_Angeles", "2026-06-11T00:30:00Z", "2026-06-10"),
    # By summer time Auckland's midnight is at 11:00 UTC, Los Angeles' by winter time at 08:00 UTC.
    ("Pacific/Auckland", "2026-12-31T10:30:00Z", "2026-12-31"),
    ("Pacific/Auckland", "2026-12-31T11:30:00Z", "2027-01-01"),
    ("America/Los_Angeles", "2027-01-01T07:30:00Z", "2026-12-31"),
    ("America/Los_Angeles", "2027-01-01T08:30:00Z", "2027-01-01"),
]
# UTC's day is another one there, or that of the zone's offset in the other half of the year is.
TELLING = (EDGES[1], EDGES[7], EDGES[9], EDGES[10])
DAY = dt.timedelta(days=1)


@pytest.fixture(params=mostly_long(EDGES, quick=TELLING), ids=lambda edge: f"{edge[0]} {edge[1]}")
def day(request: Any, workspace: Workspace) -> Iterator[dt.date]:
    """The calendar date where the workspace is; the clock stands near the edge of that day."""
    zone, instant, expected = request.param
    Workspace.objects.filter(pk=workspace.pk).update(time_zone=zone)
    workspace.refresh_from_db()
    with time_machine.travel(instant, tick=False):
        yield dt.date.fromisoformat(expected)


def _page(client: Client, workspace: Workspace, name: str, *args: object, query: str = "") -> str:
    answer = client.get(reverse(name, args=[workspace.slug, *args]) + query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def _due(workspace: Workspace, due_date: dt.date) -> Invoice:
    with scope(workspace):
        return make_invoice(
            workspace, status=InvoiceStatus.APPROVED, issue_date=due_date - 14 * DAY, due_date=due_date
        )


def test_today_is_the_day_where_the_workspace_is(workspace: Workspace, day: dt.date) -> None:
    assert today(workspace) == day


@pytest.mark.parametrize("due_in_days", [-1, 0])
def test_lists_count_and_sum_what_was_due_before_today_as_overdue(
    workspace: Workspace, day: dt.date, super_client: Client, due_in_days: int
) -> None:
    invoice = _due(workspace, day + due_in_days * DAY)
    answer = super_client.get(reverse("invoices:list", args=[workspace.slug]) + "?status=overdue")
    late = [invoice] if due_in_days < 0 else []
    assert list(answer.context["page"]) == late
    assert [row["overdue"] for row in answer.context["sums"]] == [row.total for row in late]
    assert {tab: count for tab, _, count in answer.context["tabs"]}["overdue"] == len(late)


@pytest.mark.parametrize(("due_in_days", "is_late"), [(-1, True), (0, False)])
def test_invoice_and_customer_pages_call_it_overdue_the_day_after(
    workspace: Workspace, day: dt.date, super_client: Client, due_in_days: int, is_late: bool
) -> None:
    invoice = _due(workspace, day + due_in_days * DAY)
    pages = [
        _page(super_client, workspace, "invoices:detail", invoice.pk),
        _page(super_client, workspace, "customers:detail", invoice.customer_id),
        _page(super_client, workspace, "invoices:list"),
    ]
    assert ["Overdue</span>" in page or 'class="late"' in page for page in pages] == [is_late] * 3


def test_new_invoice_starts_with_today(workspace: Workspace, day: dt.date, super_client: Client) -> None:
    assert f'value="{day}"' in _page(super_client, workspace, "invoices:create")


def test_due_date_is_counted_from_the_issue_date_that_was_offered(
    workspace: Workspace, day: dt.date, super_client: Client
) -> None:
    with scope(workspace):
        customer = make_customer(workspace, payment_terms_days=10)
    form = super_client.get(reverse("invoices:create", args=[workspace.slug])).context["editor"].form
    typed = {"customer": customer.pk, "issue_date": form["issue_date"].value(), "amounts": "no_tax"}
    lines = {"description": "Design", "quantity": "1", "unit_amount": "10"}
    typed |= {f"lines-0-{name}": value for name, value in lines.items()}
    typed |= {"lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 0}
    answer = super_client.post(reverse("invoices:create", args=[workspace.slug]), typed)
    assert answer.status_code == 302
    with scope(workspace):
        invoice = Invoice.objects.get()
    assert (invoice.issue_date, invoice.due_date) == (day, day + 10 * DAY)


def test_payment_starts_with_today(workspace: Workspace, day: dt.date, super_client: Client) -> None:
    invoice = _due(workspace, day)
    assert f'value="{day}"' in _page(super_client, workspace, "payments:record", invoice.pk)


def test_task_tells_times_where_the_workspace_is(workspace: Workspace, day: dt.date) -> None:
    with scope_by_id(workspace.pk):
        assert timezone.localdate() == day
        assert display.moment(timezone.now()).endswith(f">{timezone.localtime():%H:%M}</time>")
    assert timezone.get_current_timezone_name() == "UTC"


def test_command_tells_times_where_the_workspace_is(workspace: Workspace, day: dt.date) -> None:
    with all_workspaces("a sweep"), scope(workspace):
        assert timezone.localdate() == day


def test_old_entry_is_dated_where_the_workspace_is(workspace: Workspace, day: dt.date) -> None:
    instant = timezone.now()
    with time_machine.travel(instant + 30 * DAY, tick=False), scope(workspace):
        assert f">{display.day(day)}</time>" in display.ago(instant)


def test_approved_version_in_xero_is_dated_where_the_workspace_is(workspace: Workspace, day: dt.date) -> None:
    status = make_status("synced", agreed_at=timezone.now())
    with scope(workspace):
        assert _held_back(status, "Open.").reason.endswith(f"version of {display.day(day)}.")
