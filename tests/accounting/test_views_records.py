"""A record's badge and card: they follow by themselves, and people act on them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounting.enums import ConnectionState, EventKind, Kind, Lane, LinkState, OpState
from accounting.models import Connection, Link, Operation
from accounting.queries.panel import record_panel
from accounting.sync.history import tell
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.pages import url, words
from tests.factories.accounting import make_connection, make_link
from tests.factories.invoices import make_invoice
from workspaces.models import Workspace
from workspaces.scope import scope

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    with scope(workspace):
        return make_connection(workspace)


@pytest.fixture
def invoice(connection: Connection, workspace: Workspace) -> Invoice:
    """Approved, and waiting to be sent."""
    with scope(workspace):
        return make_invoice(workspace, number="INV-9", status=InvoiceStatus.APPROVED)


def operation(invoice: Invoice) -> Operation:
    return Operation.objects.get(kind=Kind.INVOICE, local_id=invoice.pk)


def settle(invoice: Invoice) -> Link:
    """Xero has it."""
    Operation.objects.all().delete()
    return make_link(Connection.objects.get(), Kind.INVOICE, invoice.pk)


def test_badge_stays_while_nothing_changed(
    staff_client: Client, workspace: Workspace, invoice: Invoice
) -> None:
    response = staff_client.get(url("badge", workspace, Kind.INVOICE, invoice.pk), {"seen": "pending"})

    assert (response.status_code, response.content) == (204, b"")


def test_badge_that_moves_asks_again(staff_client: Client, workspace: Workspace, invoice: Invoice) -> None:
    html = staff_client.get(url("badge", workspace, Kind.INVOICE, invoice.pk)).content.decode()

    assert 'hx-trigger="every 2s"' in html
    assert f"{url('badge', workspace, Kind.INVOICE, invoice.pk)}?seen=pending" in html


def test_badge_that_settled_is_shown_and_asks_no_more(
    staff_client: Client, workspace: Workspace, invoice: Invoice
) -> None:
    with scope(workspace):
        settle(invoice)

    response = staff_client.get(url("badge", workspace, Kind.INVOICE, invoice.pk), {"seen": "pending"})

    assert words(response) == "Synced"
    assert "hx-" not in response.content.decode()


def test_card_stays_while_nothing_changed(
    staff_client: Client, workspace: Workspace, invoice: Invoice
) -> None:
    with scope(workspace):
        token = record_panel(Kind.INVOICE, invoice).token

    response = staff_client.get(url("record_status", workspace, Kind.INVOICE, invoice.pk), {"seen": token})

    assert (response.status_code, response.headers.get("HX-Trigger-After-Settle")) == (204, None)


def test_card_that_changed_tells_the_page(
    staff_client: Client, workspace: Workspace, invoice: Invoice
) -> None:
    with scope(workspace):
        Link.objects.filter(pk=settle(invoice).pk).update(agreed_at=timezone.now())

    response = staff_client.get(url("record_status", workspace, Kind.INVOICE, invoice.pk), {"seen": "old"})

    assert json.loads(response["HX-Trigger-After-Settle"]) == {"recordChanged": True}
    assert words(response).startswith("Xero Synced Tandem and Xero agree. Last synced ")
    assert "View in Xero" in words(response)


def test_card_of_a_failure_says_why_and_what_to_do(
    staff_client: Client, workspace: Workspace, invoice: Invoice
) -> None:
    with scope(workspace):
        Operation.objects.filter(local_id=invoice.pk).update(
            state=OpState.FAILED,
            error="The period is locked.",
            error_detail="The document date <b>is</b> locked",
            error_reference="corr-17",
        )

    response = staff_client.get(url("record_status", workspace, Kind.INVOICE, invoice.pk))

    assert "Needs attention The period is locked." in words(response)
    said = "What Xero said The document date <b>is</b> locked Xero's reference, for its support: corr-17"
    assert said in words(response)
    assert "Try again" in words(response)


def test_card_of_a_failure_says_xeros_words_once(
    staff_client: Client, workspace: Workspace, invoice: Invoice
) -> None:
    with scope(workspace):
        Operation.objects.filter(local_id=invoice.pk).update(
            state=OpState.FAILED, error="Xero says: No such thing.", error_detail="No such thing."
        )

    told = words(staff_client.get(url("record_status", workspace, Kind.INVOICE, invoice.pk)))

    assert (told.count("No such thing."), "What Xero said" in told) == (1, False)


@pytest.mark.parametrize(
    ("role", "told"), [("super", "Choose in Settings"), ("staff", "Ask a super user of Acme Studio.")]
)
def test_card_of_missing_setup_tells_each_what_they_can_do(
    request: Any, workspace: Workspace, invoice: Invoice, role: str, told: str
) -> None:
    with scope(workspace):
        Operation.objects.filter(local_id=invoice.pk).update(
            state=OpState.BLOCKED, blocker="setup", error="Choose the revenue account."
        )
    client = request.getfixturevalue(f"{role}_client")

    text = words(client.get(url("record_status", workspace, Kind.INVOICE, invoice.pk)))

    assert "Choose the revenue account. It is sent by itself then." in text
    assert told in text


def test_card_shows_the_history_with_changes(
    staff_client: Client, workspace: Workspace, connection: Connection, invoice: Invoice
) -> None:
    with scope(workspace):
        tell(
            connection,
            EventKind.RECEIVED,
            "Changed in Xero: due date.",
            kind=Kind.INVOICE,
            local_id=invoice.pk,
            changes=[("due_date", "2026-03-16", "2026-03-20")],
        )

    text = words(staff_client.get(url("record_status", workspace, Kind.INVOICE, invoice.pk)))

    assert "Changed in Xero: due date. Due date: 16 Mar 2026 became → 20 Mar 2026" in text


def test_send_now_records_a_push(staff_client: Client, workspace: Workspace, invoice: Invoice) -> None:
    with scope(workspace):
        settle(invoice)

    response = staff_client.post(url("send_now", workspace, Kind.INVOICE, invoice.pk), **HTMX)

    assert words(response).startswith("Xero Pending")
    with scope(workspace):
        assert operation(invoice).state == OpState.PENDING


def test_send_now_without_script_leads_to_the_record(
    staff_client: Client, workspace: Workspace, invoice: Invoice
) -> None:
    response = staff_client.post(url("send_now", workspace, Kind.INVOICE, invoice.pk))

    assert response["Location"] == reverse("invoices:detail", args=[workspace.slug, invoice.pk])


def test_send_now_of_a_paused_record_keeps_it_waiting(
    staff_client: Client, workspace: Workspace, invoice: Invoice
) -> None:
    with scope(workspace):
        Connection.objects.update(state=ConnectionState.NEEDS_REAUTH)

    response = staff_client.post(url("send_now", workspace, Kind.INVOICE, invoice.pk), **HTMX)

    assert words(response).startswith("Xero Waiting: connection paused")


def test_retry_tries_the_record_and_the_one_it_waits_for(
    staff_client: Client, workspace: Workspace, connection: Connection, invoice: Invoice
) -> None:
    with scope(workspace):
        Operation.objects.filter(kind=Kind.CUSTOMER).update(state=OpState.FAILED, error="Refused.")
        Operation.objects.filter(local_id=invoice.pk).update(
            state=OpState.BLOCKED, blocker="dependency", blocked_on=invoice.customer_id, error="Waiting."
        )

    staff_client.post(url("retry_record", workspace, Kind.INVOICE, invoice.pk))

    with scope(workspace):
        assert Operation.objects.get(kind=Kind.CUSTOMER).state == OpState.PENDING


def test_retry_reads_a_refused_change_again(
    staff_client: Client, workspace: Workspace, connection: Connection, invoice: Invoice
) -> None:
    with scope(workspace):
        link = settle(invoice)
        Operation.objects.create(
            workspace=workspace,
            connection=connection,
            lane=Lane.PULL,
            kind=Kind.INVOICE,
            remote_id=link.remote_id,
            state=OpState.FAILED,
            error="Refused.",
        )

    staff_client.post(url("retry_record", workspace, Kind.INVOICE, invoice.pk))

    with scope(workspace):
        assert Operation.objects.get().state == OpState.PENDING


def test_card_of_an_out_of_sync_record_leads_to_the_decision(
    staff_client: Client, workspace: Workspace, invoice: Invoice
) -> None:
    with scope(workspace):
        settle(invoice)
        Link.objects.update(state=LinkState.OUT_OF_SYNC)

    text = words(staff_client.get(url("record_status", workspace, Kind.INVOICE, invoice.pk)))

    assert text.startswith("Xero Out of sync Changed here and in Xero.")
