"""Real Celery workers that can be killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.faults.plant import ROOT
from xero_sandbox.handle import Handle


class Workers:
    """Celery workers, each a main process with children, in a process group of their own."""

    def __init__(self, sandbox: Handle, crash_file: Path) -> None:
        self._sandbox = sandbox
        self._crash_file = crash_file
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, count: int = 1, children: int = 2, **environment: str) -> None:
        """Start them; the environment is what they suffer (see trouble.py)."""
        told = {
            **os.environ,
            **dict.fromkeys(("XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL"), self._sandbox.url),
            "CRASH_FILE": str(self._crash_file),
            "LEASE_SECONDS": "1",
            "CALLS_A_MINUTE": "1000000",
            "QUICK_BACKOFF": "1",
            "BATCH": "10",
            **environment,
        }
        command = [sys.executable, "-m", "tests.faults.worker", "-c", str(children)]
        for _ in range(count):
            with open(os.environ.get("FAULTS_LOG", os.devnull), "ab") as log:
                worker = subprocess.Popen(
                    command, cwd=ROOT, env=told, stdout=log, stderr=log, start_new_session=True
                )
            self._running.append(worker)

    def children(self) -> list[int]:
        """The processes that do the work."""
        return [child for worker in self._running for child in _children_of(worker.pid)]

    def kill_one(self, dice: random.Random) -> bool:
        """SIGKILL to one working process."""
        children = self.children()
        if not children:
            return False
        with suppress(ProcessLookupError):
            os.kill(dice.choice(sorted(children)), signal.SIGKILL)
        return True

    def kill(self) -> None:
        """SIGKILL to everything at once, as when a machine goes away."""
        for worker in self._running:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(10)
        self._running = []

    def stop(self, grace: float = 10) -> int:
        """SIGTERM, and SIGKILL when the grace is over. Returns how many did not end by themselves."""
        ends = time.monotonic() + grace
        for worker in self._running:
            worker.terminate()
        for worker in self._running:
            with suppress(subprocess.TimeoutExpired):
                worker.wait(max(ends - time.monotonic(), 0.1))
        unwilling = sum(worker.poll() is None for worker in self._running)
        self.kill()
        return unwilling


def _children_of(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]
