"""The Celery application of production, which tells by a file when its worker takes tasks."""

from __future__ import annotations

import os
from pathlib import Path

from celery import signals

from config.celery import app

__all__ = ["app"]


@signals.worker_ready.connect
def _tell(**unused: object) -> None:
    Path(os.environ["READY_FILE"]).touch()
