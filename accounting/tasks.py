"""Celery's entry points: each enters the workspace's scope and makes one call. Unknown arguments are tolerated,
so that old and new code can run side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task

from accounting import wakeup
from accounting.models import Connection
from accounting.sync import (
    alarms,
    checks,
    exemptions,
    meter,
    nightly,
    problems,
    proof,
    teaching,
    tokens,
    watching,
)
from accounting.sync import backfill as backfilling
from accounting.sync import dry_run as comparing
from accounting.sync import reconcile as reconciling
from accounting.sync import sweep as sweeping
from accounting.sync.drain import drain as drain_connection
from accounting.sync.visit import visit
from workspaces.scope import scope_by_id


@shared_task(name=wakeup.DRAIN)
def drain(*, workspace_id: str, connection_id: str, **kwargs: Any) -> None:
    with scope_by_id(workspace_id):
        drain_connection(UUID(connection_id))


@shared_task(name="accounting.sweep")
def sweep(**kwargs: Any) -> None:
    sweeping.sweep()
    problems.keep_up()
    teaching.apply_lessons()
    watching.look_again()
    alarms.tell_untold()


@shared_task(name=wakeup.BACKFILL)
def backfill(*, workspace_id: str, connection_id: str, **kwargs: Any) -> None:
    with scope_by_id(workspace_id):
        backfilling.take_turn(UUID(connection_id))


@shared_task(name=wakeup.DRY_RUN)
def dry_run(*, workspace_id: str, connection_id: str, **kwargs: Any) -> None:
    with scope_by_id(workspace_id):
        comparing.take_turn(UUID(connection_id))


@shared_task(name="accounting.sweep_backfills")
def sweep_backfills(**kwargs: Any) -> None:
    backfilling.wake_forgotten()
    comparing.wake_forgotten()


@shared_task(name=wakeup.RECONCILE)
def reconcile(*, workspace_id: str, connection_id: str, due: str = "", **kwargs: Any) -> None:
    with scope_by_id(workspace_id):
        if not due or not checks.was_overtaken(UUID(connection_id), due):
            reconciling.reconcile(UUID(connection_id))


@shared_task(name="accounting.reconcile_due")
def reconcile_due(**kwargs: Any) -> None:
    checks.ask_for_due()


@shared_task(name=wakeup.REFRESH_LISTS)
def refresh_lists(*, workspace_id: str, connection_id: str, daily: str = "", **kwargs: Any) -> None:
    with scope_by_id(workspace_id):
        visit(Connection.objects.get(pk=connection_id), daily=bool(daily))


@shared_task(name="accounting.refresh_stale_lists")
def refresh_stale_lists(**kwargs: Any) -> None:
    sweeping.wake_stale_lists()


@shared_task(name="accounting.lift_due_exemptions")
def lift_due_exemptions(**kwargs: Any) -> None:
    exemptions.lift_due()


@shared_task(name="accounting.keep_grants_alive")
def keep_grants_alive(**kwargs: Any) -> None:
    tokens.keep_alive()


@shared_task(name="accounting.forget_usage")
def forget_usage(**kwargs: Any) -> None:
    meter.forget_old()


@shared_task(name=wakeup.STATEMENT)
def statement(*, workspace_id: str, connection_id: str, **kwargs: Any) -> None:
    with scope_by_id(workspace_id):
        nightly.make_due(UUID(connection_id))


@shared_task(name="accounting.statements_due")
def statements_due(**kwargs: Any) -> None:
    nightly.ask_for_due()
    proof.wake_forgotten()


@shared_task(name=wakeup.PROOF)
def prove(*, workspace_id: str, connection_id: str, **kwargs: Any) -> None:
    with scope_by_id(workspace_id):
        proof.take_turn(UUID(connection_id))
