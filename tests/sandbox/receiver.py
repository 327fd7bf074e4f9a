"""A tiny endpoint that receives webhooks, as strict or as broken as a test asks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from xero_sandbox.webhooks import sign


class Receiver:
    """Answers 200 to good signatures and 401 to others; `answer` may be changed to misbehave."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.bodies: list[bytes] = []
        self.refused = 0
        self.answer: Callable[[], tuple[int, bytes, dict[str, str]]] = lambda: (200, b"", {})
        self.url = ""

    def receive(self, body: bytes, signature: str) -> tuple[int, bytes, dict[str, str]]:
        if signature != sign(self.key, body):
            self.refused += 1
            return 401, b"", {}
        answer = self.answer()
        if answer[0] == 200:
            self.bodies.append(body)
        return answer

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.bodies for event in json.loads(body)["events"]]

    def wait_for(self, count: int, seconds: float = 5.0) -> list[dict[str, Any]]:
        """The events, once there are `count` of them."""
        wait_until(lambda: len(self.events) >= count, seconds)
        return self.events


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


@contextmanager
def running_receiver(key: str) -> Iterator[Receiver]:
    receiver = Receiver(key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content, headers = receiver.receive(body, self.headers.get("x-xero-signature", ""))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.url = f"http://localhost:{server.server_port}/webhooks/xero/"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
