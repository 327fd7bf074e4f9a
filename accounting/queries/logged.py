"""Which connection a request is about, for its log lines."""

from __future__ import annotations

from structlog.contextvars import bind_contextvars

from accounting.models import Connection


def named_in_logs(connection: Connection | None) -> Connection | None:
    """The connection itself; the lines of this request carry it from here on. A task's carry it from the first."""
    if connection is not None:
        bind_contextvars(connection=str(connection.pk))
    return connection
