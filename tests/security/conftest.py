"""The sandbox and a connected workspace, as the accounting tests have them."""

from __future__ import annotations

from tests.accounting.conftest import connected, sandbox, sandbox_server

__all__ = ["connected", "sandbox", "sandbox_server"]
