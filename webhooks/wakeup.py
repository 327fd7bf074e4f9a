"""Waking a worker for the inbox. The sweep finds what it missed."""

from __future__ import annotations

import time

from celery import current_app

from core.transactions import after_commit

PROCESS = "webhooks.process"
TASK_NAMES = (PROCESS,)

GATHER_SECONDS = 0.2
BROKER_AWAY_SECONDS = 5.0
"""After a failed publish Xero's next deliveries are not made to wait for the same failure; the sweep runs."""

_gathering_until = 0.0


def kick() -> None:
    """Once the delivery is stored for good, wake a worker in a moment.

    One message for all deliveries of that moment: whatever is stored before the worker starts is worked off
    with it, so a flood costs a few messages a second and no delivery waits for the broker's sake.
    """
    after_commit(_wake)


def _wake() -> None:
    global _gathering_until
    now = time.monotonic()
    if now < _gathering_until:
        return
    _gathering_until = now + BROKER_AWAY_SECONDS
    current_app.send_task(PROCESS, countdown=GATHER_SECONDS, retry=False)
    _gathering_until = now + GATHER_SECONDS
