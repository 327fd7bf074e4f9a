"""From an error to what happens next. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from accounting.enums import ErrorClass, Limit
from accounting.port.errors import (
    Misconfigured,
    NeedsReauth,
    Permanent,
    ProviderError,
    RateLimited,
    Unavailable,
)

FIRST_DELAY = 2.0
LONGEST_DELAY = 600.0


_LIMITS = {"minute": Limit.MINUTE, "day": Limit.DAY, "app": Limit.APP, "appminute": Limit.APP}


@dataclass(frozen=True, slots=True)
class Pause:
    """How long the connection rests, in seconds, and why, for the user; `limit` when a limit was reached."""

    seconds: float
    reason: str
    limit: Limit = Limit.NONE


def backoff(attempts: int) -> float:
    """Seconds to wait after this many attempts: doubling, capped, with jitter so that workers spread."""
    ceiling: float = min(FIRST_DELAY * 2.0 ** max(attempts - 1, 0), LONGEST_DELAY)
    return ceiling * random.uniform(0.75, 1.25)  # noqa: S311  (jitter)


def pause_after(error: ProviderError, attempts: int) -> Pause:
    """How long to leave the organisation alone after this error. Xero's own wait is obeyed, never shortened."""
    if isinstance(error, RateLimited):
        return Pause(error.retry_after, error.message, _LIMITS.get(error.problem, Limit.NONE))
    if isinstance(error, Unavailable) and error.retry_after:
        return Pause(max(error.retry_after, backoff(attempts)), error.message)
    return Pause(backoff(attempts), error.message)


def class_of(error: Exception) -> ErrorClass:
    """The class shown and stored for this error. What is not foreseen is ours, and needs a human."""
    if isinstance(error, (Misconfigured, NeedsReauth)):
        return ErrorClass.MISCONFIGURED
    if isinstance(error, Permanent):
        return ErrorClass.PERMANENT
    if isinstance(error, ProviderError):
        return ErrorClass.RETRYABLE
    return ErrorClass.INTERNAL
