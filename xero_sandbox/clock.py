"""Time as the sandbox sees it: the machine's clock plus an offset that tests may move."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class Clock:
    """Answers "what time is it" in UTC; `advance` moves every expiry, window and stamp at once."""

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The sandbox's present, aware and in UTC."""
        with self._lock:
            return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> datetime:
        """Move time forward (or back, with a negative figure) and answer the new present."""
        with self._lock:
            self._offset += timedelta(seconds=seconds)
        return self.now()

    def reset(self) -> None:
        """Return to the machine's own time."""
        with self._lock:
            self._offset = timedelta(0)

    def today(self, zone: str) -> date:
        """The calendar date in an organisation's own zone (UTC where the machine lacks zone data)."""
        try:
            return self.now().astimezone(ZoneInfo(zone)).date()
        except ZoneInfoNotFoundError:
            return self.now().date()
