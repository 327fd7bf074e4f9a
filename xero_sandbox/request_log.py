"""What was asked of the sandbox, newest last; tests count calls here, people read them on a page."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from xero_sandbox.clock import Clock
from xero_sandbox.wire import seven_digits


@dataclass(slots=True)
class Entry:
    """One call. `status` is None while it is being answered; `fault` names what was done to it;
    `correlation_id` is what its answer was marked with, `reply_bytes` how long that is."""

    number: int
    at: datetime
    method: str
    path: str
    query: str
    organisation: str | None
    idempotency_key: str | None
    body_sha256: str
    body_bytes: int
    elements: int = 0
    status: int | None = None
    fault: str | None = None
    replayed: bool = False
    milliseconds: float = 0.0
    correlation_id: str = ""
    reply_bytes: int = 0


class RequestLog:
    def __init__(self, clock: Clock, size: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=size)
        self._count = 0

    def open(self, **facts: Any) -> Entry:
        """Write down that a call has arrived."""
        with self._lock:
            self._count += 1
            entry = Entry(number=self._count, at=self._clock.now(), **facts)
            self._entries.append(entry)
        return entry

    def entries(self, **wanted: Any) -> list[Entry]:
        """Calls in order of arrival; each keyword narrows: `method="PUT"`, `path="Invoices"` (part of it), ..."""
        path = wanted.pop("path", "")
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if path.lower() in entry.path.lower()
            and all(getattr(entry, name) == value for name, value in wanted.items())
        ]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def entry_json(entry: Entry) -> dict[str, Any]:
    return {**asdict(entry), "at": seven_digits(entry.at)}
