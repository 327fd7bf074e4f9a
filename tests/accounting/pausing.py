"""A connection that support has paused, and what is sent meanwhile."""

from __future__ import annotations

import pytest

from accounting import tasks
from accounting.models import Connection, Operation
from accounting.sync import backfill, support
from accounting.sync.drain import drain
from accounting.sync.reconcile import reconcile
from tests.factories.customers import make_customer
from tests.factories.people import make_administrator
from workspaces.models import User
from xero_sandbox.handle import Handle


@pytest.fixture
def helper(db: None) -> User:
    return make_administrator()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that were sent, by name."""
    told: list[str] = []
    monkeypatch.setattr("accounting.wakeup.send", lambda task, **more: told.append(task))
    return told


@pytest.fixture
def paused(connected: Connection, helper: User, sandbox: Handle) -> Connection:
    assert support.pause(connection=connected, by=helper)
    sandbox.clear_requests()
    return Connection.objects.get()


def save_and_drain(connection: Connection) -> None:
    make_customer(connection.workspace)
    assert drain(connection.pk)


def _reconcile(connection: Connection) -> None:
    assert reconcile(connection.pk)


def _read_lists(connection: Connection) -> None:
    tasks.refresh_lists(workspace_id=str(connection.workspace_id), connection_id=str(connection.pk))


def begin_to_send_what_was_never_sent(connection: Connection) -> None:
    make_customer(connection.workspace)
    Operation.objects.all().delete()
    backfill.start(connection=connection, by=connection.workspace.memberships.get().user)
    backfill.take_turn(connection.pk)


WORK = [save_and_drain, _reconcile, _read_lists, begin_to_send_what_was_never_sent]
"""Everything that calls an organisation by itself."""
