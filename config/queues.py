"""Two lanes for the workers: what people wait for, and what nobody waits for.

A worker takes from both. So that no amount of the second holds up the first, it takes up at most half as many tasks of
the second as it has places; those it holds for later count too. Redis alone cannot promise that: it asks the queues in
turn, or one before the other, and either way long tasks would come to fill every place.
"""

from __future__ import annotations

from typing import Any

from celery import signals
from celery.worker import state
from kombu import Exchange, Queue
from kombu.utils.scheduling import round_robin_cycle

PEOPLE = "celery"
"""The name a worker of an older release listens to."""
BACKGROUND = "background"
QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in (PEOPLE, BACKGROUND)]

NOBODY_WAITS = (
    "accounting.backfill",
    "accounting.dry_run",
    "accounting.forget_usage",
    "accounting.keep_grants_alive",
    "accounting.lift_due_exemptions",
    "accounting.proof",
    "accounting.reconcile",
    "accounting.reconcile_due",
    "accounting.refresh_lists",
    "accounting.refresh_stale_lists",
    "accounting.statement",
    "accounting.statements_due",
    "accounting.sweep_backfills",
    "config.forget_old_submissions",
    "webhooks.watch",
)
ROUTES = {task: {"queue": BACKGROUND} for task in NOBODY_WAITS}

_places = 1


class SparingCycle(round_robin_cycle):
    """Which queues the worker asks for its next task: each in turn, but the second lane only while it has places."""

    def consume(self, n: int) -> list[str]:
        queues = list(super().consume(n))
        is_full = PEOPLE in queues and _held() >= max(_places // 2, 1)
        return [queue for queue in queues if queue != BACKGROUND] if is_full else queues


def _held() -> int:
    """Tasks that nobody waits for, as Celery knows them: those that this worker runs, and those it has for later."""
    return sum(request.name in NOBODY_WAITS for request in list(state.requests.values()))


@signals.worker_ready.connect(dispatch_uid="config.queues.places")
def _count_places(sender: Any, **kwargs: object) -> None:
    global _places
    _places = sender.controller.concurrency
