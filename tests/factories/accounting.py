"""Connections without a server behind them, for tests that only look at our side."""

from __future__ import annotations

import datetime as dt
from itertools import count
from uuid import uuid4

from django.utils import timezone

from accounting.enums import ConnectionState, InvoiceStatusRule, Kind, Provider
from accounting.models import (
    Batch,
    Connection,
    Grant,
    Link,
    Mapping,
    RemoteAccount,
    RemoteTaxRate,
    TaxMapping,
)
from accounting.providers.registry import scope_of
from accounting.resources.registry import push_order
from catalogue.models import TaxRate
from workspaces.models import Workspace

_serial = count(1)


def make_grant() -> Grant:
    """A grant whose access token is good for half an hour."""
    now = timezone.now()
    return Grant.objects.create(
        provider=Provider.XERO,
        remote_user_id=f"xero-user-{next(_serial)}",
        access_token="access-canary",
        refresh_token="refresh-canary",
        expires_at=now + dt.timedelta(minutes=30),
        refreshed_at=now,
        scopes=["offline_access", *map(scope_of, push_order())],
    )


def make_connection(
    workspace: Workspace, *, state: str = ConnectionState.ACTIVE, mapped: bool = True
) -> Connection:
    """A connection of the workspace in scope; with `mapped`, its choices are made."""
    serial = next(_serial)
    connection = Connection.objects.create(
        workspace=workspace,
        provider=Provider.XERO,
        grant=make_grant(),
        tenant_id=f"tenant-{serial}",
        remote_connection_id=f"connection-{serial}",
        tenant_name="Maple Florist",
        country="NZ",
        currency="NZD",
        short_code="!maple",
        state=state,
        connected_at=timezone.now(),
    )
    if mapped:
        make_choices(connection)
    return connection


def make_choices(connection: Connection) -> Mapping:
    """The organisation's lists, and a choice for each setting."""
    owner = {"workspace_id": connection.workspace_id, "connection": connection}
    RemoteAccount.objects.create(
        **owner, account_id="sales", code="200", name="Sales", type="REVENUE", account_class="REVENUE"
    )
    RemoteAccount.objects.create(
        **owner, account_id="bank", code="090", name="Bank", type="BANK", takes_payments=True
    )
    RemoteTaxRate.objects.create(**owner, code="OUTPUT2", name="15% GST on Income", percent=15)
    return Mapping.objects.create(
        **owner,
        revenue_account_id="sales",
        payment_account_id="bank",
        invoice_status=InvoiceStatusRule.AUTHORISED,
    )


def map_rate(connection: Connection, rate: TaxRate, code: str = "OUTPUT2") -> TaxMapping:
    return TaxMapping.objects.create(
        workspace_id=connection.workspace_id, connection=connection, tax_rate=rate, code=code
    )


def make_link(connection: Connection, kind: Kind, local_id: object, remote_id: str = "") -> Link:
    return Link.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        kind=kind,
        local_id=local_id,
        remote_id=remote_id or f"remote-{next(_serial)}",
        remote_version=timezone.now(),
    )


def make_batch(connection: Connection) -> Batch:
    """A stored write of invoices."""
    return Batch.objects.create(
        workspace=connection.workspace,
        connection=connection,
        kind=Kind.INVOICE,
        verb="create",
        method="PUT",
        path="/Invoices",
        body="{}",
        idempotency_key=str(uuid4()),
        items=[],
    )
