"""G15: rows lost and rows doubled while workers are killed, calls go wrong and the database crashes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from bench.database import copied_database, create_database
from bench.figure import Figure, at_least, at_most, missing
from bench.production import NO_REDIS, ROOT, has_redis, redis_server
from bench.scale import Scale
from config.embedded_postgres import EmbeddedPostgres

TEMPLATE = "template_losses"
NAMES = ("G15 rows lost", "G15 rows doubled", "G15 control, a new key at each try: doubled",
         "G15 control, finished before the call: untracked")  # fmt: skip
_serial = count(1)

Found = dict[str, Any]


def measure(scale: Scale) -> list[Figure]:
    """Storms of the fault rows' own, in processes and on servers of their own; then each of the controls."""
    if not has_redis():
        return [missing(name, "", NO_REDIS) for name in NAMES]
    storms = scale.pick(tiny=1, usual=1, full=17)
    invoices = scale.pick(tiny=80, usual=1000, full=30_000)
    with _ground() as ground:
        found = [ground.storm(seed + 1, invoices) for seed in range(storms)]
        doubled = ground.kill("during the call", "new_key")
        untracked = ground.kill("after the answer", "mark_then_call", runs=2)
    return [*_whole(found), *_controls(doubled, untracked)]


def _whole(found: list[Found]) -> list[Figure]:
    if not all(one["kills"] and one["spoiled"] for one in found):
        raise RuntimeError("a storm without a kill or without a spoiled call proves nothing")
    sums = {name: sum(one[name] for one in found) for name in ("rows", "lost", "doubled", "kills", "spoiled")}
    method = (
        f"{sums['rows']} customers, invoices and payments in {len(found)} storms (the goal's size is 1,000,000 rows): "
        "workers killed at random, calls dropped, truncated or refused after they were applied, Postgres crashed "
        "twice in each; then what is here is compared with what is in the sandbox."
    )
    beside = f"{sums['kills']} kills, {sums['spoiled']} spoiled calls, {2 * len(found)} crashes"
    return [
        at_most(NAMES[n], sums[name], 0, method=method, beside=beside)
        for n, name in enumerate(("lost", "doubled"))
    ]


def _controls(doubled: Found, untracked: Found) -> list[Figure]:
    method = (
        "One worker killed at the worst step with this protection taken away; the ledger must see the harm."
    )
    return [
        at_least(NAMES[2], doubled["doubled"], 1, method=method, beside=f"of {doubled['rows']} rows"),
        at_least(NAMES[3], untracked["unlinked"], 1, method=method, beside=f"of {untracked['rows']} rows"),
    ]


@contextmanager
def _ground() -> Iterator[Ground]:
    home = Path(tempfile.mkdtemp(prefix="tandem-losses-"))
    server = EmbeddedPostgres(home, throwaway=True, keeps_commits=True)
    try:
        server.open()
        with redis_server() as redis:
            ground = Ground(server, redis)
            ground.prepare()
            yield ground
    finally:
        server.close()
        shutil.rmtree(home, ignore_errors=True)


@dataclass
class Ground:
    """A Postgres that may crash and a Redis, for storms one after the other."""

    server: EmbeddedPostgres
    redis: str

    def storm(self, seed: int, invoices: int) -> Found:
        """An invoice and a payment on it for each of so many. What the ledger says."""
        return self._play("storm", seed=seed, rows=invoices, blows=max(8, invoices // 100))

    def kill(self, step: str, control: str, *, runs: int = 1) -> Found:
        """A worker dies at this step, unprotected: in the first call of the first run, the second of the second, ..."""
        return self._play("crashes", steps=[step], runs=runs, rows=20, control=control)

    def _play(self, scenario: str, **options: object) -> Found:
        """A scenario on an empty database, in a process of its own."""
        name = f"losses_{next(_serial)}"
        with copied_database(self.server.owner_url(), TEMPLATE, name):
            return _run(["-m", "tests.faults.scenario", scenario, json.dumps(options)], self._told(name))

    def prepare(self) -> None:
        """The tables, once; storms get copies."""
        create_database(self.server.owner_url(), TEMPLATE)
        _run(["manage.py", "migrate", "-v", "0"], self._told(TEMPLATE))

    def _told(self, database: str) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.server.url(database),
            "MIGRATION_DATABASE_URL": self.server.owner_url(database),
            "REDIS_URL": self.redis,
            "POSTGRES_DATA": str(self.server.data),
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "LOG_LEVEL": "CRITICAL",
            "PYTHONWARNINGS": "ignore",
        }


def _run(arguments: list[str], told: dict[str, str]) -> Found:
    """The last line of a Python process is what it found. Raises with its last words."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=told, capture_output=True, text=True, timeout=3600
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    lines = done.stdout.strip().splitlines()
    return dict(json.loads(lines[-1])) if lines else {}
