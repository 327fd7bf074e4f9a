"""Who may open which page about the books."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounting.enums import Kind
from tests.accounting.pages import url
from tests.factories.accounting import make_connection
from tests.factories.invoices import make_invoice
from workspaces.models import User, Workspace
from workspaces.scope import scope

SUPER_ONLY = [
    ("get", "settings", ()),
    ("post", "connect", ()),
    ("get", "choose", (uuid4(),)),
    ("post", "disconnect", ()),
    ("get", "mapping", ()),
    ("post", "mapping", ()),
    ("post", "refresh_lists", ()),
]
EVERYBODY = ["activity", "problems", "conflicts"]
OF_A_RECORD = [
    ("get", "badge", 200),
    ("get", "record_status", 200),
    ("post", "send_now", 302),
    ("post", "retry_record", 302),
]


@pytest.mark.parametrize(("method", "name", "args"), SUPER_ONLY)
def test_staff_may_not_touch_the_connection(
    staff_client: Client, workspace: Workspace, method: str, name: str, args: Any
) -> None:
    assert getattr(staff_client, method)(url(name, workspace, *args)).status_code == 403


@pytest.mark.parametrize("name", EVERYBODY)
def test_staff_may_see_how_the_sync_does(staff_client: Client, workspace: Workspace, name: str) -> None:
    assert staff_client.get(url(name, workspace)).status_code == 200


@pytest.mark.parametrize(("method", "name", "status"), OF_A_RECORD)
def test_staff_may_follow_and_send_a_record(
    staff_client: Client, workspace: Workspace, method: str, name: str, status: int
) -> None:
    with scope(workspace):
        make_connection(workspace)
        invoice = make_invoice(workspace)

    response = getattr(staff_client, method)(url(name, workspace, Kind.INVOICE, invoice.pk))

    assert response.status_code == status


@pytest.mark.parametrize("name", ["settings", "mapping", *EVERYBODY])
def test_stranger_finds_nothing(stranger: User, workspace: Workspace, name: str) -> None:
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(url(name, workspace)).status_code == 404


@pytest.mark.parametrize(("method", "name", "status"), OF_A_RECORD)
def test_record_of_another_workspace_is_not_found(
    stranger: User, workspace: Workspace, method: str, name: str, status: int
) -> None:
    with scope(workspace):
        invoice = make_invoice(workspace)
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    elsewhere = stranger.memberships.get().workspace

    response = getattr(client, method)(url(name, elsewhere, Kind.INVOICE, invoice.pk))

    assert response.status_code == 404


@pytest.mark.parametrize(("method", "name", "status"), OF_A_RECORD)
def test_unknown_kind_is_not_found(
    staff_client: Client, workspace: Workspace, method: str, name: str, status: int
) -> None:
    assert getattr(staff_client, method)(url(name, workspace, "nonsense", uuid4())).status_code == 404


def test_menu_shows_settings_to_super_users_only(
    staff_client: Client, super_client: Client, workspace: Workspace
) -> None:
    pages = [client.get(url("activity", workspace)) for client in (staff_client, super_client)]

    link = f'href="{url("settings", workspace)}"'
    assert [link in page.content.decode() for page in pages] == [False, True]
