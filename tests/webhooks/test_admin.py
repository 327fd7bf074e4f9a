"""The inbox in the administrators' pages: seen, never edited, replayed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounting.enums import Kind, Lane
from accounting.models import Connection, Operation
from tests.factories.accounting import make_connection, make_link
from tests.factories.people import make_administrator, signed_in
from webhooks import process
from webhooks.models import Delivery, DeliveryState, Event, EventState
from workspaces.models import Workspace
from workspaces.scope import all_workspaces, scope


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(make_administrator())


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    with scope(workspace):
        connection = make_connection(workspace)
        make_link(connection, Kind.INVOICE, workspace.pk, "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777")
        return connection


@pytest.fixture
def delivery(connection: Connection) -> Delivery:
    """Worked off: its event asked for a read, and that read is done."""
    event = {
        "resourceUrl": "https://api.xero.com/api.xro/2.0/Invoices/717f2bfc-c6d4-41fd-b238-3f2f0c0cf777",
        "resourceId": "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777",
        "eventDateUtc": "2126-03-02T09:00:00.000",
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": connection.tenant_id,
        "tenantType": "ORGANISATION",
    }
    body = {"events": [event], "firstEventSequence": 1, "lastEventSequence": 1, "entropy": "ABC"}
    row = Delivery.objects.create(body=json.dumps(body).encode())
    process.run()
    with scope(connection.workspace):
        Operation.objects.all().delete()
    row.refresh_from_db()
    return row


def act(client: Client, action: str, *pks: Any) -> Any:
    page = reverse("admin:webhooks_delivery_changelist")
    return client.post(page, {"action": action, "_selected_action": list(map(str, pks))}, follow=True)


@pytest.mark.parametrize("model", ["delivery", "event"])
def test_list_opens_searches_and_filters(admin: Client, delivery: Delivery, model: str) -> None:
    page = reverse(f"admin:webhooks_{model}_changelist")

    for query in ({}, {"q": "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777"}, {"state": "processed"}):
        assert admin.get(page, query).status_code == 200


def test_delivery_shows_its_body_and_events(admin: Client, delivery: Delivery) -> None:
    page = admin.get(reverse("admin:webhooks_delivery_change", args=[delivery.pk])).content.decode()

    assert "firstEventSequence" in page
    assert "INVOICE" in page


@pytest.mark.parametrize("model", ["delivery", "event"])
def test_nothing_can_be_added(admin: Client, model: str) -> None:
    assert admin.get(reverse(f"admin:webhooks_{model}_add")).status_code == 403


def test_replay_asks_for_the_reads_again(
    admin: Client, delivery: Delivery, connection: Connection, workspace: Workspace
) -> None:
    response = act(admin, "replay", delivery.pk)

    assert "1 deliveries were replayed." in response.content.decode()
    with scope(workspace):
        assert Operation.objects.get(lane=Lane.PULL).remote_id == "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777"
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PROCESSED
    with all_workspaces("a test looks"):
        assert [event.state for event in Event.objects.all()] == [EventState.REQUESTED]


def test_replay_of_a_malformed_delivery_stays_flagged(admin: Client) -> None:
    broken = Delivery.objects.create(body=b"<not json>")

    act(admin, "replay", broken.pk)

    broken.refresh_from_db()
    assert broken.state == DeliveryState.MALFORMED
