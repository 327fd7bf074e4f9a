"""The children of a worker learn what only their parent was told."""

from __future__ import annotations

import os

import pytest

from accounting.models import Connection, Operation
from accounting.sync.drain import drain
from core import shutdown
from customers.services import create_customer
from tests.accounting.conftest import connected, sandbox, sandbox_server
from xero_sandbox.handle import Handle

__all__ = ["connected", "sandbox", "sandbox_server"]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after SIGTERM; afterwards this process goes on."""
    monkeypatch.setattr(shutdown, "_told", bytearray(1))
    shutdown.begin()


def test_child_hears_what_its_parent_was_told() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.read(reader, 1)
        os._exit(7 if shutdown.is_under_way() else 0)
    try:
        shutdown.begin()
        os.write(writer, b".")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    finally:
        shutdown._told[0] = 0


def test_turn_ends_at_once_and_leaves_everything(sandbox: Handle, connected: Connection, told: None) -> None:
    create_customer(workspace=connected.workspace, by=None, name="Pip Ltd")

    assert drain(connected.pk)

    assert [row.state for row in Operation.objects.all()] == ["pending"]
    assert sandbox.requests() == []
