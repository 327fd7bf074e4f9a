"""Xero's call limits, kept before Xero has to say no (Xero docs: "Rate limits").

60 calls a minute for an organisation and 10,000 a minute for the app, counted in a moving window that all
workers share through the storage (Redis in production, the process's memory in the demo).
"""

from __future__ import annotations

import time
from functools import lru_cache

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from accounting.port.errors import RateLimited

PER_ORGANISATION = RateLimitItemPerMinute(60)
RESERVE = 3
"""Calls of every minute that work nobody waits for leaves alone: a person's edit always finds one."""
PER_APP = RateLimitItemPerMinute(10_000)
PACE = RateLimitItemPerSecond(400, 3)
FEW = 4
"""So many records of one kind within PACE's three seconds are a stream: somebody imports, or many people save."""
GATHER = 3.0
"""Seconds for which a write of a stream waits for others to go with it, unless it is full."""


@lru_cache(maxsize=4)
def _limiter(storage: str) -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string(storage))


def take_call(storage: str, tenant_id: str, *, background: bool = False) -> None:
    """Count one call. Raises RateLimited with the seconds until the next one is allowed.

    `background` work leaves a few calls of every minute to people.
    """
    limiter = _limiter(storage)
    if background:
        spare_reserve(storage, tenant_id)
    _take(limiter, PER_ORGANISATION, "minute", "xero", tenant_id)
    _take(limiter, PER_APP, "app", "xero-app")


def spare_reserve(storage: str, tenant_id: str) -> None:
    """Raises RateLimited when no more calls of this minute are left than people's reserve."""
    limiter = _limiter(storage)
    if not limiter.test(PER_ORGANISATION, "xero", tenant_id, cost=RESERVE + 1):
        raise _limited(limiter, PER_ORGANISATION, "reserve", "xero", tenant_id)


def count_write(storage: str, tenant_id: str, kind: str, records: int) -> None:
    """One write of so many records of this kind goes out. That there are more than a few is all that counts of them."""
    _limiter(storage).hit(PACE, "xero-pace", tenant_id, kind, cost=min(records, FEW))


def until_next_write(storage: str, tenant_id: str, kind: str) -> float:
    """Seconds for which a write that is not full waits: none but in a stream."""
    left = _limiter(storage).get_window_stats(PACE, "xero-pace", tenant_id, kind).remaining
    return GATHER if PACE.amount - left >= FEW else 0.0


def _take(limiter: MovingWindowRateLimiter, item: RateLimitItem, problem: str, *keys: str) -> None:
    if not limiter.hit(item, *keys):
        raise _limited(limiter, item, problem, *keys)


def _limited(limiter: MovingWindowRateLimiter, item: RateLimitItem, problem: str, *keys: str) -> RateLimited:
    wait = limiter.get_window_stats(item, *keys).reset_time - time.time()
    wait = min(max(wait, 0.5), item.get_expiry())  # another machine's clock may be ahead of ours
    return RateLimited(
        "Xero allows 60 calls a minute; the rest goes out in a moment.", retry_after=wait, problem=problem
    )


def reset(storage: str) -> None:
    """Forget all counts (tests and a fresh demo)."""
    _limiter(storage).storage.reset()
