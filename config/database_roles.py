"""Two roles of the database: one owns the tables and migrates them, the other works in them.

A stolen password of the working role, or SQL slipped into the application, can then read and write rows, inside the
walls; it cannot take a wall down, change a table, or rewrite what the audit says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction

from core.append_only import TRIGGER

LOGIN = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")

MINE = """
SELECT relname, relname = 'django_migrations', EXISTS (
  SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = %s)
FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
  AND relowner = current_user::regrole ORDER BY relname
"""


@contextmanager
def as_owner(connection: Any) -> Iterator[None]:
    """Inside, this connection signs in with MIGRATION_DATABASE_URL; without one, nothing changes.

    The connection is opened anew, so no transaction may be open.
    """
    owner = settings.MIGRATION_DATABASE
    if not owner:
        yield
        return
    before = {key: connection.settings_dict[key] for key in LOGIN}
    connection.close()
    connection.settings_dict.update({key: owner.get(key, type(before[key])()) for key in LOGIN})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def grant_work(connection: Any) -> None:
    """The working role may read and write the rows of every table the current role owns, but of the record of
    migrations it may only read, and of tables that only grow it may not change or delete."""
    role = connection.ops.quote_name(settings.WORKING_ROLE)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s", [settings.WORKING_ROLE])
        if cursor.fetchone()[0]:
            return
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(MINE, [TRIGGER])
        for name, read_only, append_only in cursor.fetchall():
            table = connection.ops.quote_name(name)
            rights = (
                "SELECT"
                if read_only
                else "SELECT, INSERT"
                if append_only
                else "SELECT, INSERT, UPDATE, DELETE"
            )
            cursor.execute(f"REVOKE ALL ON {table} FROM {role}")
            cursor.execute(f"GRANT {rights} ON {table} TO {role}")
