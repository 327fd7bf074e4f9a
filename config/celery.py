"""The Celery application: queues, and the beat schedule that makes every wake-up optional."""

from __future__ import annotations

import os

from celery import Celery, signals
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("tandem")
app.set_default()  # pool threads look the app up: without this a retry would go to a default broker
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    beat_schedule={
        "sweep": {"task": "accounting.sweep", "schedule": 15.0},
        "sweep-inbox": {"task": "webhooks.sweep", "schedule": 15.0},
        "reconcile": {"task": "accounting.reconcile_all", "schedule": 300.0},
        "keep-alive": {"task": "accounting.keep_grants_alive", "schedule": 24 * 3600.0},
    },
)


app.steps["worker"].add(DjangoStructLogInitStep)  # a task's log lines carry the request that caused it


@signals.setup_logging.connect(dispatch_uid="config.celery.logging")
def _keep_our_logging(**kwargs: object) -> None:
    """Django's LOGGING holds in the worker too: having a receiver, Celery installs nothing of its own."""
