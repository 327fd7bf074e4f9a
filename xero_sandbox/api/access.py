"""Who may call: the token, the organisation, the scope (Xero docs, "Response codes")."""

from __future__ import annotations

import uuid

from xero_sandbox.api.call import Call
from xero_sandbox.books import Books
from xero_sandbox.reply import Reply, json_reply
from xero_sandbox.sandbox import Sandbox
from xero_sandbox.standing import STANDINGS
from xero_sandbox.tokens import Claims, TokenExpired, TokenInvalid


class Refused(Exception):
    """The caller is turned away with `reply`."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


def read_claims(sandbox: Sandbox, call: Call) -> Claims:
    """The token's claims, or a 401 in one of Xero's two spellings."""
    scheme, _, bearer = call.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer" or not bearer:
            raise TokenInvalid
        return sandbox.tokens.read(bearer.strip())
    except TokenExpired:
        detail = "TokenExpired: token expired at 01/01/2001 00:00:00"
        raise Refused(_problem(401, "Unauthorized", detail)) from None
    except TokenInvalid:
        raise Refused(_not_authenticated()) from None


def open_books(sandbox: Sandbox, call: Call, claims: Claims) -> Books:
    """The organisation named in the header, if this user has connected it."""
    tenant_id = (call.tenant_id or "").lower()
    if not tenant_id:
        raise Refused(_not_authenticated())
    connected = any(
        row.tenant_id == tenant_id for row in sandbox.store.connections.find("user", claims.user_id)
    )
    books = sandbox.store.books.get(tenant_id)
    if books is None or not connected:
        raise Refused(_problem(403, "Forbidden", "AuthenticationUnsuccessful"))
    return books


def check_scope(claims: Claims, scope: str, *, writes: bool) -> None:
    """Writing needs the scope itself; reading is content with its `.read`."""
    enough = {scope} if writes else {scope, f"{scope}.read"}
    if not enough & claims.scopes:
        headers = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
        raise Refused(_problem(401, "Unauthorized", "AuthorizationUnsuccessful").with_headers(headers))


def check_standing(books: Books, *, writes: bool) -> None:
    """What the plan and the role of whoever connected forbid is 403 (Xero docs, "Response codes")."""
    standing = STANDINGS[books.organisation.standing]
    if not (standing.writes if writes else standing.reads):
        raise Refused(_problem(403, "Forbidden", "AuthorizationUnsuccessful"))


def _problem(status: int, title: str, detail: str) -> Reply:
    return json_reply(
        status,
        {
            "Type": None,
            "Title": title,
            "Status": status,
            "Detail": detail,
            "Instance": str(uuid.uuid4()),
            "Extensions": {},
        },
    )


def _not_authenticated() -> Reply:
    """This one is spelt in lower case on the wire."""
    body = {
        "title": "Unauthorized",
        "status": 401,
        "detail": "AuthenticationUnsuccessful",
        "instance": str(uuid.uuid4()),
    }
    return json_reply(401, body, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
