"""What nobody waits for never takes the places of what people wait for."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.worker import state

from accounting.wakeup import BACKFILL, DRAIN, RECONCILE
from config import queues
from config.celery import app
from config.env import ROOT
from config.queues import BACKGROUND, NOBODY_WAITS, PEOPLE, SparingCycle

REDIS_URL = os.environ.get("REDIS_URL")

PEOPLE_WAIT = {"accounting.drain", "accounting.sweep", "webhooks.process", "webhooks.sweep"}


def test_each_task_has_its_lane() -> None:
    app.loader.import_default_modules()
    own = {name for name in app.tasks if not name.startswith("celery.")}
    assert own == PEOPLE_WAIT | set(NOBODY_WAITS)
    lanes = {name: app.amqp.router.route({}, name)["queue"].name for name in own}
    assert {name for name, lane in lanes.items() if lane == BACKGROUND} == set(NOBODY_WAITS)


def test_worker_listens_to_both_lanes_and_each_message_goes_to_one() -> None:
    assert [(queue.name, queue.exchange.name, queue.routing_key) for queue in app.conf.task_queues] == [
        (lane, lane, lane) for lane in (PEOPLE, BACKGROUND)
    ]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a worker with four places has taken and not finished."""
    monkeypatch.setattr(queues, "_places", 1)
    queues._count_places(SimpleNamespace(controller=SimpleNamespace(concurrency=4)))
    requests: dict[str, Any] = {}
    monkeypatch.setattr(state, "requests", requests)
    return requests


@pytest.fixture
def cycle() -> SparingCycle:
    asked = SparingCycle()
    asked.update([PEOPLE, BACKGROUND])
    return asked


def take(held: dict[str, Any], task: str, number: int) -> None:
    for _ in range(number):
        held[str(len(held))] = SimpleNamespace(name=task)


def test_second_lane_gets_half_of_the_places(cycle: SparingCycle, held: dict[str, Any]) -> None:
    take(held, RECONCILE, 1)
    assert cycle.consume(2) == [PEOPLE, BACKGROUND]
    take(held, BACKFILL, 1)
    assert cycle.consume(2) == [PEOPLE]
    held.popitem()
    assert cycle.consume(2) == [PEOPLE, BACKGROUND]


def test_what_people_wait_for_takes_nothing_from_the_second_lane(
    cycle: SparingCycle, held: dict[str, Any]
) -> None:
    take(held, DRAIN, 4)
    assert cycle.consume(2) == [PEOPLE, BACKGROUND]


def test_worker_with_one_place_gives_it_to_both_lanes(cycle: SparingCycle, held: dict[str, Any]) -> None:
    queues._count_places(SimpleNamespace(controller=SimpleNamespace(concurrency=1)))
    assert cycle.consume(2) == [PEOPLE, BACKGROUND]
    take(held, RECONCILE, 1)
    assert cycle.consume(2) == [PEOPLE]


def test_worker_of_the_second_lane_alone_has_all_its_places(
    cycle: SparingCycle, held: dict[str, Any]
) -> None:
    cycle.update([BACKGROUND])
    take(held, RECONCILE, 4)
    assert cycle.consume(1) == [BACKGROUND]


@pytest.fixture
def sender() -> Iterator[Celery]:
    """Sends what the product sends, to a Redis in which nothing else waits."""
    with Celery("sender", broker=REDIS_URL) as app:
        app.conf.update(
            task_queues=queues.QUEUES,
            task_default_queue=PEOPLE,
            task_routes=queues.ROUTES,
            task_ignore_result=True,
        )
        app.control.purge()
        yield app


@pytest.fixture
def home(tmp_path: Path, sender: Celery) -> Iterator[Path]:
    """Where the tasks of a worker with four places leave their marks."""
    told = {**os.environ, "LANES": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    told |= {"DATABASE_URL": "postgres:///unused"}
    command = [sys.executable, "-m", "celery", "-A", "tests.config.lanes_app", "worker", "--concurrency", "4"]
    with subprocess.Popen(command, env=told, cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
        yield tmp_path
        (tmp_path / "over").touch()
        worker.terminate()


def marks(home: Path, names: str, number: int) -> int:
    """How many such tasks began, once it are so many, or long after."""
    ends = time.monotonic() + 30
    while len(list(home.glob(names))) < number and time.monotonic() < ends:
        time.sleep(0.05)
    return len(list(home.glob(names)))


def send(sender: Celery, task: str, names: list[str], countdown: int | None = None) -> None:
    for name in names:
        sender.send_task(task, kwargs={"connection_id": name}, countdown=countdown)


@pytest.mark.redis
@pytest.mark.skipif(not REDIS_URL, reason="REDIS_URL is not set")
@pytest.mark.parametrize("countdown", [None, 1])
def test_save_is_taken_while_every_place_of_the_second_lane_is_occupied(
    sender: Celery, home: Path, countdown: int | None
) -> None:
    """Also when a worker was given them to begin later. None of the checks ends before the test is over."""
    send(sender, RECONCILE, [f"check-{number}" for number in range(12)], countdown)
    assert marks(home, "check-*", 2) == 2
    send(sender, DRAIN, [f"save-{number}" for number in range(8)])
    assert marks(home, "save-*", 8) == 8, "those that came last are taken, and taken first"
    assert marks(home, "check-*", 0) == 2
    (home / "over").touch()
    assert marks(home, "check-*", 12) == 12, "nothing that waited is lost"
