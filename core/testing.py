"""What tests share: the role they work as, commits that happen, queries that are counted, writes nobody captured."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.db.models.signals import pre_delete
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from core.changes import is_unobserved, origin


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


# -- the two roles


@contextmanager
def working() -> Iterator[None]:
    """Every connection opened inside, in every thread, signs in as the owner of the test database and puts on the
    role the application works as from its first moment."""
    options = connection.settings_dict["OPTIONS"]
    connection.close()
    connection.settings_dict["OPTIONS"] = {**options, "options": f"-c role={settings.WORKING_ROLE}"}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["OPTIONS"] = options


def migrated_once(note: Path) -> str:
    """The name of a database as the migrations leave it, for test databases to be copied from. Whoever comes first
    makes it and leaves that note; the others wait."""
    named, used = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    name = f"test_{named}_template"
    with note.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            connection.settings_dict["TEST"]["NAME"] = name
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()  # a database that somebody is in cannot be copied
            connection.settings_dict["TEST"]["NAME"] = used
            connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = named
            note.touch()
    return name


@contextmanager
def owning() -> Iterator[None]:
    """The open connection has the owner's rights inside; its transaction goes on."""
    _run("SET ROLE NONE")
    try:
        yield
    finally:
        if (
            connection.connection.get_transaction_status() != TRANSACTION_STATUS_INERROR
        ):  # or the rollback does it
            _run(f"SET ROLE {connection.ops.quote_name(str(settings.WORKING_ROLE))}")


