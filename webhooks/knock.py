"""Posting to Tandem's own door, and what stands before it, as somebody outside does. Only the address that the
installation was given is ever called: no redirect is followed, no proxy asked, and no more than the answer's beginning
read."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import NameResolutionError

from core.transactions import forbid_transaction

PATIENCE = 5.0
"""Seconds for which Xero waits for an answer (Xero docs: Webhooks, "Responding")."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many milliseconds. `leads_to` is where a redirect would go."""

    status: int
    milliseconds: int
    has_body: bool = False
    has_cookie: bool = False
    leads_to: str = ""


class Unanswered(Exception):
    """Nothing came back. The message says what happened, `cure` what to do about it."""

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(message)
        self.cure = cure


def knock(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post, and wait as long as Xero would. Raises Unanswered. Must not be called inside a transaction."""
    forbid_transaction("knocking at our own door")
    with requests.Session() as session:
        session.trust_env = False
        began = time.monotonic()
        try:
            reply = session.post(
                url, data=body, headers=dict(headers), timeout=PATIENCE, allow_redirects=False, stream=True
            )
            with reply:
                has_body = bool(next(reply.iter_content(1), b""))
        except requests.RequestException as error:
            raise _unanswered(error) from error
        took = round((time.monotonic() - began) * 1000)
    cookie, leads_to = "Set-Cookie" in reply.headers, reply.headers.get("Location", "")
    return Answer(reply.status_code, took, has_body, cookie, leads_to[:200])


def _unanswered(error: requests.RequestException) -> Unanswered:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            told = f"The certificate is not one that Xero trusts: {cause.verify_message}."
            return Unanswered(told, "Have the web server show a valid certificate, with its whole chain.")
    if isinstance(error, requests.exceptions.SSLError):
        return Unanswered(
            "No secure connection comes about.", "Have the web server speak TLS 1.2 or 1.3 here."
        )
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return Unanswered("The name leads to no address.", "Look at SITE_URL and at the domain's DNS.")
    if isinstance(error, requests.Timeout):
        told = f"No answer within {PATIENCE:.0f} seconds, which is as long as Xero waits."
        return Unanswered(told, "Is there a free web process, and does a firewall let the port through?")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Unanswered("Nobody listens at this address.", "Does the web server run, and at this port?")
    return Unanswered("The connection broke off.", "Look at what stands before Tandem, and at its log.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that it came of: requests and urllib3 each wrap what they met."""
    while error is not None:
        yield error
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__
