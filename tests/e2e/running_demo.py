"""The demo as a child process: what `python3 run.py demo` starts, on ports of its own and in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.env import ROOT

START_SECONDS, STOP_SECONDS = 90, 30
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """Where the demo answers."""

    site: str
    sandbox: str
    data: Path


@contextmanager
def running_demo() -> Iterator[RunningDemo]:
    """Start it, wait for its first page; afterwards stop it as Ctrl-C does, and see that nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="tandem e2e "))
    folder.chmod(0o755)  # started by root, Postgres runs as another user
    data, port, sandbox_port = folder / "data", _free_port(), _free_port()
    with (folder / "output.txt").open("w") as output:
        process = _start(data, port, sandbox_port, output.fileno())
        try:
            _await_first_page(process, f"http://localhost:{port}/accounts/login/", folder / "output.txt")
            yield RunningDemo(f"http://localhost:{port}", f"http://localhost:{sandbox_port}", data)
        finally:
            code = _stop(process)
    assert code == 0, (folder / "output.txt").read_text()
    assert _processes_of(data) == []
    shutil.rmtree(folder)


def _start(data: Path, port: int, sandbox_port: int, output: int) -> subprocess.Popen[bytes]:
    ours = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "config.demo.leash", "manage", "demo", "--data", str(data)),
            *("--port", str(port), "--sandbox-port", str(sandbox_port)),
        ],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in ours},
        stdin=subprocess.PIPE,  # its leash: should this process be killed, the demo ends too
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _await_first_page(process: subprocess.Popen[bytes], url: str, output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"The demo did not start:\n{output.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> int:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    with process:  # closes the leash
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _processes_of(folder: Path) -> list[str]:
    """Processes that name the folder on their command line or in their environment."""
    told = {path.name: _told(path) for path in PROC.glob("[0-9]*")}
    return [f"{pid}: {text[:200]!r}" for pid, text in told.items() if os.fsencode(folder) in text]


def _told(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return b""
