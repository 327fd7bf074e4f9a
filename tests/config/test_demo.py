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

from config.demo.options import is_free
from config.demo.people import ACME, PASSWORD
from config.env import ROOT

pytestmark = pytest.mark.slow

PATIENCE = 60.0


class Demo:
    """A running demo: its output so far, its ports, its process."""

    def __init__(self, data: Path, *options: str) -> None:
        self.port, self.sandbox_port = free_port(), free_port()
        self.output: list[str] = []
        variables = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        ports = ["--port", str(self.port), "--sandbox-port", str(self.sandbox_port)]
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--data", str(data), *ports, *options],
            cwd=ROOT,
            env=variables,
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
def data(tmp_path: Path) -> Path:
    """A data folder with a blank in its path, which every user may reach."""
    for parent in [tmp_path, *tmp_path.parents][:3]:
        parent.chmod(0o755)
    return tmp_path / "my demo"


@pytest.fixture
def start_demo(data: Path) -> Iterator[Callable[..., Demo]]:
    """Starts demos on the data folder, and leaves none behind when the test fails."""
    demos = []

    def start(*options: str) -> Demo:
        demos.append(Demo(data, *options))
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


def processes_of(folder: Path) -> dict[int, str]:
    """The processes whose command line names the folder: the database and the sandbox of a demo."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command:
            found[int(path.parent.name)] = command
    return found


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


@pytest.mark.skipif(not Path("/proc").exists(), reason="counts processes in /proc")
def test_demo_serves_stops_everything_keeps_its_data_and_survives_a_kill(
    data: Path, start_demo: Callable[..., Demo]
) -> None:
    first = start_demo()
    browser = sign_in(first.port)
    assert ACME.name in start_page(browser, first.port)
    assert not is_free(first.sandbox_port)
    assert first.stop(signal.SIGINT) == 0
    assert processes_of(data) == {}
    assert first.output[-1] == "Everything is stopped.\n"

    second = start_demo()
    assert ACME.name in start_page(browser, second.port)  # the session was kept, and the key that signs it
    assert second.stop(signal.SIGKILL) == -signal.SIGKILL

    third = start_demo("--reset")
    assert ACME.name not in start_page(browser, third.port)
    assert ACME.name in start_page(sign_in(third.port), third.port)
    assert third.stop(signal.SIGTERM) == 0
    assert processes_of(data) == {}
