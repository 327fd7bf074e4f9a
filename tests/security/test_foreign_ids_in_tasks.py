"""A message that names one workspace and another's connection: the broker is not a place that vouches for ids."""

from __future__ import annotations

import inspect
import uuid

import pytest
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from accounting import tasks
from accounting.models import Connection
from config.celery import app
from tests.architecture.world import rows_fingerprint
from tests.factories.customers import make_customer
from tests.factories.workspaces import make_workspace
from tests.sampling import mostly_long
from workspaces.models import Workspace
from xero_sandbox.handle import Handle

BEGUN = {"backfill", "dry_run", "prove", "statement"}
"""They go on with what somebody began, and ask nobody where nobody did."""
TASKS = {"drain", "reconcile", "refresh_lists"} | BEGUN


def _named() -> set[str]:
    """The tasks of ours that are told a connection."""
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if name.startswith(("accounting.", "webhooks."))]
    return {task.run.__name__ for task in ours if "connection_id" in inspect.signature(task.run).parameters}


def test_tasks_that_are_told_a_connection_are_all_tried() -> None:
    assert settings.CELERY_BROKER_URL == "memory://"
    assert _named() == TASKS


@pytest.mark.parametrize("name", mostly_long(sorted(TASKS), quick=("drain", "reconcile", "refresh_lists")))
@pytest.mark.django_db(transaction=True)
def test_task_with_another_workspaces_connection_asks_nobody_and_changes_nothing(
    connected: Connection, sandbox: Handle, name: str
) -> None:
    elsewhere: Workspace = make_workspace(name="Quagga Works")
    make_customer(connected.workspace, name="Waits to be sent")
    sandbox.clear_requests()
    before = rows_fingerprint()

    _run(name, workspace_id=elsewhere.pk, connection_id=connected.pk)

    assert sandbox.requests() == []
    assert rows_fingerprint() == before


@pytest.mark.parametrize("name", mostly_long(sorted(TASKS), quick=("drain",)))
@pytest.mark.django_db(transaction=True)
def test_task_with_ids_of_nothing_asks_nobody(connected: Connection, sandbox: Handle, name: str) -> None:
    sandbox.clear_requests()
    _run(name, workspace_id=uuid.uuid4(), connection_id=connected.pk)
    assert sandbox.requests() == []


@pytest.mark.parametrize("name", sorted(TASKS - BEGUN))
@pytest.mark.django_db(transaction=True)
def test_control_task_with_its_own_workspace_does_ask(
    connected: Connection, sandbox: Handle, name: str
) -> None:
    if name != "reconcile":  # which gives way to what people wait for
        make_customer(connected.workspace, name="Waits to be sent")
    sandbox.clear_requests()
    _run(name, workspace_id=connected.workspace_id, connection_id=connected.pk)
    assert sandbox.requests() != []


def _run(name: str, *, workspace_id: object, connection_id: object) -> None:
    """As a worker runs it; that the row is not found may end it."""
    task = getattr(tasks, name)
    try:
        task.run(workspace_id=str(workspace_id), connection_id=str(connection_id))
    except ObjectDoesNotExist:
        return
