"""Opening an organisation's books for the engine."""

from __future__ import annotations

from functools import partial

from accounting.models import Connection
from accounting.port.provider import Books
from accounting.providers.registry import get_books
from accounting.sync.meter import CallMeter
from accounting.sync.state import ask_leave
from accounting.sync.tokens import fresh_access


def open_books(connection: Connection) -> Books:
    """The connection's books with valid access, whose every call first asks leave (see `state.ask_leave`). Close them
    by `with`.

    Raises NeedsReauth, Retryable or, while it is paused, Paused; each call raises LeaseLost besides these.
    """
    ask_leave(connection)
    leave = partial(ask_leave, connection)
    return get_books(connection, fresh_access(connection), before_call=leave, meter=CallMeter(connection))
