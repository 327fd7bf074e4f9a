"""A Postgres and a Redis of our own, to be broken; and the processes that work with them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from psycopg2 import sql

from config.embedded_postgres import NOBODY, EmbeddedPostgres
from config.postgres_files import is_postgres

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATE = "template_tandem"


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Redis:
    """A server without persistence: what it forgets is gone."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_installed() -> bool:
        return shutil.which("redis-server") is not None

    def start(self) -> None:
        options = ["--port", str(self.port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
        self._process = subprocess.Popen(
            ["redis-server", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp"
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("redis-server did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


class Postgres:
    """A throwaway server whose data survive its own crashes (not those of the machine)."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="tandem-faults-"))
        self.server = EmbeddedPostgres(self.home, throwaway=True, keeps_commits=True)

    def start(self) -> None:
        self.server.open()
        self._migrate()

    def stop(self) -> None:
        self.server.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def url(self, database: str) -> str:
        return self.server.url(database)

    def _migrate(self) -> None:
        with self._admin() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {} OWNER tandem").format(sql.Identifier(TEMPLATE)))
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v", "0"],
            cwd=ROOT,
            check=True,
            env={
                **os.environ,
                "DATABASE_URL": self.url(TEMPLATE),
                "MIGRATION_DATABASE_URL": self.server.owner_url(TEMPLATE),
                "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            },
        )

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        with closing(self.server._connect()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """A migrated, empty database; its URL."""
        named = sql.Identifier(name)
        with self._admin() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(named, sql.Identifier(TEMPLATE)))
        try:
            yield self.url(name)
        finally:
            with self._admin() as cursor:
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(named))


def restart_postgres(data: Path, mode: str) -> None:
    """Stop the server of this data as `mode` says (fast: rolls back; immediate: as if it had crashed) and start it
    again as it was: its clients find it under the same address."""
    pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
    os.kill(pid, {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
    while is_postgres(pid):
        time.sleep(0.02)
    as_root = os.geteuid() == 0
    identity: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_root else {}
    with (data.parent / "postgres.log").open("ab") as log:
        subprocess.Popen(command, stdout=log, stderr=log, cwd=data.parent, start_new_session=True, **identity)


def run_scenario(
    name: str,
    postgres: Postgres,
    database_url: str,
    redis: Redis,
    *,
    module: str = "tests.faults.scenario",
    patience: float = 600,
    **options: Any,
) -> dict[str, Any]:
    """Play a scenario of this module in a process of its own; what it found is its last line."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "MIGRATION_DATABASE_URL": "",
        "REDIS_URL": redis.url,
        "POSTGRES_DATA": str(postgres.server.data),
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "LOG_LEVEL": "CRITICAL",
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [sys.executable, "-m", module, name, json.dumps(options)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=patience,
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(f"scenario {name} fell over:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))
