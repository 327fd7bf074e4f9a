"""Asking for access in the browser: to the provider's consent page and back, until it is known what may be chosen.

begin -> the provider's consent page -> complete -> connect.choose_tenant.
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

from django.db import transaction
from django.db.models.functions import Now

from accounting.enums import Provider
from accounting.models import ConnectAttempt, Grant
from accounting.port.errors import ProviderError, Retryable
from accounting.port.organisation import Tenant, Tokens
from accounting.providers.registry import get_authoriser, scope_of
from accounting.queries.allowed import lacking_in
from accounting.queries.plan import HAS_NONE
from accounting.resources.registry import push_order
from accounting.sync.tokens import save_tokens
from core.clock import database_now
from core.transactions import forbid_transaction
from plans.enums import Feature
from plans.queries import allows
from workspaces.models import User, Workspace

ATTEMPT_LIFE = dt.timedelta(minutes=10)


class ConnectRefused(Exception):
    """The connect cannot go on. The message is for the user."""


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@transaction.atomic
def begin(*, workspace: Workspace, session_key: str, redirect_uri: str, by: User) -> str:
    """Start a connect; returns the URL of the provider's consent page. Raises ConnectRefused where the workspace's
    plan has no integrations."""
    if not allows(workspace, Feature.INTEGRATIONS):
        raise ConnectRefused(HAS_NONE)
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
    """What only some kinds need may be allowed later: until then they wait."""
    missing = [scope for scope in needed if scope not in tokens.scopes]
    if lacking_in(tokens.scopes) == push_order():
        missing += dict.fromkeys(map(scope_of, push_order()))
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


MOST_DESCRIBED = 6
"""Organisations that are asked for their country and currency: a person waits for the answers."""


def describe_tenants(attempt: ConnectAttempt) -> None:
    """Ask the organisations to choose from for their country and currency, and note them with the attempt.

    Talks to the provider. What cannot be read stays empty; when the provider is away, the rest is not asked.
    """
    forbid_transaction("asking what there is to choose from")
    if attempt.grant is None:
        return
    known: list[dict[str, object]] = []
    for row in attempt.tenants[:MOST_DESCRIBED]:
        try:
            there = get_authoriser().describe(attempt.grant.access_token, row["tenant_id"])
        except Retryable:
            break
        except ProviderError:
            known.append(row)
        else:
            known.append(row | {"country": there.country, "currency": there.currency})
    attempt.tenants = [*known, *attempt.tenants[len(known) :]]
    attempt.save(update_fields=["tenants", "updated_at"])
