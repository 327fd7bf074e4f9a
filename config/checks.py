"""What Django checks before it migrates: that the database can keep workspaces apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections

SUPERUSER = "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def role_is_held_by_row_security(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """An error for each database that is reached as a role row-level security does not hold back."""
    return [error for alias in databases or () for error in errors_of(connections[alias])]


def errors_of(connection: Any) -> list[CheckMessage]:
    """What is wrong with the role of this connection."""
    with connection.cursor() as cursor:
        cursor.execute(SUPERUSER)
        role, free = cursor.fetchone()
    if not free:
        return []
    return [
        Error(
            f"The role {role!r} of DATABASE_URL is a superuser or may bypass row-level security.",
            hint="The wall between workspaces does nothing for such a role. Make an ordinary one:"
            " CREATE ROLE tandem LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '...'",
            id="tandem.E001",
        )
    ]
