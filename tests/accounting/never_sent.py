"""What was saved before the connection was made, and sending it."""

from __future__ import annotations

from typing import Any

import pytest

from accounting.enums import BackfillState
from accounting.models import Backfill, Connection, Operation
from accounting.sync import backfill
from accounting.sync.drain import drain
from workspaces.models import User


def forget_operations() -> None:
    """As if everything so far had been saved before the connection was made."""
    Operation.objects.all().delete()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The wake-ups that were sent."""
    told: list[Any] = []
    monkeypatch.setattr("accounting.wakeup.send", lambda task, **more: told.append((task, more)))
    return told


def run_all(connection: Connection, by: User) -> None:
    backfill.start(connection=connection, by=by)
    for _ in range(20):
        backfill.take_turn(connection.pk)
        if Backfill.objects.get().state == BackfillState.DONE:
            return
    raise AssertionError("it does not come to an end")


def work_off(connection: Connection) -> None:
    for _ in range(5):
        Connection.objects.update(resume_at=None)
        assert drain(connection.pk)
