"""The children of a worker learn what only their parent was told."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings

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


FORKED = """
import os
from core import shutdown

reader, writer = os.pipe()
child = os.fork()
if not child:
    os.read(reader, 1)
    os._exit(7 if shutdown.is_under_way() else 0)
shutdown.begin()
os.write(writer, b".")
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_child_hears_what_its_parent_was_told() -> None:
    told = subprocess.run(
        [sys.executable, "-c", FORKED], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert told.stdout == "7\n"


def test_turn_ends_at_once_and_leaves_everything(sandbox: Handle, connected: Connection, told: None) -> None:
    create_customer(workspace=connected.workspace, by=None, name="Pip Ltd")

    assert drain(connected.pk)

    assert [row.state for row in Operation.objects.all()] == ["pending"]
    assert sandbox.requests() == []
