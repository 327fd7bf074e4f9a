"""Xero's rate limits, counted per organisation and per app (Xero docs, "API limits")."""

from __future__ import annotations

import threading
import zlib
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime

from xero_sandbox.config import LimitsConfig
from xero_sandbox.reply import Reply

MINUTE, DAY = 60, 86_400


@dataclass(slots=True)
class _Window:
    """A fixed window: it restarts at a moment of its own, as Xero's do."""

    seconds: int
    offset: int
    index: int = -1
    used: int = 0

    def turn(self, now: float) -> None:
        index = int((now - self.offset) // self.seconds)
        if index != self.index:
            self.index, self.used = index, 0

    def seconds_left(self, now: float) -> int:
        return max(1, int(self.seconds - (now - self.offset) % self.seconds + 0.999))


@dataclass(slots=True)
class _Tenant:
    minute: _Window
    day: _Window
    in_flight: int = 0
    most_in_flight: int = 0
    recent: deque[float] = field(default_factory=deque)
    rolling_peak: int = 0


class Limiter:
    """Admits or refuses calls; remembers how near to the limits the app has come."""

    def __init__(self, config: LimitsConfig) -> None:
        self._lock = threading.Lock()
        self.config = config
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._app = _Window(MINUTE, 0)
            self._tenants: dict[str, _Tenant] = {}
            self.refused: defaultdict[str, int] = defaultdict(int)

    def admit(self, tenant_id: str, moment: datetime) -> Reply | None:
        """None when the call may go on (then `release` it), else the 429."""
        now = moment.timestamp()
        with self._lock:
            tenant = self._turn(tenant_id, now)
            problem, wait = self._problem(tenant, now)
            if problem is None:
                self._count(tenant, now)
                return None
            self.refused[problem] += 1
            return too_many(problem, wait, self._remaining(tenant))

    def release(self, tenant_id: str) -> None:
        with self._lock:
            if tenant_id in self._tenants:
                self._tenants[tenant_id].in_flight -= 1

    def headers(self, tenant_id: str, moment: datetime) -> dict[str, str]:
        with self._lock:
            return self._remaining(self._turn(tenant_id, moment.timestamp()))

    def spend_day(self, tenant_id: str, moment: datetime, calls: int) -> None:
        """Use up part of a day's budget, as other work of the same app would."""
        with self._lock:
            self._turn(tenant_id, moment.timestamp()).day.used += calls

    def report(self) -> dict[str, object]:
        """Counters for tests: refusals by kind, and per organisation the highest load ever seen."""
        with self._lock:
            return {
                "refused": dict(self.refused),
                "calls_over_limit": sum(self.refused.values()),
                "max_concurrency": {key: tenant.most_in_flight for key, tenant in self._tenants.items()},
                "rolling_minute_peak": {key: tenant.rolling_peak for key, tenant in self._tenants.items()},
                "day_used": {key: tenant.day.used for key, tenant in self._tenants.items()},
            }

    def _turn(self, tenant_id: str, now: float) -> _Tenant:
        if tenant_id not in self._tenants:
            offset = zlib.crc32(tenant_id.encode())
            self._tenants[tenant_id] = _Tenant(_Window(MINUTE, offset % MINUTE), _Window(DAY, offset % DAY))
        tenant = self._tenants[tenant_id]
        for window in (tenant.minute, tenant.day, self._app):
            window.turn(now)
        return tenant

    def _problem(self, tenant: _Tenant, now: float) -> tuple[str | None, int | None]:
        if tenant.in_flight >= self.config.concurrent:
            return "concurrent", None
        if tenant.day.used >= self.config.day:
            return "day", tenant.day.seconds_left(now)
        if tenant.minute.used >= self.config.minute:
            return "minute", tenant.minute.seconds_left(now)
        if self._app.used >= self.config.app_minute:
            return "appminute", None
        return None, None

    def _count(self, tenant: _Tenant, now: float) -> None:
        for window in (tenant.minute, tenant.day, self._app):
            window.used += 1
        tenant.in_flight += 1
        tenant.most_in_flight = max(tenant.most_in_flight, tenant.in_flight)
        tenant.recent.append(now)
        while tenant.recent[0] <= now - MINUTE:
            tenant.recent.popleft()
        tenant.rolling_peak = max(tenant.rolling_peak, len(tenant.recent))

    def _remaining(self, tenant: _Tenant) -> dict[str, str]:
        return {
            "X-DayLimit-Remaining": str(max(0, self.config.day - tenant.day.used)),
            "X-MinLimit-Remaining": str(max(0, self.config.minute - tenant.minute.used)),
            "X-AppMinLimit-Remaining": str(max(0, self.config.app_minute - self._app.used)),
        }


def too_many(problem: str, retry_after: int | None, headers: dict[str, str] | None = None) -> Reply:
    """A 429 as seen on the wire: no Content-Type, an empty body, everything in the headers."""
    headers = {**(headers or {}), "X-Rate-Limit-Problem": problem}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Reply(429, b"", None, headers)
