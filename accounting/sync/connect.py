"""Connecting a workspace to an organisation in the browser, and disconnecting it.

begin -> the provider's consent page -> complete -> (several organisations: choose) -> connected.
The state is single use, lives ten minutes, and is bound to the user, the workspace and the browser session
that began (RFC 9700; Xero docs: OAuth 2.0).
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounting import wakeup
from accounting.enums import CURED_BY_LISTS, ConnectionState, EventKind, Provider
from accounting.models import (
    Backfill,
    Clash,
    ConnectAttempt,
    Connection,
    Grant,
    Link,
    Mapping,
    RemoteAccount,
    RemoteTaxRate,
    ServiceMapping,
    TaxMapping,
)
from accounting.port.errors import MissingScope, NeedsReauth, ProviderError
from accounting.port.organisation import Tenant, Tokens
from accounting.providers.registry import get_authoriser
from accounting.sync import lease, outages, outbox
from accounting.sync.history import tell
from accounting.sync.tokens import fresh_access, save_tokens
from core.clock import database_now
from core.transactions import forbid_transaction
from workspaces.models import User, Workspace

ATTEMPT_LIFE = dt.timedelta(minutes=10)


class ConnectRefused(Exception):
    """The connect cannot go on. The message is for the user."""


class OrganisationChanged(ConnectRefused):
    """Records are linked to another organisation; writing to this one needs a yes first."""


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@transaction.atomic
def begin(*, workspace: Workspace, session_key: str, redirect_uri: str, by: User) -> str:
    """Start a connect; returns the URL of the provider's consent page."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    ConnectAttempt.objects.create(
        workspace=workspace,
        user=by,
        state_hash=_hash(state),
        session_hash=_hash(session_key),
        verifier=verifier,
        expires_at=database_now() + ATTEMPT_LIFE,
    )
    authoriser = get_authoriser()
    return authoriser.authorise_url(state=state, challenge=_challenge(verifier), redirect_uri=redirect_uri)


def take_attempt(*, state: str, session_key: str, by: User) -> ConnectAttempt:
    """Use up the attempt this state belongs to. Needs the scope of all workspaces: the state names which one.

    Raises ConnectRefused for a state that is unknown, used, expired, or of another user or session.
    """
    mine = ConnectAttempt.objects.filter(
        state_hash=_hash(state),
        session_hash=_hash(session_key),
        user=by,
        used_at=None,
        expires_at__gt=Now(),
    )
    if mine.update(used_at=Now()) != 1:
        raise ConnectRefused("This connection attempt is no longer valid. Please start again.")
    return ConnectAttempt.objects.select_related("workspace").get(state_hash=_hash(state))


def complete(*, attempt: ConnectAttempt, code: str, redirect_uri: str) -> list[Tenant]:
    """Trade the code for tokens and list the organisations to choose from. Talks to the provider.

    Raises ConnectRefused when the provider refuses or a needed permission was not given.
    """
    forbid_transaction("trading the code")
    authoriser = get_authoriser()
    try:
        tokens = authoriser.exchange_code(code=code, verifier=attempt.verifier, redirect_uri=redirect_uri)
        tenants = authoriser.list_tenants(tokens.access)
    except ProviderError as error:
        raise ConnectRefused(f"{error.message} Please try again.") from error
    _check_scopes(tokens, authoriser.needed_scopes)
    if not tokens.user_id:  # tokens of nobody would be shared by all who are nobody
        raise ConnectRefused("Xero did not say who allowed the access. Please try again.")
    if not tenants:
        raise ConnectRefused("No organisation was chosen in Xero. Please try again and allow one.")
    tenants = _just_authorised(tenants, tokens.session_id)
    _remember(attempt, tokens, tenants)
    return tenants


def _check_scopes(tokens: Tokens, needed: Sequence[str]) -> None:
    missing = [scope for scope in needed if scope not in tokens.scopes]
    if missing or not tokens.refresh:
        raise ConnectRefused(
            f"Xero did not give a permission that is needed ({', '.join(missing)}). Please try again."
        )


def _just_authorised(tenants: list[Tenant], session_id: str) -> list[Tenant]:
    """Those of this very consent first; a reconnected organisation may keep its first id, so none is dropped."""
    return sorted(
        tenants, key=lambda tenant: (tenant.session_id == session_id, tenant.updated_at), reverse=True
    )


@transaction.atomic
def _remember(attempt: ConnectAttempt, tokens: Tokens, tenants: list[Tenant]) -> None:
    grant = _store_grant(tokens)
    attempt.grant = grant
    attempt.tenants = [dataclasses.asdict(tenant) for tenant in tenants]
    attempt.save(update_fields=["grant", "tenants", "updated_at"])


def _store_grant(tokens: Tokens) -> Grant:
    """One token set for one remote user: a second connect of theirs replaces it for all their organisations."""
    grant = Grant.objects.filter(provider=Provider.XERO, remote_user_id=tokens.user_id).first()
    if grant is not None:
        return save_tokens(grant, tokens)
    now = database_now()
    return Grant.objects.create(
        provider=Provider.XERO,
        remote_user_id=tokens.user_id,
        access_token=tokens.access,
        refresh_token=tokens.refresh,
        expires_at=now + tokens.life,
        refreshed_at=now,
        scopes=list(tokens.scopes),
    )


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
        "connected_at": timezone.now(),
        "connected_by": by,
        "resume_at": None,
        "woken_at": None,
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
    for model in (Backfill, Clash, Link, RemoteAccount, RemoteTaxRate, ServiceMapping, TaxMapping, Mapping):
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
        state=ConnectionState.DISCONNECTED, state_reason=Connection.LEFT_HERE, resume_at=None, resume_limit=""
    )
    tell(connection, EventKind.DISCONNECTED, f"Disconnected from {connection.tenant_name}.", by=by)


@transaction.atomic
def resume_setup(connection: Connection) -> None:
    """A setting was chosen: what waited for it goes on."""
    if outbox.unblock(connection.pk, waiting_for=CURED_BY_LISTS):
        wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)
