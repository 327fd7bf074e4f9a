"""The page of choices as a person uses it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounting.models import Connection, RemoteAccount
from tests.accounting.conftest import connect
from tests.accounting.pages import url
from workspaces.models import Workspace
from xero_sandbox.handle import Handle


@pytest.fixture
def connection(sandbox: Handle, in_workspace: Workspace) -> Connection:
    """Connected, its lists read, nothing chosen."""
    return connect(sandbox, in_workspace)


def account_id(code: str) -> str:
    return RemoteAccount.objects.get(code=code).account_id


def chosen(**more: Any) -> dict[str, Any]:
    return {
        "revenue_account_id": account_id("200"),
        "payment_account_id": account_id("090"),
        "invoice_status": "authorised",
        "default_rate": "OUTPUT2",
        **more,
    }


def save(client: Client, workspace: Workspace, **more: Any) -> Any:
    return client.post(url("mapping", workspace), chosen(**more), follow=True)


def offered(client: Client, workspace: Workspace, name: str) -> list[str]:
    form = client.get(url("mapping", workspace)).context["form"]
    return [label for value, label in form.fields[name].choices if value]
