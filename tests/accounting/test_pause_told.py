"""What people are told of a pause, and who may read who made it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounting.enums import Kind, OpState
from accounting.models import Connection, Operation
from accounting.queries.health import check_up
from accounting.queries.setup import connection_card, queue_of
from accounting.queries.status import status_for
from tests.accounting.pages import url, words
from tests.accounting.pausing import helper, paused
from tests.factories.accounting import make_batch
from tests.factories.customers import make_customer
from workspaces.models import AuditEntry, User, Workspace

__all__ = ["helper", "paused"]

PAGES = ["activity", "problems", "unsent"]


@pytest.mark.parametrize("page", PAGES)
def test_pause_is_told_on_every_page_with_who_must_act(
    staff_client: Client, paused: Connection, in_workspace: Workspace, page: str
) -> None:
    told = words(staff_client.get(url(page, in_workspace)))

    assert "Tandem's support paused the connection. Only they can resume it." in told
    assert "reconnect" not in told.lower()


def test_settings_tell_of_the_pause_and_offer_no_way_around(
    super_client: Client, paused: Connection, in_workspace: Workspace
) -> None:
    Connection.objects.update(resume_at=timezone.now() + dt.timedelta(hours=1), resume_reason="Away.")

    told = words(super_client.get(url("settings", in_workspace)))

    assert "Paused by Tandem's support, " in told
    assert "Nothing goes either way until they resume it." in told
    assert "Try now" not in told
    assert connection_card().rest is None


def test_manage_does_not_call_a_paused_connection_connected(
    super_client: Client, paused: Connection, in_workspace: Workspace
) -> None:
    told = words(super_client.get(url("mapping", in_workspace)))

    assert f"{paused.tenant_name} Paused" in told
    assert f"{paused.tenant_name} Connected" not in told


@pytest.mark.parametrize("state", [OpState.PENDING, OpState.IN_FLIGHT])
def test_what_waits_says_that_the_connection_is_paused(paused: Connection, state: str) -> None:
    customer = make_customer(paused.workspace)
    if state == OpState.IN_FLIGHT:
        Operation.objects.update(state=state, batch=make_batch(paused))

    told = status_for(Kind.CUSTOMER, [customer.pk])[customer.pk]

    assert (told.label, told.is_moving) == ("Waiting: connection paused", False)
    assert told.reason == "Tandem's support paused the connection. It is sent once they resume it."
    assert (queue_of(paused).waiting, queue_of(paused).sending) == (1, 0)


def test_record_that_waits_for_support_asks_nobody_else(
    staff_client: Client, paused: Connection, in_workspace: Workspace
) -> None:
    customer = make_customer(in_workspace)

    told = words(staff_client.get(reverse("customers:detail", args=[in_workspace.slug, customer.pk])))

    assert "It is sent once they resume it." in told
    assert "Ask a super user" not in told


def test_people_read_that_support_did_it_and_the_audit_who(
    staff_client: Client, paused: Connection, in_workspace: Workspace, helper: User
) -> None:
    told = words(staff_client.get(url("activity", in_workspace)))

    assert "Paused by Tandem's support." in told
    assert str(helper) not in told
    entry = AuditEntry.objects.get(action="connection.paused")
    assert (entry.target_id, entry.actor, entry.actor_name) == (paused.pk, helper, str(helper))


def test_paused_connection_is_not_stuck(paused: Connection) -> None:
    make_customer(paused.workspace)
    Operation.objects.update(updated_at=timezone.now() - dt.timedelta(hours=1))

    assert check_up(paused, dt.timedelta(minutes=10)).complaints == ()
    Connection.objects.update(paused_at=None, paused_by="")
    assert len(check_up(Connection.objects.get(), dt.timedelta(minutes=10)).complaints) == 1
