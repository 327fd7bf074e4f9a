"""The files and processes of a private Postgres: locks, secrets on disk, the socket's directory."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

from config.postgres_binaries import EmbeddedPostgresError, anyone_may_pass

PATIENCE = 60.0
LONGEST_SOCKET_DIRECTORY = 80  # a socket's whole path may have 103 bytes
SOCKET_PREFIX = "tandem-socket-"


def try_lock(path: Path, kind: int) -> TextIO | None:
    """The open, locked file, or None when another process holds it."""
    handle = path.open("a+")
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of this home."""
    deadline = time.monotonic() + PATIENCE
    while (handle := try_lock(home / "lock", fcntl.LOCK_EX)) is None:
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"Another process has been starting Postgres in {home} for too long.")
        time.sleep(0.02)
    with closing(handle):
        yield


def write_private(path: Path, text: str) -> None:
    """A new file of this text that nobody else may read."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)


def passwords_of(home: Path) -> dict[str, str]:
    """The passwords of this home, each made when it is first asked for. "role" is the owner's."""
    path = home / "passwords.json"
    words = dict(json.loads(path.read_text())) if path.exists() else {}
    if missing := {"superuser", "role", "worker"} - set(words):
        words |= {name: secrets.token_urlsafe(24) for name in missing}
        write_private(path, json.dumps(words))
    return words


def short_directory() -> Path:
    """A new directory for the socket whose path is short and open to every user's passing."""
    place = Path(tempfile.gettempdir())
    if len(os.fsencode(place)) > LONGEST_SOCKET_DIRECTORY or not anyone_may_pass(place / "socket"):
        place = Path("/tmp")  # noqa: S108  (a folder of our own is made in it)
    return Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=place))


def remove_socket(directory: str) -> None:
    """Delete the directory of a socket, if it is one of ours."""
    if Path(directory).name.startswith(SOCKET_PREFIX):
        shutil.rmtree(directory, ignore_errors=True)


def is_postgres(pid: int) -> bool:
    """Whether a Postgres runs under this number (a zombie does not); where the system does not tell, it may."""
    if not Path("/proc/self/stat").exists():
        return True
    try:
        name, state = Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
    except FileNotFoundError:
        return False
    return name == "postgres" and not state.startswith(" Z")
