"""Two people at once, one statement at a time: somebody's edit is committed between any two statements of a step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from django.db import connection

from workspaces.models import Workspace
from workspaces.scope import scope

PATIENCE = 10


class Meanwhile:
    """Does `act` in another thread, on a connection of its own, just before the step's statement number `at`.

    It waits until `act` is done or stands before a lock of the step's; then the step goes on. `began` tells whether
    the step had so many statements, `raised` what `act` ran into.
    """

    def __init__(self, workspace: Workspace, at: int, act: Callable[[], object]) -> None:
        self.began = False
        self.raised: Exception | None = None
        self._workspace, self._left, self._act = workspace, at, act
        self._pid = 0
        self._thread = Thread(target=self._run)

    def _run(self) -> None:
        try:
            with scope(self._workspace):
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    self._pid = cursor.fetchone()[0]
                self._act()
        except Exception as error:
            self.raised = error
        finally:
            connection.close()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self.began:
            self._left -= 1
            if self._left < 0:
                self.began = True
                self._thread.start()
                self._let_it_come_so_far()
        return execute(sql, params, many, context)

    def _let_it_come_so_far(self) -> None:
        ends = time.monotonic() + PATIENCE
        while self._thread.is_alive() and time.monotonic() < ends:
            with connection.connection.cursor() as cursor:  # ours, past the wrapper
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [self._pid])
                if cursor.fetchone()[0]:
                    return
            self._thread.join(0.002)

    def end(self) -> None:
        if self.began:
            self._thread.join(PATIENCE)
            assert not self._thread.is_alive(), "the edit waits for ever"


@contextmanager
def meanwhile(workspace: Workspace, at: int, act: Callable[[], object]) -> Iterator[Meanwhile]:
    """While the body runs, `act` is done before its statement number `at`."""
    other = Meanwhile(workspace, at, act)
    with connection.execute_wrapper(other):
        try:
            yield other
        finally:
            pass
    other.end()
