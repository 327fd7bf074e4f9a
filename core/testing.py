"""What tests share: commits that happen, queries that are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext


@contextmanager
def capture_commits(*, execute: bool = True) -> Iterator[list[Callable[[], object]]]:
    """Collect what would run after commit; with `execute` it runs at the end, as a commit would run it."""
    with TestCase.captureOnCommitCallbacks(execute=execute) as callbacks:
        yield callbacks


@contextmanager
def assert_queries(count: int) -> Iterator[CaptureQueriesContext]:
    """Fail unless exactly `count` statements run inside."""
    with CaptureQueriesContext(connection) as captured:
        yield captured
    statements = "\n".join(query["sql"][:300] for query in captured.captured_queries)
    assert len(captured) == count, f"{len(captured)} statements instead of {count}:\n{statements}"
