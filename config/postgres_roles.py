"""The roles and the database of a private Postgres."""

from __future__ import annotations

from typing import Any

from psycopg2 import sql

OWNER = DATABASE = "tandem"
WORKER = "tandem_app"


def make_roles(connection: Any, *, owner_password: str, worker_password: str) -> None:
    """Both roles exist, with these passwords, and the database of the one. The owner may put on the other's role: tests
    do, so that they work with its rights on databases they make themselves. The connection commits by itself."""
    owner, worker, database = map(sql.Identifier, (OWNER, WORKER, DATABASE))
    with connection.cursor() as cursor:
        _make_role(cursor, OWNER, "CREATEDB", owner_password)
        _make_role(cursor, WORKER, "NOCREATEDB", worker_password)
        cursor.execute(sql.SQL("GRANT {} TO {}").format(worker, owner))
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not cursor.fetchone():
            cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))


def _make_role(cursor: Any, name: str, databases: str, password: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    rights = f"LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE {databases} PASSWORD %s"
    cursor.execute(sql.SQL(f"{verb} ROLE {{}} {rights}").format(sql.Identifier(name)), [password])
