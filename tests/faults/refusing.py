"""A database that refuses: statement by statement, at the commit, or by a lock that another holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError
from django.db import connection as database

REFUSALS = {
    "disk full": "53100",
    "statement timeout": "57014",
    "deadlock": "40P01",
    "serialization failure": "40001",
    "too many connections": "53300",
}


@dataclass
class Refusal:
    """Takes the place of one statement: the one after so many others (of those with these words)."""

    sqlstate: str
    others: int
    words: str = ""
    struck: bool = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.others -= self.words in sql
        if self.others != -1 or self.struck:
            return execute(sql, params, many, context)
        self.struck = True
        refuse = f"DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{self.sqlstate}'; END $$"
        return execute(refuse, None, False, context)


def is_refused(refusal: Refusal, work: Callable[[], object]) -> bool:
    """Do the work while the database refuses a statement. Whether the refusal came to the caller."""
    try:
        with database.execute_wrapper(refusal):
            work()
    except DatabaseError:
        return True
    return False


def each_statement(sqlstate: str, work: Callable[[], object]) -> Iterator[bool]:
    """The same work again and again, a later statement refused each time, until it has none left to refuse.
    Whether the refusal came to the caller."""
    for others in range(10_000):
        refusal = Refusal(sqlstate, others)
        surfaced = is_refused(refusal, work)
        if not refusal.struck:
            return
        yield surfaced
    raise AssertionError("this work never ends")


@contextmanager
def commit_refused(others: int) -> Iterator[list[str]]:
    """The commit after so many others comes to nothing. What was refused."""
    refused: list[str] = []
    commit = database._commit
    passed = count()

    def refuse() -> None:
        if next(passed) != others:
            commit()
            return
        refused.append("commit")
        database.connection.rollback()
        raise OperationalError("could not serialize access")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_commit", refuse)
        yield refused


@contextmanager
def statement_timeout(milliseconds: int) -> Iterator[None]:
    for setting in (milliseconds, 0):
        with database.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {setting}")
        if setting:
            yield


@contextmanager
def elsewhere(isolation: str = "READ COMMITTED") -> Iterator[Any]:
    """A session of somebody else's, in a transaction that does not end before this does."""
    with closing(database.get_new_connection(database.get_connection_params())) as other:
        other.set_session(isolation_level=isolation)
        with other.cursor() as cursor:
            cursor.execute("SELECT set_config('tandem.all_workspaces', 'somebody else', false)")
            yield cursor
        other.rollback()
