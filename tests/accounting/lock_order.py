"""Everybody locks in one order, so that nobody waits for somebody who waits for him.

The rows that are locked (by FOR UPDATE, by being changed or deleted) are watched table by table, in every transaction
of a test. Tables that only somebody who holds the record reaches are left out: lines, payments, batches, history; so
are rows that lose a reference because what it named is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

ORDER = (
    "accounting_connection",
    "customers_customer",
    "credit_creditnote",
    "invoices_invoice",
    "accounting_link",
    "accounting_conflict",
    "accounting_operation",
)
_LOCKS = re.compile(
    r'^\s*(?:UPDATE\s+"?(\w+)"?|DELETE\s+FROM\s+"?(\w+)"?|SELECT\s.*?\sFROM\s+"?(\w+)"?\s.*\sFOR\s+(?:NO KEY )?UPDATE)',
    re.DOTALL,
)
_LOSES_A_REFERENCE = re.compile(r'SET "\w+_id" = NULL WHERE')


class LockInversion(AssertionError):
    """Two tables were locked against the order."""


class Watch:
    """Which tables the transaction under way has locked, in order."""

    def __init__(self) -> None:
        self._block: Any = None
        self._locked: list[str] = []
        self.seen: set[str] = set()

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self._notice_transaction()
        if isinstance(sql, str) and (found := _LOCKS.match(sql)) and not _LOSES_A_REFERENCE.search(sql):
            self._note(next(name for name in found.groups() if name), sql)
        return execute(sql, params, many, context)

    def _notice_transaction(self) -> None:
        """A function's own block is the same object each time it is called: what is asked between two calls tells them
        apart."""
        blocks = (block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False))
        block = next(blocks, None)
        if block is None or block is not self._block:
            self._block, self._locked = block, []

    def _note(self, table: str, sql: str) -> None:
        if table not in ORDER or table in self._locked:
            return
        later = [other for other in self._locked if ORDER.index(other) > ORDER.index(table)]
        if later and self._block is not None:
            raise LockInversion(f"{table} is locked after {', '.join(later)}: {sql[:300]}")
        self._locked.append(table)
        self.seen.add(table)


@contextmanager
def locking_in_order() -> Iterator[Watch]:
    """Fail where a lock is taken against the order."""
    watch = Watch()
    with connection.execute_wrapper(watch):
        yield watch
