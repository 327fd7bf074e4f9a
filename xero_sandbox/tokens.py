"""Codes, access tokens and refresh tokens: who may speak for whom, and for how long (Xero docs, "OAuth 2.0")."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from xero_sandbox.config import SandboxConfig
from xero_sandbox.registration import AuthorisationCode, Connection, RefreshToken, User
from xero_sandbox.store import Store

ACCESS_SECONDS = 1800
ID_TOKEN_SECONDS = 300
CODE_LIFE = timedelta(minutes=5)
REFRESH_LIFE = timedelta(days=60)
GRACE = timedelta(minutes=30)
_ISSUER = "https://identity.xero.com"


class InvalidGrant(Exception):
    """The code or refresh token is unknown, used, expired or revoked; Xero never says which."""


class TokenInvalid(Exception):
    """Not an access token of ours."""


class TokenExpired(Exception):
    """An access token of ours whose time is over."""


@dataclass(frozen=True, slots=True)
class Claims:
    client_id: str
    user_id: str
    scopes: frozenset[str]
    auth_event_id: str


class Tokens:
    """Issues and reads tokens. Callers hold the store's lock."""

    def __init__(self, store: Store, config: SandboxConfig) -> None:
        self._store = store
        self._config = config

    def issue_code(
        self,
        user_id: str,
        tenant_id: str,
        scopes: tuple[str, ...],
        redirect_uri: str,
        challenge: str | None = None,
    ) -> str:
        """The user said yes: connect the organisation and hand out a code for five minutes."""
        auth_event_id = str(uuid.uuid4())
        self._connect(user_id, tenant_id, auth_event_id)
        code = AuthorisationCode(
            id=secrets.token_urlsafe(32),
            client_id=self._config.client_id,
            user_id=user_id,
            redirect_uri=redirect_uri,
            scopes=self._all_scopes(user_id, scopes),
            auth_event_id=auth_event_id,
            issued=self._now(),
            challenge=challenge,
        )
        self._store.put(code)
        return code.id

    def exchange(self, code_id: str, redirect_uri: str, verifier: str | None) -> dict[str, Any]:
        """A code for tokens, once."""
        code = self._store.codes.get(code_id)
        if code is None or code.used or self._now() - code.issued > CODE_LIFE:
            raise InvalidGrant
        if code.redirect_uri != redirect_uri or not _proves(code.challenge, verifier):
            raise InvalidGrant
        self._store.put(replace(code, used=True))
        return self._token_set(code.user_id, code.scopes, code.auth_event_id)

    def refresh(self, token_id: str) -> dict[str, Any]:
        """New tokens for old. The old refresh token stays good for 30 minutes, in case the answer was lost."""
        token = self._store.refresh_tokens.get(token_id)
        if token is None or not self._is_alive(token):
            raise InvalidGrant
        return self._token_set(token.user_id, token.scopes, token.auth_event_id)

    def revoke(self, token_id: str) -> None:
        """End the user's grant to the app: every refresh token and every connection of theirs."""
        token = self._store.refresh_tokens.get(token_id)
        if token is None:
            return
        for row in list(self._store.refresh_tokens.find("user", token.user_id)):
            self._store.put(replace(row, revoked=True))
        for connection in list(self._store.connections.find("user", token.user_id)):
            self._store.remove(Connection, connection.id)

    def read(self, bearer: str) -> Claims:
        """Who an access token speaks for."""
        claims = self._verify(bearer)
        late = self._now().timestamp() >= claims["exp"]
        if late or claims["generation"] != self._generation():
            raise TokenExpired
        return Claims(
            claims["client_id"],
            claims["xero_userid"],
            frozenset(claims["scope"]),
            claims["authentication_event_id"],
        )

    def expire_all(self) -> None:
        """Every access token issued until now has expired."""
        self._store.keep_secret("token-generation", str(self._generation() + 1))

    def _generation(self) -> int:
        return int(self._store.secret("token-generation", lambda: "1"))

    def _now(self) -> datetime:
        return self._store.clock.now()

    def _connect(self, user_id: str, tenant_id: str, auth_event_id: str) -> None:
        now = self._now()
        known = [row for row in self._store.connections.find("user", user_id) if row.tenant_id == tenant_id]
        if known:
            self._store.put(replace(known[0], auth_event_id=auth_event_id, updated=now))
            return
        client = self._config.client_id
        self._store.put(Connection(str(uuid.uuid4()), client, user_id, tenant_id, auth_event_id, now, now))

    def _all_scopes(self, user_id: str, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """Scopes only ever add up for a user and an app (Xero docs, "Scopes")."""
        held = [row.scopes for row in self._store.refresh_tokens.find("user", user_id) if not row.revoked]
        return tuple(dict.fromkeys((*scopes, *(scope for row in held[-1:] for scope in row))))

    def _is_alive(self, token: RefreshToken) -> bool:
        now = self._now()
        in_grace = token.replaced is None or now - token.replaced < GRACE
        return not token.revoked and in_grace and now - token.issued < REFRESH_LIFE

    def _token_set(self, user_id: str, scopes: tuple[str, ...], auth_event_id: str) -> dict[str, Any]:
        """One token set per user and app: whatever refresh token they had before is now in its grace time."""
        issued = {
            "access_token": self._access_token(user_id, scopes, auth_event_id),
            "expires_in": ACCESS_SECONDS,
            "token_type": "Bearer",
            "scope": " ".join(scopes),
        }
        if "openid" in scopes:
            issued["id_token"] = self._id_token(user_id)
        if "offline_access" in scopes:
            issued["refresh_token"] = self._refresh_token(user_id, scopes, auth_event_id)
        return issued

    def _refresh_token(self, user_id: str, scopes: tuple[str, ...], auth_event_id: str) -> str:
        now = self._now()
        for row in list(self._store.refresh_tokens.find("user", user_id)):
            if row.replaced is None:
                self._store.put(replace(row, replaced=now))
            elif now - row.replaced > GRACE:
                self._store.remove(RefreshToken, row.id)
        token = secrets.token_urlsafe(48)
        self._store.put(RefreshToken(token, self._config.client_id, user_id, scopes, auth_event_id, now))
        return token

    def _access_token(self, user_id: str, scopes: tuple[str, ...], auth_event_id: str) -> str:
        now = int(self._now().timestamp())
        return self._sign(
            {
                "nbf": now,
                "exp": now + ACCESS_SECONDS,
                "iss": _ISSUER,
                "aud": f"{_ISSUER}/resources",
                "client_id": self._config.client_id,
                "sub": hashlib.md5(user_id.encode(), usedforsecurity=False).hexdigest(),
                "auth_time": now,
                "xero_userid": user_id,
                "global_session_id": uuid.uuid4().hex,
                "jti": uuid.uuid4().hex,
                "authentication_event_id": auth_event_id,
                "scope": list(scopes),
                "generation": self._generation(),
            }
        )

    def _id_token(self, user_id: str) -> str:
        now = int(self._now().timestamp())
        user = self._store.users.get(user_id) or User(user_id, "", "", "")
        return self._sign(
            {
                "nbf": now,
                "exp": now + ID_TOKEN_SECONDS,
                "iat": now,
                "iss": _ISSUER,
                "aud": self._config.client_id,
                "sub": hashlib.md5(user_id.encode(), usedforsecurity=False).hexdigest(),
                "xero_userid": user_id,
                "email": user.email,
                "preferred_username": user.email,
                "given_name": user.given_name,
                "family_name": user.family_name,
            }
        )

    def _sign(self, claims: dict[str, Any]) -> str:
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "sandbox"}).encode())
        body = f"{head}.{_encode(json.dumps(claims).encode())}"
        return f"{body}.{self._signature(body)}"

    def _signature(self, body: str) -> str:
        key = self._store.secret("signing-key").encode()
        return _encode(hmac.new(key, body.encode(), hashlib.sha256).digest())

    def _verify(self, token: str) -> dict[str, Any]:
        body, _, signature = token.rpartition(".")
        if not body or not hmac.compare_digest(self._signature(body).encode(), signature.encode()):
            raise TokenInvalid
        claims: dict[str, Any] = json.loads(_decode(body.partition(".")[2]))
        if "scope" not in claims:
            raise TokenInvalid  # an id_token is no access token
        return claims


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return _encode(hashlib.sha256(verifier.encode()).digest())


def _proves(challenge: str | None, verifier: str | None) -> bool:
    if challenge is None:
        return True
    fits = verifier is not None and 43 <= len(verifier) <= 128
    return fits and hmac.compare_digest(challenge_of(verifier or ""), challenge)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
