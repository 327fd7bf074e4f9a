"""What a transaction promises here, and how to ask whether there is one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

Result = TypeVar("Result")


class TransactionRequired(RuntimeError):
    """Code that must run inside a transaction was called outside one."""


class OpenTransaction(RuntimeError):
    """Code that must not hold a transaction (it talks to the network) was called inside one."""


def in_real_transaction() -> bool:
    """Whether a transaction of the code under way is open.

    The transactions that Django's TestCase wraps around each test do not count: production has none
    of them, and counting them would hide code that forgot its own (house rule F2).
    """
    blocks = connection.atomic_blocks
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


def require_transaction(what: str) -> None:
    """Raise TransactionRequired unless a real transaction is open. `what` names the caller in the message."""
    if not in_real_transaction():
        raise TransactionRequired(f"{what} must run inside transaction.atomic()")


def forbid_transaction(what: str) -> None:
    """Raise OpenTransaction if a real transaction is open: rows stay locked for as long as the network takes."""
    if in_real_transaction():
        raise OpenTransaction(f"{what} must not run inside a transaction")


def after_commit(wake: Callable[[], object]) -> None:
    """Run `wake` once the transaction is committed. A failure in it is logged and never reaches the caller."""
    transaction.on_commit(wake, robust=True)


def without_health_check(statement: Callable[[], Result]) -> Result:
    """Run one statement without asking beforehand whether the connection that was kept still lives: the answer costs
    as much as the statement. If it was dead, the statement runs again on a new one.

    It may have been carried out before the connection died, so it must be one that may be carried out twice.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs do not know it
    try:
        return statement()
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return statement()


def _advisory_key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


@contextmanager
def advisory_lock(name: str) -> Iterator[None]:
    """Hold the database-wide lock called `name`, waiting for it. Needs no transaction, so the network may be used.

    The lock belongs to the database session: a process that dies frees it at once. It needs a direct
    connection, or a pooler in session mode.
    """
    key = _advisory_key(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
