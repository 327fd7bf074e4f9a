"""What is tried at length, and which of it every run tries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def mostly_long(values: Iterable[Any], *, quick: Collection[Any]) -> list[Any]:
    """Parameters of a test: all the values, where those that are not among the quick ones wait for the long tests."""
    return [value if value in quick else pytest.param(value, marks=pytest.mark.long) for value in values]
