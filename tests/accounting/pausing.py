"""A connection that support has paused, and what is sent meanwhile."""

from __future__ import annotations

import pytest

from accounting.models import Connection
from accounting.sync import support
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
