"""Every line of a request or a task says whose it is."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.test import Client
from django_structlog.celery.receivers import CeleryReceiver

from accounting import tasks
from accounting.models import Connection
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from tests.security.test_secrets import log
from workspaces.models import User, Workspace
from workspaces.scope import scope

__all__ = ["log"]


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    with scope(workspace):
        return make_connection(workspace)


@pytest.fixture
def told_by_worker() -> Iterator[None]:
    """What the worker's process sets up at its start."""
    receiver = CeleryReceiver()
    receiver.connect_worker_signals()
    yield
    structlog.contextvars.clear_contextvars()


def lines(log: io.StringIO, having: str) -> list[dict[str, Any]]:
    """The lines that belong to a request or a task."""
    return [line for line in map(json.loads, log.getvalue().splitlines()) if having in line]


@pytest.mark.parametrize("method", ["get", "post"])
def test_lines_of_a_request_carry_its_workspace(
    staff_client: Client, workspace: Workspace, log: io.StringIO, method: str
) -> None:
    getattr(staff_client, method)(f"/w/{workspace.slug}/customers/new/", {"name": ""})

    told = lines(log, "request_id")
    assert {line["event"] for line in told} >= {"request_started", "request_finished"}
    assert {line.get("workspace") for line in told} == {str(workspace.pk)}


def test_lines_after_a_save_carry_the_connection(
    staff_client: Client, connection: Connection, log: io.StringIO
) -> None:
    path = f"/w/{connection.workspace.slug}/customers/new/"
    staff_client.post(path, {"name": "Kowhai Cafe", "currency": "NZD"})

    told = lines(log, "request_id")
    assert told[-1]["event"] == "request_finished"
    assert (told[-1]["workspace"], told[-1]["connection"]) == (
        str(connection.workspace_id),
        str(connection.pk),
    )


def test_lines_of_a_page_carry_the_connection(
    staff_client: Client, connection: Connection, log: io.StringIO
) -> None:
    staff_client.get(f"/w/{connection.workspace.slug}/customers/")

    assert lines(log, "request_id")[-1]["connection"] == str(connection.pk)


def test_lines_of_a_request_that_breaks_carry_its_workspace(
    staff_client: Client, workspace: Workspace, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*args: object, **kwargs: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("customers.views.list_customers", breaks)
    staff_client.raise_request_exception = False

    staff_client.get(f"/w/{workspace.slug}/customers/")

    told = lines(log, "exception")
    assert {line.get("workspace") for line in told} == {str(workspace.pk)}


def test_lines_of_a_stranger_carry_no_workspace(
    stranger: User, workspace: Workspace, log: io.StringIO
) -> None:
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    client.get(f"/w/{workspace.slug}/customers/")

    assert {line.get("workspace") for line in lines(log, "request_id")} == {None}


def test_next_request_does_not_inherit_a_workspace(
    staff_client: Client, connection: Connection, log: io.StringIO
) -> None:
    staff_client.get(f"/w/{connection.workspace.slug}/customers/")
    log.truncate(0)
    log.seek(0)
    staff_client.get("/health/live")

    told = lines(log, "request_id")
    assert told
    assert {(line.get("workspace"), line.get("connection")) for line in told} == {(None, None)}


def test_lines_of_a_task_carry_its_workspace_and_connection(
    db: None, connection: Connection, log: io.StringIO, told_by_worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {"workspace_id": str(connection.workspace_id), "connection_id": str(connection.pk)}
    monkeypatch.setattr(tasks, "drain_connection", lambda pk: logging.getLogger("engine").info("at work"))

    tasks.drain.apply(kwargs=about)

    told = lines(log, "task_id")
    assert {line["event"] for line in told} >= {"task_started", "at work", "task_succeeded"}
    assert {(line.get("workspace"), line.get("connection")) for line in told} == {
        (about["workspace_id"], about["connection_id"])
    }


def test_lines_of_a_task_that_fails_carry_its_workspace_and_connection(
    db: None, connection: Connection, log: io.StringIO, told_by_worker: None
) -> None:
    about = {"workspace_id": str(connection.workspace_id), "connection_id": str(uuid4())}

    tasks.refresh_lists.apply(kwargs=about)

    told = lines(log, "task_id")
    assert "task_failed" in [line["event"] for line in told]
    assert {(line.get("workspace"), line.get("connection")) for line in told} == {
        (about["workspace_id"], about["connection_id"])
    }


def test_lines_within_a_scope_carry_its_workspace(workspace: Workspace, log: io.StringIO) -> None:
    with scope(workspace):
        make_customer(workspace)
        structlog.get_logger("tests").info("inside")
    structlog.get_logger("tests").info("outside")

    told = {line["event"]: line.get("workspace") for line in map(json.loads, log.getvalue().splitlines())}
    assert (told["inside"], told["outside"]) == (str(workspace.pk), None)
