"""OAuth 2.0 with Xero: authorise, exchange, refresh, list and give up organisations (Xero docs: OAuth 2.0).

Implements the port's Authoriser. Tokens never reach a log: nothing here logs, and errors carry only
Xero's error word.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from accounting.port.errors import Misconfigured, NeedsReauth, ProviderError, Retryable, Uncertain
from accounting.port.exchange import Rehearsal, WebhookEvent
from accounting.port.organisation import OrganisationDoc, Tenant, Tokens
from accounting.providers.xero import limits, signature, wire
from accounting.providers.xero.client import GLANCE_SECONDS, Reply, Settings, call, new_session
from accounting.providers.xero.errors import error_of
from accounting.providers.xero.reference import read_organisation
from accounting.providers.xero.rehearsal import rehearse
from accounting.providers.xero.webhook import parse_events


class XeroAuthoriser:
    """One app's conversation with Xero's identity service. Holds no state but its settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def needed_scopes(self) -> tuple[str, ...]:
        return ("offline_access",)

    def authorise_url(self, *, state: str, challenge: str, redirect_uri: str) -> str:
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._settings.scopes),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._settings.login_url}/identity/connect/authorize?{urlencode(query)}"

    def exchange_code(self, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
        return self._tokens(
            grant_type="authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier
        )

    def refresh(self, refresh_token: str, scopes: Sequence[str]) -> Tokens:
        return self._tokens(tuple(scopes), grant_type="refresh_token", refresh_token=refresh_token)

    def _tokens(self, scopes: tuple[str, ...] = (), **form: str) -> Tokens:
        reply = self._post("/connect/token", form)
        if reply.status in (400, 401):
            raise _token_refusal(reply)
        body = reply.json(wrote=False)
        if not isinstance(body, dict) or not body.get("access_token"):
            raise Retryable("Xero's answer could not be read.")
        return _read_tokens(body, scopes)

    def _post(self, path: str, form: dict[str, str]) -> Reply:
        auth = (self._settings.client_id, self._settings.client_secret)
        self._settings.before_call()
        with new_session() as session:
            try:
                return call(session, "POST", self._settings.identity_url + path, data=form, auth=auth)
            except Uncertain as error:
                # The old refresh token works for 30 minutes more when an answer is lost (Xero docs: "Refreshing").
                raise Retryable(error.message, detail=error.detail) from error

    def list_tenants(self, access: str) -> list[Tenant]:
        self._settings.before_call()
        with new_session() as session:
            reply = call(session, "GET", f"{self._settings.api_url}/connections", headers=_bearer(access))
        return [_tenant(row) for row in reply.json(wrote=False) if row.get("tenantType") == "ORGANISATION"]

    def describe(self, access: str, tenant_id: str) -> OrganisationDoc:
        self._settings.before_call()
        limits.take_call(self._settings.rate_storage, tenant_id)
        url = f"{self._settings.api_url}/api.xro/2.0/Organisation"
        headers = {**_bearer(access), "xero-tenant-id": tenant_id}
        with new_session() as session:
            return read_organisation(call(session, "GET", url, headers=headers, seconds=GLANCE_SECONDS))

    def disconnect(self, access: str, connection_id: str) -> None:
        url = f"{self._settings.api_url}/connections/{connection_id}"
        self._settings.before_call()
        with new_session() as session:
            reply = call(session, "DELETE", url, headers=_bearer(access))
        if reply.status not in (200, 204, 404):
            raise error_of(reply.status, reply.headers, reply.data, wrote=False)

    def verify_webhook(self, body: bytes, signature_header: str) -> bool:
        return signature.is_genuine(body, signature_header, self._settings.webhook_keys)

    def rehearse_webhooks(self) -> tuple[Rehearsal, ...]:
        return rehearse(self._settings.webhook_keys)

    def parse_webhook(self, body: bytes) -> list[WebhookEvent]:
        return parse_events(body)


def _bearer(access: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}", "Accept": "application/json"}


def _token_refusal(reply: Reply) -> ProviderError:
    try:
        word = str(wire.parse(reply.data).get("error", ""))
    except (ValueError, AttributeError):
        word = ""
    if word in ("invalid_client", "unauthorized_client"):
        return Misconfigured("Tandem's own Xero client id or secret is wrong.", detail=word)
    return NeedsReauth("Xero no longer accepts our access.", detail=word)


def _read_tokens(body: dict[str, Any], scopes: tuple[str, ...]) -> Tokens:
    claims = _claims(str(body["access_token"]))
    granted = str(body.get("scope") or "").split() or claims.get("scope") or scopes
    return Tokens(
        access=str(body["access_token"]),
        refresh=str(body.get("refresh_token") or ""),
        life=dt.timedelta(seconds=int(body.get("expires_in") or 0)),
        scopes=tuple(granted),
        user_id=str(claims.get("xero_userid") or claims.get("sub") or ""),
        session_id=str(claims.get("authentication_event_id") or ""),
    )


def _claims(token: str) -> dict[str, Any]:
    """The claims of a token that came straight from Xero over TLS; its signature adds nothing here."""
    try:
        middle = token.split(".")[1]
        claims = wire.parse(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _tenant(row: dict[str, Any]) -> Tenant:
    return Tenant(
        tenant_id=str(row["tenantId"]),
        connection_id=str(row["id"]),
        name=str(row.get("tenantName") or ""),
        session_id=str(row.get("authEventId") or ""),
        updated_at=str(row.get("updatedDateUtc") or ""),
    )
