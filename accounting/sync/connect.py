"""Connecting a workspace to the organisation that was chosen, and disconnecting it."""

from __future__ import annotations

from typing import Any, cast

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounting import wakeup
from accounting.enums import CURED_BY_LISTS, ConnectionState, EventKind, Provider
from accounting.models import (
    Backfill,
    Clash,
    ConnectAttempt,
    Connection,
    DryRun,
    Link,
    Mapping,
    Newcomer,
    NewcomerRule,
    PaymentMapping,
    RemoteAccount,
    RemoteTaxRate,
    RemoteTrackingOption,
    ServiceMapping,
    TaxMapping,
    TrackingMapping,
)
from accounting.port.errors import MissingScope, NeedsReauth
from accounting.port.organisation import Tenant
from accounting.providers.registry import get_authoriser
from accounting.sync import lease, outages, outbox
from accounting.sync.consent import ConnectRefused
from accounting.sync.history import tell
from accounting.sync.tokens import fresh_access
from core.transactions import forbid_transaction
from workspaces.models import User


class OrganisationChanged(ConnectRefused):
    """Records are linked to another organisation; writing to this one needs a yes first."""


def choose_tenant(*, attempt: ConnectAttempt, tenant_id: str, by: User, move: bool = False) -> Connection:
    """Connect the workspace to one of the attempt's organisations.

    Raises ConnectRefused when it is not one of them, was chosen already, or is connected to another
    workspace; OrganisationChanged when links to another organisation exist and `move` was not said.
    """
    tenant = next((row for row in attempt.tenants if row["tenant_id"] == tenant_id), None)
    if tenant is None or attempt.grant is None or attempt.finished_at is not None:
        raise ConnectRefused("This connection attempt is no longer valid. Please start again.")
    try:
        return _connect(attempt, Tenant(**tenant), by, move)
    except IntegrityError as error:
        raise ConnectRefused(
            f"{tenant['name']} is already connected to another workspace. Disconnect it there first."
        ) from error


@transaction.atomic
def _connect(attempt: ConnectAttempt, tenant: Tenant, by: User, move: bool) -> Connection:
    connection = Connection.objects.select_for_update(of=("self",)).filter(provider=Provider.XERO).first()
    was_cut_off = connection is not None and not connection.is_active and not connection.was_left_here
    if connection and connection.tenant_id != tenant.tenant_id:
        _leave_organisation(connection, tenant, move)
    values: dict[str, Any] = {
        "grant": attempt.grant,
        "tenant_id": tenant.tenant_id,
        "remote_connection_id": tenant.connection_id,
        "tenant_name": tenant.name,
        "state": ConnectionState.ACTIVE,
        "state_reason": "",
        "cutoff": "",
        "connected_at": timezone.now(),
        "connected_by": by,
        "resume_at": None,
        "woken_at": None,
        "missed_at": None,
        "silent_since": None,
    }
    connection, _ = Connection.objects.update_or_create(
        workspace=attempt.workspace, provider=Provider.XERO, defaults=values
    )
    Mapping.objects.get_or_create(workspace=attempt.workspace, connection=connection)
    attempt.finished_at = timezone.now()
    attempt.save(update_fields=["finished_at", "updated_at"])
    tell(connection, EventKind.CONNECTED, f"Connected to {tenant.name}.", by=by)
    if was_cut_off:
        outages.tell_over(connection)
    wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)
    return connection


def count_left_behind(tenant_id: str) -> int:
    """How many of the workspace's records are linked to another organisation: connecting this one forgets the links."""
    links = Link.objects.filter(connection__provider=Provider.XERO)
    return links.exclude(connection__tenant_id=tenant_id).count()


def _leave_organisation(connection: Connection, tenant: Tenant, move: bool) -> None:
    """Ids, accounts and rates differ in every organisation: nothing of the old one may reach the new one.

    A worker that is in the middle of the old one loses its lease: what it still hears from there is written nowhere.
    """
    linked = Link.objects.filter(connection=connection).count()
    if linked and not move:
        raise OrganisationChanged(
            f"{linked} records are linked to {connection.tenant_name}. "
            f"Connecting {tenant.name} instead starts afresh there."
        )
    lease.take_away(connection)
    mine = Link.objects.select_for_update(of=("self",)).filter(connection=connection)
    list(mine.order_by("pk").values_list("pk"))  # before their conflicts, which go first
    lists = (RemoteAccount, RemoteTaxRate, RemoteTrackingOption)
    chosen = (PaymentMapping, ServiceMapping, TaxMapping, TrackingMapping, Mapping)
    decided = (DryRun, Newcomer, NewcomerRule)  # they name records of the old one by their ids there
    for model in (Backfill, Clash, Link, *lists, *chosen, *decided):
        cast(Any, model).objects.filter(connection=connection).delete()
    connection.operations.all().delete()
    connection.batches.all().delete()
    Connection.objects.filter(pk=connection.pk).update(
        cursors={}, reference_data_at=None, minute_remaining=None, day_remaining=None, quota_seen_at=None
    )


def disconnect(*, connection: Connection, by: User) -> None:
    """Give up the organisation at the provider and stop both ways. Deletes nothing; reconnecting resumes.

    An answer that says access is gone already is success; raises Retryable when Xero cannot be reached.
    """
    forbid_transaction("disconnecting")
    try:
        access = fresh_access(connection)
        get_authoriser(connection.provider).disconnect(access, connection.remote_connection_id)
    except (NeedsReauth, MissingScope):
        pass  # nothing is left to give up
    _mark_disconnected(connection, by)


@transaction.atomic
def _mark_disconnected(connection: Connection, by: User) -> None:
    Connection.objects.filter(pk=connection.pk).update(
        state=ConnectionState.DISCONNECTED,
        state_reason=Connection.LEFT_HERE,
        cutoff="",
        resume_at=None,
        resume_limit="",
    )
    tell(connection, EventKind.DISCONNECTED, f"Disconnected from {connection.tenant_name}.", by=by)


@transaction.atomic
def resume_setup(connection: Connection) -> None:
    """A setting was chosen: what waited for it goes on."""
    if outbox.unblock(connection.pk, waiting_for=CURED_BY_LISTS):
        wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)
