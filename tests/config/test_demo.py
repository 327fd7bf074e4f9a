"""The demo as a newcomer runs it: it answers, it stops everything it started, it keeps the data."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from config.demo.people import ACME, PASSWORD
from config.env import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.long]

PATIENCE = 60.0
PROC = Path("/proc")
REDIS_URL = os.environ.get("REDIS_URL", "")


class Demo:
    """A running demo: its output so far, its ports, its process."""

    def __init__(self, data: Path, *options: str, redis_url: str = "") -> None:
        self.port, self.sandbox_port = free_port(), free_port()
        self.output: list[str] = []
        variables = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        ports = ["--port", str(self.port), "--sandbox-port", str(self.sandbox_port)]
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--data", str(data), *ports, *options],
            cwd=ROOT,
            env={**variables, "REDIS_URL": redis_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._await_banner()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.output += self.process.stdout

    def _await_banner(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            if answers(f"http://localhost:{self.port}/health/ready"):
                return
            time.sleep(0.05)
        self.stop(signal.SIGKILL)
        raise AssertionError("the demo did not start:\n" + "".join(self.output))

    def stop(self, number: int) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def data(open_folder: Path) -> Path:
    return open_folder / "my demo"


@pytest.fixture
def start_demo(data: Path) -> Iterator[Callable[..., Demo]]:
    """Starts demos on the data folder, and leaves none behind when the test fails."""
    demos = []

    def start(*options: str, redis_url: str = "") -> Demo:
        demos.append(Demo(data, *options, redis_url=redis_url))
        return demos[-1]

    yield start
    for demo in demos:
        if demo.process.poll() is None:
            demo.stop(signal.SIGINT)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def processes_of(folder: Path) -> list[str]:
    """The processes that name the folder on their command line or in their environment: those of a demo."""
    told = {path.name: _told(path) for path in PROC.glob("[0-9]*")}
    return [f"{pid}: {text[:200]!r}" for pid, text in told.items() if os.fsencode(folder) in text]


def _told(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return b""


def sign_in(port: int) -> urllib.request.OpenerDirector:
    """A browser in which a super user of the demo has signed in."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    address = f"http://localhost:{port}/accounts/login/"
    form = browser.open(address, timeout=10).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token is not None
    fields = {"csrfmiddlewaretoken": token[1], "login": ACME.super_user.email, "password": PASSWORD}
    browser.open(
        urllib.request.Request(address, urlencode(fields).encode(), {"Referer": address}), timeout=10
    )
    return browser


def start_page(browser: urllib.request.OpenerDirector, port: int) -> str:
    return str(browser.open(f"http://localhost:{port}/", timeout=10).read().decode())


@pytest.mark.skipif(not PROC.exists(), reason="counts processes in /proc")
def test_demo_serves_stops_everything_keeps_its_data_and_survives_a_kill(
    data: Path, start_demo: Callable[..., Demo]
) -> None:
    first = start_demo()
    browser = sign_in(first.port)
    assert ACME.name in start_page(browser, first.port)
    assert answers(f"http://localhost:{first.sandbox_port}/")
    assert first.stop(signal.SIGINT) == 0
    assert processes_of(data) == []
    assert first.output[-1] == "Everything is stopped.\n"

    second = start_demo()
    assert ACME.name in start_page(browser, second.port)  # the session was kept, and the key that signs it
    assert second.stop(signal.SIGKILL) == -signal.SIGKILL

    third = start_demo()
    assert ACME.name in start_page(browser, third.port)
    assert third.stop(signal.SIGTERM) == 0
    assert processes_of(data) == []


@pytest.mark.redis
@pytest.mark.skipif(not REDIS_URL, reason="REDIS_URL is not set")
def test_demo_with_redis_runs_a_real_worker_and_stops_it(data: Path, start_demo: Callable[..., Demo]) -> None:
    demo = start_demo(redis_url=REDIS_URL)
    log = data / "tandem.log"
    deadline = time.monotonic() + PATIENCE
    done = re.compile(
        r"Task webhooks\.process\S+ succeeded"
    )  # the sandbox tries the webhook as soon as it is up
    while not done.search(log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert demo.stop(signal.SIGINT) == 0
    assert done.search(log.read_text())
    assert processes_of(data) == []
