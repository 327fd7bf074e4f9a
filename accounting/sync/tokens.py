"""A valid access token, refreshed by one worker at a time.

The lock is the database's and belongs to the session, so no transaction is open while Xero is asked, and a
worker that dies frees it at once. If the answer was lost, or the worker died before saving, the old refresh
token still works for 30 minutes: the next one simply asks again (Xero docs: OAuth 2.0, "Refreshing").
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.db.models.functions import Now

from accounting.enums import ConnectionState, GrantState
from accounting.models import Connection, Grant
from accounting.port.errors import NeedsReauth, ProviderError, Retryable
from accounting.port.organisation import Tokens
from accounting.providers.registry import get_authoriser
from core.clock import database_now
from core.transactions import advisory_lock, forbid_transaction
from workspaces.scope import all_workspaces

MARGIN = dt.timedelta(minutes=2)
KEEP_ALIVE_AFTER = dt.timedelta(days=20)
RETRY_REFUSED_AFTER = dt.timedelta(minutes=1)
JUST_REFRESHED = dt.timedelta(minutes=1)


def fresh_access(connection: Connection) -> str:
    """An access token that is valid for at least a call; the connection has the grant then that it is of. Raises
    NeedsReauth or Retryable."""
    if connection.grant_id is None:
        raise NeedsReauth("Xero is not connected.")
    grant = Grant.objects.get(pk=connection.grant_id)
    connection.grant = grant if _is_fresh(grant) else refresh(grant)
    return connection.grant.access_token


def _is_fresh(grant: Grant) -> bool:
    return grant.state == GrantState.ACTIVE and grant.expires_at > database_now() + MARGIN


def was_just_refreshed(grant: Grant) -> bool:
    """Whether its tokens are so new that asking for others would tell nothing."""
    return database_now() - grant.refreshed_at < JUST_REFRESHED


def refresh(grant: Grant, *, force: bool = False) -> Grant:
    """Refresh the grant's tokens unless another worker just did. Raises NeedsReauth when Xero refuses for good."""
    forbid_transaction("refreshing a token")
    with advisory_lock(f"grant:{grant.pk}"):
        current = Grant.objects.get(pk=grant.pk)
        if current.version != grant.version or (_is_fresh(current) and not force):
            return current
        return _refresh(current)


def _refresh(grant: Grant) -> Grant:
    _refuse_storm(grant)
    try:
        tokens = get_authoriser(grant.provider).refresh(grant.refresh_token, grant.scopes)
    except NeedsReauth:
        _mark_refused(grant)
        raise
    except Retryable:
        Grant.objects.filter(pk=grant.pk).update(failed_at=Now())
        raise
    known = tuple(scope for scope in tokens.scopes if scope in grant.scopes)  # only a consent adds to them
    return save_tokens(grant, replace(tokens, scopes=known))


def _refuse_storm(grant: Grant) -> None:
    """A refused grant is not asked again within a minute: Xero would only count the calls."""
    if grant.state != GrantState.REFUSED or grant.failed_at is None:
        return
    if database_now() - grant.failed_at < RETRY_REFUSED_AFTER:
        raise NeedsReauth("Xero no longer accepts our access.")


def _mark_refused(grant: Grant) -> None:
    """Only the version that was refused: a set saved meanwhile by a reconnect stays good."""
    Grant.objects.filter(pk=grant.pk, version=grant.version).update(state=GrantState.REFUSED, failed_at=Now())


def save_tokens(grant: Grant, tokens: Tokens) -> Grant:
    """Store a token set, unless a newer one was stored meanwhile. Returns the grant as it is now."""
    Grant.objects.filter(pk=grant.pk, version=grant.version).update(
        access_token=tokens.access,
        refresh_token=tokens.refresh or grant.refresh_token,
        expires_at=Now() + tokens.life,
        refreshed_at=Now(),
        scopes=list(tokens.scopes),
        state=GrantState.ACTIVE,
        failed_at=None,
        version=grant.version + 1,
    )
    return Grant.objects.get(pk=grant.pk)


def keep_alive() -> int:
    """Refresh grants that were idle for long: after 60 idle days a refresh token dies. Returns how many."""
    with all_workspaces("grants belong to no workspace"):
        used = Connection.objects.exclude(state=ConnectionState.DISCONNECTED).values("grant_id")
        idle = Grant.objects.filter(
            pk__in=used, state=GrantState.ACTIVE, refreshed_at__lt=Now() - KEEP_ALIVE_AFTER
        )
        kept = 0
        for grant in idle:
            kept += _refreshes(grant)
    return kept


def _refreshes(grant: Grant) -> bool:
    try:
        refresh(grant, force=True)
    except ProviderError:
        return False
    return True
