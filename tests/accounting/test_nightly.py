"""Statements are made in the night of each workspace, a share at a time, and asked for again when a message is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounting import wakeup
from accounting.enums import ConnectionState
from accounting.models import Connection, Statement
from accounting.sync import nightly
from accounting.tasks import statement as statement_task
from core.testing import capture_commits
from tests.factories.accounting import make_connection
from tests.factories.workspaces import make_workspace
from workspaces.models import Workspace
from workspaces.scope import all_workspaces, scope

Message = dict[str, Any]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    messages: list[Message] = []
    monkeypatch.setattr(
        wakeup.current_app,
        "send_task",
        lambda name, kwargs, **options: messages.append({"task": name, **kwargs}),
    )
    return messages


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


def _look(published: list[Message]) -> int:
    published.clear()
    with capture_commits():
        nightly.ask_for_due()
    return len(published)


def test_a_new_connection_has_its_first_soon_and_the_next_at_night(
    connection: Connection, published: list[Message]
) -> None:
    assert _look(published) == 1
    assert _look(published) == 0
    statement_task(workspace_id=str(connection.workspace_id), connection_id=str(connection.pk))
    connection.refresh_from_db()
    due = connection.statement_due_at
    assert due is not None
    there = due.astimezone(connection.workspace.zone)
    assert (there.hour, there.date() - Statement.objects.get().day) == (3, dt.timedelta(days=1))


def test_a_lost_message_is_asked_for_again(connection: Connection, published: list[Message]) -> None:
    assert _look(published) == 1
    connection.refresh_from_db()
    assert connection.statement_due_at is not None
    assert connection.statement_due_at <= timezone.now() + nightly.AGAIN
    Connection.objects.update(statement_due_at=timezone.now() - dt.timedelta(seconds=1))
    assert _look(published) == 1


def test_a_disconnected_one_is_left_alone(connection: Connection, published: list[Message]) -> None:
    Connection.objects.update(state=ConnectionState.DISCONNECTED)
    assert _look(published) == 0
    statement_task(workspace_id=str(connection.workspace_id), connection_id=str(connection.pk))
    assert not Statement.objects.exists()


@pytest.mark.long
def test_many_are_spread_over_an_hour(published: list[Message], db: None) -> None:
    for number in range(130):
        workspace = make_workspace(name=f"W{number}")
        with scope(workspace):
            make_connection(workspace)
    counts = [_look(published) for _ in range(45)]
    assert max(counts) == 4
    assert sum(counts) == 130
    with all_workspaces("a test counts"):
        assert not Connection.objects.filter(statement_due_at=None).exists()
