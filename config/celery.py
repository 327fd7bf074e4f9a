"""The Celery application: queues, and the beat schedule that makes every wake-up optional."""

from __future__ import annotations

import os
from typing import Any

import structlog
from celery import Celery, signals
from celery.schedules import crontab
from django.dispatch import receiver
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep

from config import queues
from core import shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")


CLOCKS_APART = 3600
"""Beat writes by its own clock when a message expires, and a worker compares it with its own: a worker that is ahead
would drop every sweep."""


def every(seconds: int, task: str) -> dict[str, Any]:
    """An entry of the schedule. A message that finds no worker for an hour is dropped: workers that come back meet an
    hour of them at most, not a day."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds + CLOCKS_APART}}


def daily(hour: int, minute: int, task: str) -> dict[str, Any]:
    """An entry by the clock: one by the interval would start over with each deployment and might never be due."""
    return {"task": task, "schedule": crontab(hour=hour, minute=minute), "options": {"expires": 12 * 3600}}


app = Celery("tandem")
app.set_default()  # pool threads look the app up: without this a retry would go to a default broker
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.update(
    task_queues=queues.QUEUES,
    task_default_queue=queues.PEOPLE,
    task_routes=queues.ROUTES,
    task_ignore_result=True,
    task_acks_late=True,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    beat_schedule={
        "sweep": every(15, "accounting.sweep"),
        "sweep-backfills": every(30, "accounting.sweep_backfills"),
        "sweep-inbox": every(15, "webhooks.sweep"),
        "reconcile": every(15, "accounting.reconcile_due"),
        "statements": every(60, "accounting.statements_due"),
        "watch-deliveries": every(300, "webhooks.watch"),
        "stale-lists": every(600, "accounting.refresh_stale_lists"),
        "due-exemptions": every(1800, "accounting.lift_due_exemptions"),
        "keep-alive": daily(3, 17, "accounting.keep_grants_alive"),
        "forget-usage": daily(3, 27, "accounting.forget_usage"),
        "forget-submissions": daily(3, 37, "config.forget_old_submissions"),
    },
)
app.steps["worker"].add(DjangoStructLogInitStep)  # a task's log lines carry the request that caused it


@signals.setup_logging.connect(dispatch_uid="config.celery.logging")
def _keep_our_logging(**kwargs: object) -> None:
    """Django's LOGGING holds in the worker too: having a receiver, Celery installs nothing of its own."""


@signals.worker_init.connect(dispatch_uid="config.celery.warm_up")
def _warm_up(**kwargs: object) -> None:
    """Before the children are forked: otherwise the first person whom each of them serves waits for it."""
    from accounting.providers.registry import warm_up  # noqa: PLC0415  (Django is set up by now)

    warm_up()


@receiver(bind_extra_task_metadata, dispatch_uid="config.celery.context")
def _name_what_it_is_about(sender: object, task: Any, **kwargs: object) -> None:
    """From its first line to its last, a task's lines carry the workspace and the connection it is called with."""
    given = task.request.kwargs or {}
    about = {name: given[f"{name}_id"] for name in ("workspace", "connection") if f"{name}_id" in given}
    structlog.contextvars.bind_contextvars(**about)


@signals.worker_shutting_down.connect(dispatch_uid="config.celery.shutdown")
def _leave_soon(**kwargs: object) -> None:
    """A worker is given a few seconds to go: turns end after their next call instead of running to their end."""
    shutdown.begin()
