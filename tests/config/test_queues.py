"""What nobody waits for never takes the places of what people wait for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from celery import signals

from config import queues
from config.celery import app
from config.queues import BACKGROUND, NOBODY_WAITS, PEOPLE, SparingCycle

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


class Request:
    """A message as the worker holds it."""

    def __init__(self, lane: str) -> None:
        self.delivery_info = {"routing_key": lane}
        self.acknowledged = False


@pytest.fixture
def cycle(monkeypatch: pytest.MonkeyPatch) -> SparingCycle:
    """Of a worker with four places."""
    monkeypatch.setattr(queues, "_places", 1)
    monkeypatch.setattr(queues, "_taken", type(queues._taken)())
    queues._count_places(SimpleNamespace(controller=SimpleNamespace(concurrency=4)))
    asked = SparingCycle()
    asked.update([PEOPLE, BACKGROUND])
    return asked


def receive(lane: str) -> Any:
    request = Request(lane)
    signals.task_received.send(sender=None, request=request)
    return request


def test_second_lane_gets_half_of_the_places(cycle: SparingCycle) -> None:
    held = [receive(BACKGROUND)]
    assert cycle.consume(2) == [PEOPLE, BACKGROUND]
    held.append(receive(BACKGROUND))
    assert cycle.consume(2) == [PEOPLE]
    held[0].acknowledged = True
    assert cycle.consume(2) == [PEOPLE, BACKGROUND]


def test_first_lane_takes_nothing_from_the_second(cycle: SparingCycle) -> None:
    held = [receive(PEOPLE) for _ in range(4)]
    assert cycle.consume(2) == [PEOPLE, BACKGROUND]
    assert len(held) == 4


def test_worker_of_the_second_lane_alone_has_all_its_places(cycle: SparingCycle) -> None:
    cycle.update([BACKGROUND])
    held = [receive(BACKGROUND) for _ in range(4)]
    assert cycle.consume(1) == [BACKGROUND]
    assert len(held) == 4
