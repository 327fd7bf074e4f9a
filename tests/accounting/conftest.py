"""A sandbox on this machine, and a workspace connected to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone
from pytest_django import Settings

from accounting.enums import ConnectionState, InvoiceStatusRule, Provider
from accounting.models import Connection, Grant, Mapping, RemoteAccount, TaxMapping
from accounting.port.organisation import ReferenceData
from accounting.providers.xero import limits
from accounting.sync import reference
from accounting.sync.drain import drain
from accounting.sync.opening import open_books
from catalogue.models import TaxRate
from catalogue.services import create_tax_rate
from core.testing import owning
from tests.accounting.lock_order import locking_in_order
from workspaces.models import Workspace
from xero_sandbox.handle import Handle
from xero_sandbox.server import start_in_thread


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Handle]:
    with start_in_thread() as handle:
        yield handle


@pytest.fixture(autouse=True)
def _locks_in_order() -> Iterator[None]:
    with locking_in_order():
        yield


@pytest.fixture
def sandbox(sandbox_server: Handle, settings: Settings) -> Handle:
    """A fresh sandbox that the settings point to."""
    sandbox_server.reset()
    for name in ("XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL"):
        setattr(settings, name, sandbox_server.url)
    limits.reset(settings.RATE_LIMIT_STORAGE)
    return sandbox_server


@pytest.fixture
def connected(sandbox: Handle, in_workspace: Workspace) -> Connection:
    """The workspace connected to the sandbox's first organisation, with every choice made."""
    connection = _connection(sandbox, in_workspace)
    reference.store(connection, _seeded_lists(connection))
    connection.refresh_from_db()
    choose(connection)
    sandbox.clear_requests()
    return connection


@pytest.fixture
def gst(connected: Connection) -> TaxRate:
    """15 % here, matched to the organisation's own rate."""
    rate = create_tax_rate(workspace=connected.workspace, name="GST", percent=15, by=None, is_default=True)
    TaxMapping.objects.create(
        workspace=connected.workspace, connection=connected, tax_rate=rate, code="OUTPUT2"
    )
    return rate


@pytest.fixture
def sync(connected: Connection) -> Callable[[], None]:
    """Let a worker work off the connection, as a wake-up would."""

    def run() -> None:
        Connection.objects.update(resume_at=None)
        assert drain(connected.pk)

    return run


def connect(sandbox: Handle, workspace: Workspace, organisation: str | None = None) -> Connection:
    connection = _connection(sandbox, workspace, organisation)
    reference.refresh_lists(connection)
    connection.refresh_from_db()
    return connection


_LISTS: dict[str, ReferenceData] = {}


def _seeded_lists(connection: Connection) -> ReferenceData:
    """What a fresh sandbox offers to choose from. It is seeded alike at each reset, so it is read once."""
    if connection.tenant_id not in _LISTS:
        with open_books(connection) as books:
            _LISTS[connection.tenant_id] = books.reference_data()
    return _LISTS[connection.tenant_id]


def _connection(sandbox: Handle, workspace: Workspace, organisation: str | None = None) -> Connection:
    tokens: dict[str, Any] = sandbox.connect(organisation)
    now = timezone.now()
    grant, _ = Grant.objects.update_or_create(
        provider=Provider.XERO,
        remote_user_id=tokens["xero_userid"],
        defaults={
            "access_token": tokens["access_token"],
            "refresh_token": tokens["refresh_token"],
            "expires_at": now + dt.timedelta(seconds=tokens["expires_in"]),
            "refreshed_at": now,
            "scopes": tokens["scope"].split(),
        },
    )
    return Connection.objects.create(
        workspace=workspace,
        grant=grant,
        tenant_id=tokens["tenant_id"],
        tenant_name="?",
        state=ConnectionState.ACTIVE,
        connected_at=now,
    )


def choose(connection: Connection, *, status: str = InvoiceStatusRule.AUTHORISED) -> Mapping:
    """Sales to account 200, payments to the bank, invoices created with `status`."""
    accounts = RemoteAccount.objects.filter(connection=connection)
    return Mapping.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        revenue_account_id=accounts.get(code="200").account_id,
        payment_account_id=accounts.filter(type="BANK").first().account_id,
        invoice_status=status,
    )


def let_any_kind_in() -> None:
    """Until the transaction ends the columns take kinds of a test's own. A real kind's migration adds its name."""
    database.check_constraints()
    with owning(), database.cursor() as cursor:
        for name in (
            "link",
            "operation",
            "batch",
            "conflict",
            "sync_event",
            "backfill",
            "clash",
            "decision",
            "exemption",
            "newcomer",
            "statement_difference",
        ):
            table = f"accounting_{name.replace('_', '')}"
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}_kind_known")
