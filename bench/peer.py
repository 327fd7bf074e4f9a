"""dj-stripe's webhook view on our server and our Postgres, in an environment made for the run."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.database import URL, arguments, database_beside
from bench.load import post
from bench.production import ROOT, Environment, web_server

VERSION = "2.11.0"
SECRET = "whsec_bench"


class NoPeer(Exception):
    """The peer could not be installed. The message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Where it answers, as it comes and with a callback that takes its events over."""

    plain: int
    with_callback: int
    path: str

    def requests(self, number: int) -> list[bytes]:
        """Signed events, each with an id of its own, of a type for which it has no handler."""
        return [self._request() for _ in range(number)]

    def _request(self) -> bytes:
        event = {
            "id": f"evt_{uuid.uuid4().hex}",
            "object": "event",
            "api_version": "2026-05-27.dahlia",
            "created": int(time.time()),
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": "balance.available",
            "data": {"object": {"object": "balance", "available": [{"amount": 1, "currency": "nzd"}]}},
        }
        body = json.dumps(event).encode()
        return post(self.path, body, {"Stripe-Signature": _signature(body)})


def _signature(body: bytes) -> str:
    now = int(time.time())
    signed = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={signed}"


@contextmanager
def peer() -> Iterator[Peer]:
    """Both ways of it, ready. Raises NoPeer when the package index cannot be reached."""
    with tempfile.TemporaryDirectory(prefix="tandem-peer-") as home, database_beside("peer") as url:
        python, told = _installed(Path(home)), _told(url)
        path = _run(NoPeer, [python, "-m", "bench.dj_stripe.prepare", SECRET], told).strip()
        with (
            web_server("bench.dj_stripe.wsgi", told, python=python) as plain,
            web_server("bench.dj_stripe.wsgi", {**told, "PEER_CALLBACK": "1"}, python=python) as handing_on,
        ):
            yield Peer(plain, handing_on, path)


def _told(url: str) -> Environment:
    named = {"dbname": "NAME"}
    database = {named.get(key, key.upper()): value for key, value in arguments(url).items()}
    outside = {key: value for key, value in os.environ.items() if key not in (URL, "VIRTUAL_ENV")}
    return {
        **outside,
        "DJANGO_SETTINGS_MODULE": "bench.dj_stripe.settings",
        "PEER_DATABASE": json.dumps(database),
    }


def _installed(home: Path) -> str:
    """The Python of an environment with dj-stripe, and with our versions of what both need."""
    ours = [f"{name}=={version(name)}" for name in ("django", "gunicorn", "psycopg2-binary", "waitress")]
    python = str(home / "bin" / "python")
    _run(NoPeer, [sys.executable, "-m", "venv", str(home)])
    _run(NoPeer, [python, "-m", "pip", "install", "--quiet", f"dj-stripe=={VERSION}", *ours])
    return python


def _run(problem: type[Exception], command: list[str], told: Environment | None = None) -> str:
    done = subprocess.run(command, env=told, cwd=ROOT, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise problem(f"{' '.join(command[1:4])}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout
