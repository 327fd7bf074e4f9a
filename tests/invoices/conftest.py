"""What more than one test of invoices stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lines.signals import Objection, before_approval


@pytest.fixture
def objecting() -> Iterator[list[Objection]]:
    """A room above that objects to approvals."""
    objections: list[Objection] = []

    def answer(**kwargs: Any) -> list[Objection]:
        return objections

    before_approval.connect(answer)
    yield objections
    before_approval.disconnect(answer)
