"""What belongs to the app registration and not to any organisation's books: users, grants, connections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class User:
    id: str
    email: str
    given_name: str
    family_name: str

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Connection:
    id: str
    client_id: str
    user_id: str
    tenant_id: str
    auth_event_id: str
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class AuthorisationCode:
    id: str
    client_id: str
    user_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    auth_event_id: str
    issued: datetime
    challenge: str | None = None
    used: bool = False


@dataclass(frozen=True, slots=True)
class RefreshToken:
    id: str
    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    auth_event_id: str
    issued: datetime
    replaced: datetime | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """A value the sandbox must find again after a restart: the signing key, the event counter, the token cut-off."""

    id: str
    value: str
