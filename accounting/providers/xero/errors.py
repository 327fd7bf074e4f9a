"""From what Xero answered to what it means. The one table from status, headers and body to a port error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounting.port.errors import (
    Disconnected,
    Forbidden,
    MissingScope,
    NeedsReauth,
    NotFound,
    Permanent,
    ProviderError,
    RateLimited,
    Retryable,
    Unavailable,
    Uncertain,
)
from accounting.providers.xero import wire
from accounting.providers.xero.catalogue import explain

ORGANISATION_OFFLINE_SECONDS = 300  # Xero docs: "The Organisation is offline", retry after about five minutes
MAINTENANCE_SECONDS = 60
CONCURRENT_SECONDS = 1
APP_MINUTE_SECONDS = 10
LONGEST_WAIT = 24 * 3600
CORRELATION = "Xero-Correlation-Id"


def error_of(status: int, headers: Mapping[str, str], body: bytes, *, wrote: bool) -> ProviderError:
    """The error that an answer outside 200-299 stands for.

    `wrote` tells whether the request was a write: a 5xx answer to a write may have been applied, and Xero
    caches it under the idempotency key.
    """
    reference = _header(headers, CORRELATION)
    detail = _detail(body)
    if status == 429:
        return _rate_limited(headers, reference)
    if status in (401, 403):
        return _refused(status, headers, detail, reference)
    if status == 404:
        return NotFound("Xero does not know this record (any more).", detail=detail, reference=reference)
    if status >= 500:
        return _server_error(detail, reference, wrote=wrote)
    if status == 413:
        return Permanent("This is too large for Xero.", detail=detail, reference=reference)
    if wrote and _is_conflicting_key(detail):
        return _unknown(detail, reference)
    words = explain([detail]) if detail else f"Xero refused the request ({status})."
    return Permanent(words, detail=detail, reference=reference)


def _rate_limited(headers: Mapping[str, str], reference: str) -> RateLimited:
    """Xero answers 429 with an empty body; Retry-After comes for minute and day only (Xero docs: Rate limits)."""
    problem = (_header(headers, "X-Rate-Limit-Problem") or "minute").lower()
    fallback = {"concurrent": CONCURRENT_SECONDS, "day": 3600}.get(problem, APP_MINUTE_SECONDS)
    wait = _seconds(_header(headers, "Retry-After"), fallback)
    return RateLimited(
        _LIMIT_WORDS.get(problem, _LIMIT_WORDS["minute"]),
        retry_after=wait,
        problem=problem,
        reference=reference,
    )


_LIMIT_WORDS = {
    "minute": "Xero allows 60 calls a minute; the rest goes out in a moment.",
    "day": "Today's calls to Xero are used up; sending goes on when Xero allows it again.",
    "app": "Tandem has used the calls that Xero allows it for this minute; the rest goes out in a moment.",
    "appminute": "Tandem has used the calls that Xero allows it for this minute; the rest goes out in a moment.",
    "concurrent": "Xero is busy with our other calls; the rest goes out in a moment.",
}


def _refused(status: int, headers: Mapping[str, str], detail: str, reference: str) -> ProviderError:
    """The scope is told in WWW-Authenticate or the body; a disconnected organisation by its detail, with 403
    or 401 (Xero docs disagree with the field: accept both)."""
    challenge = _header(headers, "WWW-Authenticate").lower()
    if "insufficient_scope" in challenge or "insufficient_scope" in detail.lower():
        return MissingScope(
            "Xero was connected without a permission that is needed. Reconnect and allow it.",
            detail=detail,
            reference=reference,
        )
    if "tokenexpired" in detail.lower() or "invalid_token" in challenge:
        return NeedsReauth("Xero no longer accepts our access.", detail=detail, reference=reference)
    if "authenticationunsuccessful" in detail.lower():
        return Disconnected("This organisation was disconnected in Xero.", detail=detail, reference=reference)
    if status == 403:
        return Forbidden(
            "Xero does not let the person who connected do this. Reconnect as somebody who may.",
            detail=detail,
            reference=reference,
        )
    return NeedsReauth("Xero no longer accepts our access.", detail=detail, reference=reference)


def _unknown(detail: str, reference: str) -> Uncertain:
    words = "Xero answered with a fault; Tandem looks up what became of it."
    return Uncertain(words, replied=True, detail=detail, reference=reference)


def _server_error(detail: str, reference: str, *, wrote: bool) -> ProviderError:
    if "organisation is offline" in detail.lower():
        return Unavailable(
            "This organisation is offline in Xero for a few minutes.",
            retry_after=ORGANISATION_OFFLINE_SECONDS,
            answered=True,
            detail=detail,
            reference=reference,
        )
    if "offline for maintenance" in detail.lower() or "temporarily unavailable" in detail.lower():
        return Unavailable(
            "Xero is down for maintenance.",
            retry_after=MAINTENANCE_SECONDS,
            answered=True,
            detail=detail,
            reference=reference,
        )
    if wrote:
        return _unknown(detail, reference)
    return Retryable("Xero answered with a fault.", detail=detail, reference=reference)


def _detail(body: bytes) -> str:
    """Xero's own words in the body, whatever its shape: validation messages, Detail, Message, or plain text."""
    try:
        parsed = wire.parse(body)
    except ValueError:
        return "" if body.lstrip()[:1] == b"<" else body.decode("utf-8", "replace").strip()[:500]
    return _words(parsed) if isinstance(parsed, dict) else ""


def _words(source: dict[str, Any]) -> str:
    lowered = {str(key).lower(): value for key, value in source.items()}
    found = [
        str(error.get("Message"))
        for element in wire.objects(source, "Elements")
        for error in wire.objects(element, "ValidationErrors")
    ]
    return " ".join(found) or str(
        lowered.get("detail") or lowered.get("message") or lowered.get("error") or ""
    )


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def _seconds(value: str, fallback: float) -> float:
    """Whole seconds, at most a day; anything else is not a wait that Xero would ask for."""
    return float(min(int(value), LONGEST_WAIT)) if value.isdecimal() else fallback


def _is_conflicting_key(detail: str) -> bool:
    """Whether Xero says that the key was used with another request. What became of that one is not known."""
    return "is used with a different request" in detail
