"""Signing in and the app's tokens: authorise, consent, token, revocation (Xero docs, "OAuth 2.0: auth code flow")."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request

from xero_sandbox.fault_effects import suffer
from xero_sandbox.faults import Target
from xero_sandbox.reply import Reply, json_reply
from xero_sandbox.sandbox import Sandbox
from xero_sandbox.scopes import in_words, unknown_scopes
from xero_sandbox.tokens import InvalidGrant

oauth = Blueprint("oauth", __name__)


def this_sandbox() -> Sandbox:
    sandbox: Sandbox = current_app.extensions["sandbox"]
    return sandbox


@dataclass(frozen=True, slots=True)
class Ask:
    """What an authorise request asks for."""

    client_id: str
    redirect_uri: str
    response_type: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None
    challenge_method: str | None

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Ask:
        return cls(
            client_id=values.get("client_id", ""),
            redirect_uri=values.get("redirect_uri", ""),
            response_type=values.get("response_type", ""),
            scopes=tuple(values.get("scope", "").split()),
            state=values.get("state"),
            challenge=values.get("code_challenge"),
            challenge_method=values.get("code_challenge_method"),
        )

    def problem(self, sandbox: Sandbox) -> tuple[str, str] | None:
        """Why Xero shows its own error page instead of sending the person back: a code and a sentence."""
        if self.client_id != sandbox.config.client_id:
            return "unauthorized_client", "No app with this client id is known here."
        if self.redirect_uri not in sandbox.redirect_uris:
            return "invalid redirect_uri", f"{self.redirect_uri} is not one of the app's redirect addresses."
        if self.response_type != "code":
            return "unsupported_response_type", "Only response_type=code is supported."
        unknown = unknown_scopes(list(self.scopes))
        if unknown or not self.scopes:
            return "invalid_scope", f"Not available to this app: {', '.join(unknown) or 'no scope at all'}."
        if self.challenge and self.challenge_method != "S256":
            return "invalid_request", "Only code_challenge_method=S256 is supported."
        return None

    def back(self, **answer: str) -> str:
        """The app's own address with the answer and, unchanged, the state."""
        if self.state is not None:
            answer["state"] = self.state
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{urlencode(answer)}"


@oauth.get("/identity/connect/authorize")
def authorise() -> Response | str:
    sandbox = this_sandbox()
    ask = Ask.read(request.args)
    problem = ask.problem(sandbox)
    if problem:
        return Response(render_template("oauth_error.html", code=problem[0], sentence=problem[1]), 400)
    with sandbox.lock:
        organisations = [books.organisation for books in sandbox.store.books.values()]
        connected = {row.tenant_id for row in sandbox.store.connections.all()}
        users = list(sandbox.store.users.all())
    return render_template(
        "consent.html",
        app_name=sandbox.config.app_name,
        wishes=in_words(list(ask.scopes)),
        organisations=organisations,
        connected=connected,
        users=users,
        asked=request.args,
    )


@oauth.post("/identity/connect/authorize")
def consent() -> Response:
    """The person's answer: back to the app with a code, or with access_denied."""
    sandbox = this_sandbox()
    ask = Ask.read(request.form)
    problem = ask.problem(sandbox)
    if problem:
        return Response(render_template("oauth_error.html", code=problem[0], sentence=problem[1]), 400)
    if request.form.get("answer") != "allow":
        return _go(ask.back(error="access_denied"))
    with sandbox.lock:
        tenant, user = request.form.get("organisation", ""), request.form.get("user", "")
        if tenant not in sandbox.store.books or sandbox.store.users.get(user) is None:
            return Response(
                render_template("oauth_error.html", code="invalid_request", sentence="Choose one."), 400
            )
        code = sandbox.tokens.issue_code(user, tenant, ask.scopes, ask.redirect_uri, ask.challenge)
    return _go(ask.back(code=code))


def _go(address: str) -> Response:
    response: Response = redirect(address, 302)  # type: ignore[assignment]
    return response


@oauth.post("/connect/token")
def token() -> Response:
    return _answer(_token)


@oauth.post("/connect/revocation")
def revocation() -> Response:
    return _answer(_revocation)


def _answer(act: object) -> Response:
    """Log the call and let faults have their way with it."""
    sandbox = this_sandbox()
    body = request.get_data(cache=True)
    entry = sandbox.log.open(
        method=request.method,
        path=request.path,
        query="",
        organisation=None,
        idempotency_key=None,
        body_sha256="",
        body_bytes=len(body),
    )
    fault = sandbox.faults.take(Target(request.method, request.path, None, body))
    entry.fault = fault.kind if fault else None
    reply = suffer(fault, lambda: act(sandbox), sandbox.sleep) if fault else act(sandbox)  # type: ignore[operator]
    entry.status = reply.status
    return reply.to_flask()


def _token(sandbox: Sandbox) -> Reply:
    if not _client_is_known(sandbox):
        return json_reply(400, {"error": "invalid_client"})
    form = request.form
    with sandbox.lock:
        try:
            if form.get("grant_type") == "authorization_code":
                verifier = form.get("code_verifier")
                granted = sandbox.tokens.exchange(
                    form.get("code", ""), form.get("redirect_uri", ""), verifier
                )
            elif form.get("grant_type") == "refresh_token":
                granted = sandbox.tokens.refresh(form.get("refresh_token", ""))
            else:
                return json_reply(400, {"error": "unsupported_grant_type"})
        except InvalidGrant:
            return json_reply(400, {"error": "invalid_grant"})
    return json_reply(200, granted, {"Cache-Control": "no-store"})


def _revocation(sandbox: Sandbox) -> Reply:
    if not _client_is_known(sandbox):
        return json_reply(400, {"error": "invalid_client"})
    with sandbox.lock:
        sandbox.tokens.revoke(request.form.get("token", ""))
    return Reply(200, b"", None)


def _client_is_known(sandbox: Sandbox) -> bool:
    """Basic authentication, or id and secret in the form (the official SDK does that)."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    given = (request.form.get("client_id", ""), request.form.get("client_secret", ""))
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        given = (unquote(user), unquote(password))
    return given == (sandbox.config.client_id, sandbox.config.client_secret)


@oauth.get("/.well-known/openid-configuration")
def discovery() -> Response:
    root = request.host_url.rstrip("/")
    document = {
        "issuer": "https://identity.xero.com",
        "authorization_endpoint": f"{root}/identity/connect/authorize",
        "token_endpoint": f"{root}/connect/token",
        "revocation_endpoint": f"{root}/connect/revocation",
        "code_challenge_methods_supported": ["S256"],
    }
    return json_reply(200, document).to_flask()
