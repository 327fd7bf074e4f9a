"""The parts of the demo beside the web server: the sandbox, and the worker with its clock."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from celery import beat, signals
from celery.worker import state as worker_state

from config.celery import app
from config.demo.environment import CLIENT_ID, keys
from config.demo.options import Options, is_free
from config.env import ROOT

PATIENCE = 30.0
CONCURRENCY = 4
WORKER = "worker@demo"


class PartFailed(Exception):
    """A part of the demo did not start. The text says which, and its last words."""


class Child:
    """A Python module in a process of its own, which ends with this one."""

    def __init__(self, title: str, log: Path, module: str, *options: str) -> None:
        self.title, self.log = title, log
        with log.open("a") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "config.demo.leash", module, *options],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches us first; we stop it in order
            )

    def await_port(self, port: int) -> None:
        """Return once the child listens there. Raises PartFailed when it ends or takes too long."""
        deadline = time.monotonic() + PATIENCE
        while is_free(port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise PartFailed(f"{self.title} did not start:\n\n{self.last_words()}")
            time.sleep(0.05)

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


def start_sandbox(options: Options) -> Child:
    """The Xero sandbox, which knows this Tandem as its app and sends it webhooks."""
    secrets = keys(options.data)
    data = options.data / "sandbox"
    data.mkdir(exist_ok=True)
    flags = {
        "port": options.sandbox_port,
        "data": data,
        "public-url": options.sandbox_url,
        "client-id": CLIENT_ID,
        "client-secret": secrets["XERO_CLIENT_SECRET"],
        "redirect-uri": f"{options.site_url}/accounting/xero/callback/",
        "recovery-url": f"{options.site_url}/demo/xero-recovered/",
        "webhook-url": f"{options.site_url}/webhooks/xero/",
        "webhook-key": secrets["XERO_WEBHOOK_KEYS"],
        "organisations": 2,
    }
    given = [f"--{name}={value}" for name, value in flags.items()]
    return Child("The Xero sandbox", options.data / "sandbox.log", "xero_sandbox", *given, "--seed")


class CeleryThreads:
    """A worker and beat as threads of this process, over the in-memory broker.

    What is queued is lost at the end. Nothing else is: the operations are rows, and the sweep finds them.
    """

    def __init__(self) -> None:
        self._worker: Any = app.WorkController(
            pool="threads",
            concurrency=CONCURRENCY,
            hostname=WORKER,
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
        )
        # The command line sends this; it has each task begin and end without a connection to the database.
        signals.worker_init.send(sender=self._worker)
        self._beat = beat.Service(app, max_interval=1, scheduler_cls=beat.Scheduler, remote_control=False)
        self._threads = [
            threading.Thread(target=self._worker.start, name="worker", daemon=True),
            threading.Thread(target=self._beat.start, name="beat", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let tasks under way end, then stop both."""
        self._beat.stop()
        worker_state.should_stop = 0
        # The worker looks at that every two seconds, and at its mail at once.
        app.control.shutdown(destination=[WORKER])
        for thread in self._threads:
            thread.join(10)
        worker_state.should_stop = None


class CeleryChildren:
    """The worker and beat as in production, over the broker REDIS_URL names."""

    def __init__(self, data: Path) -> None:
        self._children = [
            Child("The worker", data / "worker.log", "celery", "-A", "config", "worker", "--concurrency=2"),
            Child(
                "Beat",
                data / "beat.log",
                "celery",
                *("-A", "config", "beat", "--pidfile=", f"--schedule={data / 'beat-schedule'}"),
            ),
        ]

    def stop(self) -> None:
        with contextlib.ExitStack() as stack:
            for child in self._children:
                stack.callback(child.stop)
