"""Time that passes only when a call is made or somebody waits: minutes of Xero's limits in seconds of ours."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from accounting.providers.xero import client
from xero_sandbox.handle import Handle

CALL_SECONDS = 0.3


class Simulation:
    """One clock for our limits and for the sandbox. `on_call` runs in the middle of each call, `after_call` at
    its end with the bytes that were sent."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.calls: list[float] = []
        self.during: Callable[[], None] = lambda: None
        self.after: Callable[[str, bytes], None] = lambda method, body: None

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def _time(self) -> float:
        return self.now

    def _present(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.now, dt.UTC)

    def call(self, session: Any, method: str, url: str, **options: Any) -> Any:
        """A call of 300 ms, carried out by the sandbox in its middle."""
        self.calls.append(self.now)
        self.advance(CALL_SECONDS / 2)
        self.during()
        reply = _CALL(session, method, url, **options)
        self.advance(CALL_SECONDS / 2)
        self.after(method, options.get("data") or b"")
        return reply

    @contextmanager
    def running(self, sandbox: Handle) -> Iterator[None]:
        """Inside, our limits and the sandbox live in this time; the database keeps its own."""
        clock = sandbox.clock
        present = mock.patch.object(clock, "now", self._present)
        ours = mock.patch.object(time, "time", self._time)
        with present, ours, mock.patch.object(client, "call", self.call):
            yield


_CALL = client.call
