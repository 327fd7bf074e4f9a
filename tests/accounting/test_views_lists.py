"""Reading the organisation's lists again, from the page of choices."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounting.enums import ConnectionState
from accounting.models import Connection, RemoteAccount
from accounting.sync.reference import CLICKED
from tests.accounting.choosing import connection
from tests.accounting.pages import notices, url, words
from workspaces.models import Workspace
from xero_sandbox.handle import Handle

__all__ = ["connection"]


def test_lists_can_be_read_again(super_client: Client, workspace: Workspace, connection: Connection) -> None:
    RemoteAccount.objects.all().delete()

    response = super_client.post(url("refresh_lists", workspace), follow=True)

    assert notices(response) == ["The lists of Maple Florist were read again."]
    assert RemoteAccount.objects.filter(code="200").exists()


@pytest.mark.parametrize("fault", ["", "maintenance"])
def test_lists_are_not_read_again_within_half_a_minute(
    super_client: Client, workspace: Workspace, connection: Connection, sandbox: Handle, fault: str
) -> None:
    """Also when the first reading failed: it is the calls that count."""
    if fault:
        sandbox.faults.add(fault, times=None)
    super_client.post(url("refresh_lists", workspace), follow=True)
    sandbox.clear_requests()

    response = super_client.post(url("refresh_lists", workspace), follow=True)

    assert "The lists were read a moment ago" in notices(response)[-1]
    assert sandbox.requests() == []


def test_lists_are_read_again_after_half_a_minute(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    super_client.post(url("refresh_lists", workspace), follow=True)
    Connection.objects.update(lists_asked_at=Now() - CLICKED)

    response = super_client.post(url("refresh_lists", workspace), follow=True)

    assert notices(response) == ["The lists of Maple Florist were read again."]


def test_lists_that_cannot_be_read_are_promised_for_later(
    super_client: Client, workspace: Workspace, connection: Connection, sandbox: Handle
) -> None:
    sandbox.faults.add("maintenance", times=None)

    response = super_client.post(url("refresh_lists", workspace), follow=True)

    assert notices(response)[0].startswith("Xero's lists could not be read now, and are read soon:")


def test_lists_never_read_are_explained(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    Connection.objects.update(reference_data_at=None)

    assert "Xero's lists are not here yet" in words(super_client.get(url("mapping", workspace)))


def test_disconnected_workspace_reads_no_lists(
    super_client: Client, workspace: Workspace, connection: Connection, sandbox: Handle
) -> None:
    Connection.objects.update(state=ConnectionState.DISCONNECTED)
    sandbox.clear_requests()

    super_client.post(url("refresh_lists", workspace))

    assert sandbox.requests() == []
