"""The connection that a page is about; a page about none is not there."""

from __future__ import annotations

from django.http import Http404

from accounting.models import Connection
from accounting.queries.connections import connection_of_workspace


def the_connection() -> Connection:
    """The workspace's connection, whatever its state. Raises Http404 where there never was one."""
    connection = connection_of_workspace()
    if connection is None:
        raise Http404
    return connection


def the_active_connection() -> Connection:
    """The workspace's connection while it works. Raises Http404 where it does not, or there never was one."""
    connection = the_connection()
    if not connection.is_active:
        raise Http404
    return connection
