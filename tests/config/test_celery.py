"""Publishing never holds up the person who saved, and the schedule names tasks that exist."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from celery.schedules import crontab

from config import env
from config.celery import app

PUBLISH = """
import os, time, uuid
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
import django
django.setup()
from accounting import wakeup
import kombu.transport.redis  # the first publisher loads it; that is not what is measured
began = time.monotonic()
try:
    wakeup.send(wakeup.DRAIN, workspace_id=uuid.uuid4(), connection_id=uuid.uuid4())
except Exception as error:
    print(type(error).__name__, round(time.monotonic() - began, 1))
"""

WORKER_BEGINS = """
import sys
from celery import signals
from config.celery import app
app.loader.import_default_modules()  # a worker sets Django up with it
print("xero_python.accounting" in sys.modules)
signals.worker_init.send(sender=None)
print("xero_python.accounting" in sys.modules)
"""

LONGEST_QUESTION = """
from config.celery import app
print(app.connection_for_read().transport.brpop_timeout)
"""


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where somebody takes the call and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def run(program: str, **environment: str) -> str:
    """What it prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=env.ROOT,
        env={"PATH": "", "DATABASE_URL": "postgres:///unused", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def seconds_to_fail(port: int) -> float:
    name, seconds = run(PUBLISH, REDIS_URL=f"redis://127.0.0.1:{port}/0").split()
    assert name == "OperationalError"
    return float(seconds)


@pytest.mark.long
@pytest.mark.slow
def test_publishing_to_a_closed_port_fails_at_once() -> None:
    assert seconds_to_fail(1) < 2


@pytest.mark.long
@pytest.mark.slow
def test_publishing_to_a_broker_that_says_nothing_fails_soon(silent_port: int) -> None:
    assert seconds_to_fail(silent_port) < 5


@pytest.mark.long
@pytest.mark.slow
def test_worker_loads_what_is_heavy_before_it_forks_its_children() -> None:
    """Otherwise the first person whom a child serves waits for it."""
    assert run(WORKER_BEGINS).split() == ["False", "True"]


@pytest.mark.slow
def test_worker_asks_redis_anew_many_times_a_second() -> None:
    """Once a second, as is usual, two places of background tasks would do two of them a second, however short."""
    assert float(run(LONGEST_QUESTION, REDIS_URL="redis://127.0.0.1:1/0")) <= 0.1


def test_memory_broker_is_looked_at_often() -> None:
    assert app.conf.broker_url == "memory://"
    assert app.conf.broker_transport_options == {"polling_interval": 0.02}


def test_schedule_names_registered_tasks_and_its_messages_expire() -> None:
    app.loader.import_default_modules()
    schedule = app.conf.beat_schedule.values()
    assert {entry["task"] for entry in schedule} - set(app.tasks) == set()
    repeated = [entry for entry in schedule if isinstance(entry["schedule"], float)]
    lives = [entry["options"]["expires"] - entry["schedule"] for entry in repeated]
    assert lives == [3600] * len(repeated), "a worker whose clock is an hour ahead must not drop them"


def test_daily_task_is_due_by_the_clock_whenever_beat_was_started() -> None:
    assert app.conf.beat_schedule["keep-alive"]["schedule"] == crontab(hour=3, minute=17)
