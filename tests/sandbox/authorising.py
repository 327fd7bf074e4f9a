"""An app that asks for access, step by step."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from xero_sandbox.handle import Handle
from xero_sandbox.tokens import challenge_of

REDIRECT = "http://localhost:8000/accounting/callback/"
SCOPES = "openid profile email offline_access accounting.settings.read accounting.contacts"
VERIFIER = "v" * 60
BASIC = ("tandem-sandbox", "tandem-sandbox-secret")


def ask(**changes: str | None) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "client_id": "tandem-sandbox",
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
        "state": "s-1",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }
    return {name: value for name, value in asked.items() if value is not None}


def consent(sandbox: Handle, answer: str = "allow", **changes: str | None) -> dict[str, list[str]]:
    """What comes back to the app after a person's answer."""
    form = {
        **ask(**changes),
        "answer": answer,
        "organisation": sandbox.books().id,
        "user": next(iter(sandbox.store.users.all())).id,
    }
    reply = requests.post(
        f"{sandbox.url}/identity/connect/authorize", data=form, allow_redirects=False, timeout=5
    )
    assert reply.status_code == 302, reply.text
    assert reply.headers["Location"].startswith(REDIRECT)
    return parse_qs(urlsplit(reply.headers["Location"]).query)


def token(sandbox: Handle, auth: tuple[str, str] | None = BASIC, **form: str) -> requests.Response:
    return requests.post(f"{sandbox.url}/connect/token", data=form, auth=auth, timeout=5)


def exchange(sandbox: Handle, code: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return token(sandbox, **{**form, **changes})


def refresh(sandbox: Handle, refresh_token: str) -> requests.Response:
    return token(sandbox, grant_type="refresh_token", refresh_token=refresh_token)


def claims_of(jwt: str) -> dict[str, Any]:
    body = jwt.split(".")[1]
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return value


def connections(sandbox: Handle, access_token: str, query: str = "") -> requests.Response:
    headers = {"Authorization": f"Bearer {access_token}"}
    return requests.get(f"{sandbox.url}/connections{query}", headers=headers, timeout=5)
