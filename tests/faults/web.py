"""The web server that is flooded: started as the README says, production settings. This module is also its application;
CONTROL takes a protection away from it."""

from __future__ import annotations

import http.client
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.production import serve
from tests.faults.plant import ROOT, free_port

KEY = "tandem-sandbox-webhook-key"
INTENT = b'{"events":[]}'


class Web:
    """A gunicorn in a process group of its own."""

    def __init__(self, workers: int, control: str) -> None:
        self.port = free_port()
        told = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.prod",
            "SITE_URL": "https://localhost",
            "ALLOWED_HOSTS": "localhost",
            "CONTROL": control,
        }
        command = serve(
            "tests.faults.web:web()", self.port, "--log-level", "critical", "--workers", str(workers)
        )
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=told, start_new_session=True, stdout=subprocess.DEVNULL
        )

    def wait(self) -> None:
        """Until every worker has started and one answers."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                client = http.client.HTTPConnection("localhost", self.port, timeout=5)
                client.request("GET", "/health/live")
                if client.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError("the web server did not start")

    def resident(self) -> int:
        """Bytes of memory that its workers hold."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        pages = [int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children]
        return sum(pages) * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        """SIGKILL to all of it, as when the machine goes away."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)


@contextmanager
def serving(workers: int = 2, control: str = "") -> Iterator[Web]:
    server = Web(workers, control)
    try:
        server.wait()
        yield server
    finally:
        server.kill()


def web() -> Any:
    """The WSGI application of production; without a protection, if CONTROL names one."""
    from config.wsgi import application  # noqa: PLC0415  (Django is set up by it)

    if os.environ.get("CONTROL") == "answer_first":
        _answer_first()
    return application


def _answer_first() -> None:
    """What arrives is put into memory and answered; it is stored when there is time."""
    from webhooks import views  # noqa: PLC0415  (Django must be set up first)

    receive, waiting = views.receive, queue.SimpleQueue()  # type: ignore[var-annotated]

    def store() -> None:
        while True:
            receive(**waiting.get())
            time.sleep(0.02)

    views.receive = lambda **told: waiting.put(told)  # type: ignore[assignment]
    threading.Thread(target=store, daemon=True).start()


def post(client: http.client.HTTPConnection, body: bytes, signature: str | None = None) -> int:
    """The answer's code; 0 when there was none. A connection that was closed meanwhile is opened again."""
    from accounting.providers.xero.signature import sign  # noqa: PLC0415  (Django must be set up first)

    headers = {"Content-Type": "application/json", "x-xero-signature": signature or sign(body, KEY)}
    for _ in range(2):
        try:
            client.request("POST", "/webhooks/xero/", body, headers)
            answer = client.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            client.close()
    return 0
