"""The fault rows: a plant to break, and a table at the end that says what was injected, lost and doubled."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from tests.accounting.conftest import connected, gst, sandbox, sandbox_server, sync
from tests.faults.plant import Postgres, Redis, run_scenario
from tests.properties.conftest import direct, direct_sandbox, joined, tax_rates

__all__ = [
    "connected", "direct", "direct_sandbox", "gst", "joined", "sandbox", "sandbox_server", "sync", "tax_rates",
]  # fmt: skip

LONG = bool(os.environ.get("FAULTS_LONG"))
Tell = Callable[..., None]
"""What `tell_row` is."""
_databases = count(1)


@dataclass(frozen=True)
class Row:
    """One line of the table at the end."""

    row: str
    injected: str
    times: int
    lost: int
    doubled: int


ROWS: list[Row] = []


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "faults: breaks things on purpose (python3 run.py faults)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a fault test."""
    for item in items:
        if "/faults/" in str(item.path):
            item.add_marker(pytest.mark.faults)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not ROWS:
        return
    terminalreporter.section("faults")
    line = "{:<5} {:<66} {:>6} {:>6} {:>8}"
    terminalreporter.line(line.format("row", "injected", "times", "lost", "doubled"))
    for row in sorted(ROWS, key=lambda row: (int(row.row[1:3]), row.row)):
        terminalreporter.line(line.format(row.row, row.injected[:66], row.times, row.lost, row.doubled))


@pytest.fixture
def tell_row() -> Callable[..., None]:
    """Adds a line to the table at the end."""

    def tell(row: str, injected: str, times: int, *, lost: int = 0, doubled: int = 0) -> None:
        ROWS.append(Row(row, injected, times, lost, doubled))

    return tell


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def broker() -> Iterator[Redis]:
    if not Redis.is_installed():
        pytest.skip("redis-server is not installed")
    server = Redis()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def play(postgres: Postgres, broker: Redis) -> Callable[..., dict[str, Any]]:
    """Plays a scenario with real processes on an empty database, and returns what it found."""

    def run(name: str, *, own_broker: bool = False, **options: Any) -> dict[str, Any]:
        server = broker
        if own_broker:
            server = Redis()
        with postgres.database(f"scenario_{next(_databases)}") as url:
            found = run_scenario(name, postgres, url, server, **options)
        print(name, options, found)
        return found

    return run
