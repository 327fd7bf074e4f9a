"""Opening an organisation's books for the engine."""

from __future__ import annotations

from functools import partial

from accounting.models import Connection
from accounting.port.provider import Books
from accounting.providers.registry import get_books
from accounting.sync import lease
from accounting.sync.tokens import fresh_access


def open_books(connection: Connection) -> Books:
    """The connection's books with valid access, whose every call first renews the lease that is held.

    Raises NeedsReauth or Retryable; each call raises LeaseLost besides its own errors.
    """
    lease.renew(connection)
    return get_books(connection, fresh_access(connection), before_call=partial(lease.renew, connection))
