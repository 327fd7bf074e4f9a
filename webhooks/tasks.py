"""Celery's entry points of the inbox."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from webhooks import process as processing
from webhooks import wakeup
from webhooks import watch as watching


@shared_task(name=wakeup.PROCESS)
def process(**kwargs: Any) -> None:
    processing.run()


@shared_task(name="webhooks.sweep")
def sweep(**kwargs: Any) -> None:
    processing.run()


@shared_task(name="webhooks.watch")
def watch(**kwargs: Any) -> None:
    watching.look()
