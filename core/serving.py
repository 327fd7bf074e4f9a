"""How the web processes serve: `gunicorn --config python:core.serving config.wsgi`. Everything starts them so.

gunicorn keeps the processes; inside each, waitress reads a request whole, up to a size and within a time, before
one of the threads sees it, and sends the answer on its own. Half-sent requests and clients that do not read hold a
socket and never a thread (docs/adr/0016-the-web-server-reads-first.md).
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from core.uploads import LARGEST_BODY, TOO_LARGE

LARGEST_HEAD = 16 * 1024
WHOLE_WITHIN = 30
"""Seconds a request may take to arrive, from its first byte to its last."""
IDLE = 30
"""Seconds a connection may stay without a byte either way."""
READING = {
    "max_request_body_size": LARGEST_BODY + 1,  # refused by its length, or when it grows beyond
    "max_request_header_size": LARGEST_HEAD,
    "inbuf_overflow": LARGEST_BODY + 1,  # nothing of a request lies on the disk
    "channel_timeout": IDLE,
    "cleanup_interval": 5,
    "asyncore_use_poll": True,
    "ident": None,
}
"""What waitress is told wherever Tandem answers, the demo included."""


class Refusal(ErrorTask):  # type: ignore[misc]
    """An answer before the application was asked, in words."""

    def execute(self) -> None:
        if self.request.error.code == 413:
            self.request.error.body = TOO_LARGE
        super().execute()


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when it has been sending its request."""

    error_task_class = Refusal
    began = 0.0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.monotonic()
        return bool(super().received(data))

    @property
    def is_late(self) -> bool:
        """Whether a request began and did not come whole in time."""
        return self.request is not None and time.monotonic() - self.began > WHOLE_WITHIN

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for an answer on it."""
        return bool(self.requests or self.total_outbufs_len)


class ReadFirstWorker(Worker):  # type: ignore[misc]
    """A gunicorn process whose requests are read by waitress."""

    def run(self) -> None:
        """Serve until told to go; then take no more, finish what was begun, and return."""
        sockets = [listener.sock for listener in self.sockets]
        self.map: dict[int, Any] = {}
        create_server(
            self.wsgi,
            map=self.map,
            sockets=sockets,
            threads=self.cfg.threads,
            connection_limit=self.cfg.worker_connections,
            clear_untrusted_proxy_headers=False,  # core.middleware.ProxyMiddleware judges them
            **READING,
        )
        listening = [entry for entry in self.map.values() if hasattr(entry, "channel_class")]
        for server in listening:
            server.channel_class = Channel
        while self.alive and self.is_parent_alive():
            self._turn()
        for server in listening:
            server.accepting = False
        while any(channel.is_busy for channel in self._channels()):
            self._turn()

    def is_parent_alive(self) -> bool:
        """False when gunicorn's own process is gone: nobody would restart or end this one."""
        return bool(self.ppid == os.getppid())

    def _turn(self) -> None:
        wasyncore.loop(timeout=1, use_poll=True, map=self.map, count=1)
        self.notify()
        for channel in self._channels():
            if channel.is_late:
                channel.will_close = True

    def _channels(self) -> list[Channel]:
        return [entry for entry in self.map.values() if isinstance(entry, Channel)]


# -- gunicorn's settings; the command line may override them

bind = "127.0.0.1:8000"
worker_class = ReadFirstWorker
workers = 2
threads = 8
worker_connections = 1000
"""Of each process. Its worst is so many bodies of LARGEST_BODY at once."""
graceful_timeout = 30
# In memory, where there is such a place: gunicorn's sign of life must not wait for a disk.
worker_tmp_dir = next((str(place) for place in [Path("/dev/shm")] if place.is_dir()), None)  # noqa: S108
