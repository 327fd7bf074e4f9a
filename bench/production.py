"""The processes of production as the README starts them: web server, worker, Redis; and its settings."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
NO_REDIS = "redis-server is not on this machine."
PATIENCE = 30.0

Environment = dict[str, str]


def environment(redis_url: str, **more: str) -> Environment:
    """What a process of production is told. Tokens written by the bench are read with the bench's own keys."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
        "REDIS_URL": redis_url,
        "SITE_URL": "http://localhost:8000",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_ENCRYPTION_KEYS": " ".join(settings.FIELD_ENCRYPTION_KEYS),
        "XERO_CLIENT_ID": settings.XERO_CLIENT_ID,
        "XERO_CLIENT_SECRET": settings.XERO_CLIENT_SECRET,
        "XERO_WEBHOOK_KEYS": " ".join(settings.XERO_WEBHOOK_KEYS),
        **more,
    }


def has_redis() -> bool:
    return shutil.which("redis-server") is not None


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of our own, without persistence; its URL."""
    port = free_port()
    options = ["--port", str(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
    with process(["redis-server", *options], dict(os.environ), lambda: answers(port), cwd=Path("/tmp")):
        yield f"redis://127.0.0.1:{port}/0"


def serve(application: str, port: int, *options: str, python: str = sys.executable) -> list[str]:
    """The command of a web process, as the README has it, on a port of this machine."""
    bind = ["--bind", f"127.0.0.1:{port}"]
    return [python, "-m", "gunicorn", "--config", "python:core.serving", application, *bind, *options]


@contextmanager
def web_server(
    application: str, told: Environment, *, cwd: Path = ROOT, python: str = sys.executable
) -> Iterator[int]:
    """The README's web process; its port."""
    port = free_port()
    with process(serve(application, port, python=python), told, lambda: answers(port), cwd=cwd):
        yield port


@contextmanager
def worker(told: Environment, *, children: int = 4) -> Iterator[None]:
    """A Celery worker that takes tasks. Beat does not run: what the sweep would mend is not mended."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        ready = Path(home) / "ready"
        options = ["--concurrency", str(children), "--max-tasks-per-child", "1000"]
        command = [sys.executable, "-m", "celery", "-A", "bench.worker", "worker", *options]
        with process(command, {**told, "READY_FILE": str(ready)}, ready.exists):
            yield


@contextmanager
def beat(told: Environment) -> Iterator[None]:
    """What says when the regular work is due."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        schedule = Path(home) / "schedule"
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config",
            "beat",
            "--pidfile=",
            f"--schedule={schedule}",
        ]
        with process(command, told, lambda: any(Path(home).iterdir())):
            yield


@contextmanager
def process(
    command: Sequence[str], told: Environment, is_ready: Callable[[], bool], *, cwd: Path = ROOT
) -> Iterator[None]:
    """The command in a process group of its own that ends with the block. Raises with its last words."""
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            command,
            env=told,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _await(child, is_ready)
            yield
        except NotReady as error:
            raise RuntimeError(f"{command[:4]} did not start:\n{_tail(log.fileno())}") from error
        finally:
            _end(child)


class NotReady(Exception):
    """The process ended, or took too long."""


def _await(child: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_ready():
        if child.poll() is not None or time.monotonic() > deadline:
            raise NotReady
        time.sleep(0.05)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Politely, then for good: nothing of the group is left."""
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(5)


def _tail(log: int) -> str:
    size = os.fstat(log).st_size
    return os.pread(log, 3000, max(0, size - 3000)).decode(errors="replace")


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