@contextmanager
def rewriting(model: type[Model]) -> Iterator[None]:
    """Inside, the owner changes rows of a model that only grows: as they were before it did, or in a way no release
    writes them. A table can be altered only when no check of its rows is still to come."""
    connection.check_constraints()
    with owning():
        _run(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
        yield
        connection.check_constraints()
        _run(f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER USER")


# -- the write audit

_SET_UP = """
CREATE TABLE write_audit (
  id bigint GENERATED ALWAYS AS IDENTITY, side text, xid xid8, operation text, source text, row_id text,
  record text, statement text, excused boolean DEFAULT false);
GRANT ALL ON write_audit TO PUBLIC;
CREATE FUNCTION write_audit_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE noted jsonb;
BEGIN
  IF TG_OP = 'DELETE' THEN noted := to_jsonb(OLD); ELSE noted := to_jsonb(NEW); END IF;
  INSERT INTO write_audit (side, xid, operation, source, row_id, record, statement)
  VALUES (TG_ARGV[0], pg_current_xact_id(), TG_OP, TG_TABLE_NAME, noted ->> TG_ARGV[1], noted ->> TG_ARGV[2],
          left(current_query(), 300));
  RETURN NULL;
END $$;
"""
# Dropping the function takes its triggers along; rows that wait for a deferred check would forbid it.
_TAKE_DOWN = """
SET CONSTRAINTS ALL IMMEDIATE;
DROP FUNCTION write_audit_note() CASCADE;
DROP TABLE write_audit;
SET CONSTRAINTS ALL DEFERRED;
"""
_UNCAPTURED = """
SELECT w.source, w.operation, w.row_id, w.record, w.statement FROM write_audit w
WHERE w.side = 'written' AND NOT w.excused AND NOT EXISTS (
  SELECT 1 FROM write_audit o
  WHERE o.side = 'captured' AND o.xid = w.xid AND o.record = w.record AND o.id > w.id)
ORDER BY w.id
"""


class UncapturedWrite(AssertionError):
    """Rows of observed models were written and nothing in the outbox says so."""


@dataclass(frozen=True, slots=True)
class Watched:
    """How a model's rows are watched: the column that names the record a row belongs to, and the columns whose
    change counts (all of them when none is named)."""

    record: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """One row that was written without being captured."""

    table: str
    operation: str
    row_id: str
    record: str
    statement: str


@dataclass
class WriteAudit:
    """What was written so far to the watched tables, as the database itself noted it."""

    announced: set[tuple[str, str]] = field(default_factory=set)

    def uncaptured(self) -> list[Written]:
        """Rows whose record was not put into the outbox afterwards, in the same transaction. A deletion counts as
        captured once `pre_delete` told of it: what was never sent needs no operation."""
        rows = [Written(*row) for row in _fetch(_UNCAPTURED)]
        return [row for row in rows if not self._was_announced(row)]

    def records(self) -> int:
        """How many records were written to, captured or not."""
        return int(_fetch("SELECT count(DISTINCT record) FROM write_audit WHERE side = 'written'")[0][0])

    def _was_announced(self, row: Written) -> bool:
        return row.operation == "DELETE" and (row.table, row.row_id) in self.announced

    def _announce(self, sender: type[Model], instance: Model, **kwargs: Any) -> None:
        self.announced.add((sender._meta.db_table, str(instance.pk)))

    def _excuse(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Statements that the remote side causes, or that were declared `unobserved`, may go uncaptured."""
        if origin() == "user" and not is_unobserved():
            return execute(sql, params, many, context)
        last = _fetch("SELECT coalesce(max(id), 0) FROM write_audit")[0][0]
        result = execute(sql, params, many, context)
        _run("UPDATE write_audit SET excused = true WHERE id > %s AND side = 'written'", [last])
        return result


@contextmanager
def audited_writes(
    watched: Mapping[type[Model], Watched], outbox: tuple[type[Model], Watched]
) -> Iterator[WriteAudit]:
    """Raise UncapturedWrite if a row of a watched model is written inside and its record is not put into the outbox
    afterwards, in the same transaction.

    The database notes the rows, by trigger, so no way of writing goes unseen: raw SQL, a plain QuerySet, a cascade.
    What happens under `unobserved("reason")` or another origin than "user" is let pass. The rows' workspace must
    have a connection, or nothing is ever put into the outbox.
    """
    audit = WriteAudit()
    with owning():
        _set_up(watched, outbox)
    pre_delete.connect(audit._announce)
    try:
        with connection.execute_wrapper(audit._excuse):
            yield audit
        _complain(audit.uncaptured())
    finally:
        pre_delete.disconnect(audit._announce)
        if not connection.needs_rollback:  # or the rollback takes it away
            with owning():
                _run(_TAKE_DOWN)


def _complain(rows: list[Written]) -> None:
    if rows:
        told = "\n".join(f"{row.operation} {row.table} {row.row_id}: {row.statement}" for row in rows[:5])
        raise UncapturedWrite(
            f"{len({row.record for row in rows})} records changed without an operation:\n{told}"
        )


def _set_up(watched: Mapping[type[Model], Watched], outbox: tuple[type[Model], Watched]) -> None:
    _run(_SET_UP)
    for model, how in watched.items():
        _watch(model, how, "written", "INSERT OR DELETE")
    _watch(*outbox, "captured", "INSERT")


def _watch(model: type[Model], how: Watched, side: str, whole: str) -> None:
    """`whole` are the operations that always count; an update counts when a named column changes."""
    quote = connection.ops.quote_name
    pk = model._meta.pk.column
    note = f"FOR EACH ROW %s EXECUTE FUNCTION write_audit_note('{side}', '{pk}', '{how.record}')"
    changed = " OR ".join(f"OLD.{quote(c)} IS DISTINCT FROM NEW.{quote(c)}" for c in how.columns)
    table = quote(model._meta.db_table)
    _run(f"CREATE TRIGGER write_audit_whole AFTER {whole} ON {table} " + note % "")
    _run(
        f"CREATE TRIGGER write_audit_update AFTER UPDATE ON {table} "
        + note % f"WHEN ({changed or 'OLD.* IS DISTINCT FROM NEW.*'})"
    )


def _run(sql: str, params: list[Any] | None = None) -> None:
    """Past Django, so that the audit's own statements are neither audited nor counted."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(sql, params)


def _fetch(sql: str) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
