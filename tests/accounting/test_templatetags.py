"""The tags that the pages of every app use."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.test import Client

from accounting.enums import Kind
from accounting.models import Operation
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.factories.accounting import make_connection, make_link
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from workspaces.models import Workspace

LIST = Template(
    '{% load sync_status %}{% sync_states "invoice" rows as states %}'
    "{% for row in rows %}{% sync_badge states row %}{% endfor %}"
)
CARD = Template('{% load sync_status %}{% sync_panel "invoice" row %}')


def make_synced(workspace: Workspace, count: int) -> list[Invoice]:
    connection = make_connection(workspace)
    rows = [make_invoice(workspace, status=InvoiceStatus.APPROVED) for _ in range(count)]
    Operation.objects.all().delete()
    for row in rows:
        make_link(connection, Kind.INVOICE, row.pk)
    return rows


@pytest.mark.parametrize("count", [1, 3])
def test_badges_of_a_page_take_one_query(in_workspace: Workspace, count: int) -> None:
    rows = make_synced(in_workspace, count)

    with assert_queries(1):
        html = LIST.render(Context({"workspace": in_workspace, "rows": rows}))

    assert html.count("Synced") == count


def test_badge_of_a_settled_record_does_not_ask_again(in_workspace: Workspace) -> None:
    html = LIST.render(Context({"workspace": in_workspace, "rows": make_synced(in_workspace, 1)}))

    assert "hx-" not in html


def test_badge_of_a_moving_record_asks_again(in_workspace: Workspace) -> None:
    make_connection(in_workspace)
    row = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)

    html = LIST.render(Context({"workspace": in_workspace, "rows": [row]}))

    assert 'hx-trigger="every 2s"' in html
    assert f"/records/invoice/{row.pk}/badge/?seen=pending" in html


def test_badge_tells_its_reason_to_everybody(in_workspace: Workspace) -> None:
    """To those who point at it and to those who hear it."""
    make_connection(in_workspace)
    row = make_invoice(in_workspace)

    html = LIST.render(Context({"workspace": in_workspace, "rows": [row]}))

    assert 'title="Goes to Xero once it is approved."' in html
    assert '<span class="visually-hidden">: Goes to Xero once it is approved.</span>' in html


def test_badges_of_an_unconnected_workspace_leave_their_cells_empty(in_workspace: Workspace) -> None:
    rows = [make_invoice(in_workspace)]

    with assert_queries(1):
        html = LIST.render(Context({"workspace": in_workspace, "rows": rows}))

    assert html == ""


def test_list_of_customers_of_an_unconnected_workspace_has_no_badge_and_one_banner(
    in_workspace: Workspace, staff_client: Client
) -> None:
    for _ in range(2):
        make_customer(in_workspace)

    page = staff_client.get(f"/w/{in_workspace.slug}/customers/").text

    assert (page.count("data-sync="), page.count("Xero is not connected, so nothing here is sent.")) == (0, 1)
    assert '<th scope="col">Xero</th>' not in page


def test_card_follows_by_itself(in_workspace: Workspace) -> None:
    (row,) = make_synced(in_workspace, 1)

    html = CARD.render(Context({"workspace": in_workspace, "membership": None, "row": row}))

    assert 'id="sync-panel"' in html
    assert f"/records/invoice/{row.pk}/?seen=" in html
    assert 'hx-trigger="every 5s, recordChanged from:body"' in html


def test_card_of_a_settled_record_takes_two_queries(in_workspace: Workspace) -> None:
    (row,) = make_synced(in_workspace, 1)

    with assert_queries(2):
        CARD.render(Context({"workspace": in_workspace, "membership": None, "row": row}))
