"""Rows by the hundred thousand that only have to be there, made by the database itself."""

from __future__ import annotations

from django.db import connection as database

from accounting.models import Connection

_OPERATIONS = """
INSERT INTO accounting_operation
       (workspace_id, connection_id, lane, kind, local_id, remote_id, change, priority, state, seq,
        attempts, blocker, error_class, error, error_detail, created_at, updated_at)
SELECT %s, %s, 'push', 'customer', gen_random_uuid(), '', 'upsert', 3, 'pending', 1,
       0, '', '', '', '', now(), now()
  FROM generate_series(1, %s)
"""
_EVENTS = """
INSERT INTO accounting_syncevent
       (id, workspace_id, connection_id, event, kind, local_id, remote_id, message, detail, changes, actor_kind,
        actor_name, created_at, updated_at)
SELECT gen_random_uuid(), %s, %s, 'sent_new', 'customer', gen_random_uuid(), 'r' || n, 'Created in Xero.', '',
       '[]', 'system', 'Tandem', now(), now()
  FROM generate_series(1, %s) AS n
"""


def add_waiting(connection: Connection, number: int) -> None:
    """Operations of a first load that nobody will reach."""
    _run(_OPERATIONS, connection, number, "accounting_operation")


def add_finished(connection: Connection, number: int) -> None:
    """History of finished operations: the operation itself leaves its table when it is done (ADR 0004)."""
    _run(_EVENTS, connection, number, "accounting_syncevent")


def _run(statement: str, connection: Connection, number: int, table: str) -> None:
    with database.cursor() as cursor:
        cursor.execute(statement, [connection.workspace_id, connection.pk, number])
        cursor.execute(f"ANALYZE {table}")
