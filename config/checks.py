"""What Django checks before it migrates: that the database can keep workspaces apart, and the application out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections

ROLE = """
SELECT rolname, rolsuper OR rolbypassrls,
  pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'MEMBER')
  OR EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
             AND pg_has_role(relowner, 'MEMBER'))
FROM pg_roles WHERE rolname = current_user
"""


def role_is_held_by_the_walls(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A message for each database that is reached as a role that passes the walls or could take them down."""
    return [message for alias in databases or () for message in messages_of(connections[alias])]


def messages_of(connection: Any) -> list[CheckMessage]:
    """What is wrong with the role of this connection. A developer's own role may own the tables."""
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        role, free, owner = cursor.fetchone()
    if free:
        return [_superuser(role)]
    return [_owner(role)] if owner else []


def _superuser(role: str) -> CheckMessage:
    return Error(
        f"The role {role!r} of DATABASE_URL is a superuser or may bypass row-level security.",
        hint="The wall between workspaces does nothing for such a role. Make an ordinary one:"
        " CREATE ROLE tandem_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '...'",
        id="tandem.E001",
    )


def _owner(role: str) -> CheckMessage:
    level = Warning if settings.DEBUG else Error
    return level(
        f"The role {role!r} of DATABASE_URL owns the database or its tables: whoever takes over the application could"
        " switch row security off, drop tables and rewrite the audit.",
        hint=f"Keep {role!r} for MIGRATION_DATABASE_URL, which only `migrate` needs, and let the application work as"
        " another: CREATE ROLE tandem_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '...'. `migrate` gives it its rights.",
        id="tandem.E002",
    )
