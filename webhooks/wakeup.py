"""Waking a worker for the inbox. The sweep finds what it missed."""

from __future__ import annotations

from celery import current_app

from core.transactions import after_commit

PROCESS = "webhooks.process"
TASK_NAMES = (PROCESS,)


def kick() -> None:
    """Once the delivery is stored for good, wake a worker. The answer to Xero does not depend on it."""
    after_commit(lambda: current_app.send_task(PROCESS, retry=False))
