"""Celery's entry points of what the rooms without Celery have to do regularly."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from workspaces.submissions import forget_old_submissions


@shared_task(name="config.forget_old_submissions")
def forget_submissions(**kwargs: Any) -> None:
    forget_old_submissions()
