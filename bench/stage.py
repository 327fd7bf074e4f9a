"""What a figure is measured on: a sandbox in this process and a workspace connected to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from unittest import mock

from django.conf import settings
from django.utils import timezone

from accounting import wakeup
from accounting.enums import ConnectionState, InvoiceStatusRule, Provider
from accounting.models import Connection, Grant, Mapping, RemoteAccount, TaxMapping
from accounting.providers.xero import limits
from accounting.sync import due, reference
from accounting.sync.drain import drain
from catalogue.models import TaxRate
from catalogue.services import create_tax_rate
from workspaces.models import User, Workspace
from workspaces.scope import scope
from workspaces.services import create_workspace
from xero_sandbox.config import LimitsConfig, SandboxConfig
from xero_sandbox.handle import Handle
from xero_sandbox.server import start_in_thread

NO_LIMITS = LimitsConfig(minute=10**6, day=10**6, concurrent=100, app_minute=10**6)
_serial = count(1)


@dataclass(slots=True)
class Stage:
    """A sandbox without limits and one connected workspace, in whose scope everything runs."""

    sandbox: Handle
    workspace: Workspace
    connection: Connection
    rate: TaxRate

    def work_off(self) -> None:
        """Let workers have turns until nothing is left to do; pauses are cut short."""
        work_off(self.connection)

    def writes(self) -> int:
        """Write calls the sandbox has received since the last `clear_requests`."""
        return sum(call.method != "GET" for call in self.sandbox.requests())

    def headers(self) -> dict[str, str]:
        """What a client other than ours sends with each call for this organisation."""
        assert self.connection.grant is not None
        return {
            "Authorization": f"Bearer {self.connection.grant.access_token}",
            "xero-tenant-id": self.connection.tenant_id,
            "Accept": "application/json",
        }


@contextmanager
def connected_stage(config: SandboxConfig | None = None) -> Iterator[Stage]:
    """A fresh sandbox and a fresh workspace connected to its first organisation. Wake-ups go nowhere."""
    config = config or SandboxConfig(limits=NO_LIMITS, log_size=100_000)
    with start_in_thread(config) as sandbox, mock.patch.object(wakeup, "send"):
        point_at(sandbox.url)
        workspace = new_workspace()
        with scope(workspace):
            connection = connect(workspace, sandbox.connect())
            rate = choose(connection)
            sandbox.clear_requests()
            try:
                yield Stage(sandbox, workspace, connection, rate)
            finally:  # the next stage connects the same organisation
                Connection.objects.update(state=ConnectionState.DISCONNECTED)


def point_at(url: str) -> None:
    """Let the engine talk to this sandbox, with no calls counted yet."""
    for name in ("XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL"):
        setattr(settings, name, url)
    limits_forgotten()


def limits_forgotten() -> None:
    """As if no call had been made in the last minute."""
    limits.reset(settings.RATE_LIMIT_STORAGE)


def new_workspace() -> Workspace:
    """A workspace with one person."""
    serial = next(_serial)
    person = User.objects.create_user(f"bench{serial}@example.com", "a long password", name="Bench")
    return create_workspace(name=f"Bench {serial}", currency="NZD", by=person, slug=f"bench-{serial}")


def connect(workspace: Workspace, tokens: dict[str, Any]) -> Connection:
    """Connect the workspace in scope with a token set of the sandbox."""
    now = timezone.now()
    values = {
        "access_token": tokens["access_token"],
        "refresh_token": tokens["refresh_token"],
        "expires_at": now + dt.timedelta(seconds=tokens["expires_in"]),
        "refreshed_at": now,
        "scopes": tokens["scope"].split(),
    }
    grant, _ = Grant.objects.update_or_create(
        provider=Provider.XERO, remote_user_id=f"{tokens['xero_userid']}/{workspace.slug}", defaults=values
    )
    connection = Connection.objects.create(
        workspace=workspace,
        grant=grant,
        tenant_id=tokens["tenant_id"],
        tenant_name="?",
        state=ConnectionState.ACTIVE,
        connected_at=now,
    )
    reference.refresh_lists(connection)
    connection.refresh_from_db()
    return connection


def choose(connection: Connection) -> TaxRate:
    """Make every choice that pushing needs; returns the tax rate to use."""
    accounts = RemoteAccount.objects.filter(connection=connection)
    Mapping.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        revenue_account_id=accounts.get(code="200").account_id,
        payment_account_id=accounts.filter(type="BANK").first().account_id,
        invoice_status=InvoiceStatusRule.AUTHORISED,
    )
    rate = create_tax_rate(workspace=connection.workspace, name="GST", percent=15, by=None, is_default=True)
    TaxMapping.objects.create(
        workspace_id=connection.workspace_id, connection=connection, tax_rate=rate, code="OUTPUT2"
    )
    return rate


def work_off(connection: Connection) -> None:
    """Turns until nothing is due, as if every pause were over at once."""
    while due.has_work(connection):
        Connection.objects.filter(pk=connection.pk).update(resume_at=None)
        limits_forgotten()
        drain(connection.pk)
