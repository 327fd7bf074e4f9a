"""What is known beforehand to be refused by the organisation, so that it is said at the form and not days later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from accounting.models import Connection
from accounting.queries.connections import connection_of_workspace
from accounting.resources.base import Objection
from accounting.resources.registry import get_resource
from core.templatetags.display import day as say_day
from lines.signals import Closed


def objections_to(kind: str, record: Any) -> Sequence[Objection]:
    """Why the workspace's organisation would not take this record. Nothing while none is connected."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active:
        return ()
    return get_resource(kind).objections(record, connection)


def closed_there(day: dt.date) -> Closed | None:
    """That the organisation's books take nothing under this day any more; None while they do, or none is connected."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active or not connection.is_locked_on(day):
        return None
    return Closed(say_locked(connection), connection.first_open_day)


def say_locked(connection: Connection) -> str:
    """Up to when the organisation's books are locked, and what can be done, in sentences."""
    last = connection.first_open_day - dt.timedelta(days=1)
    return (
        f"Xero's books are locked up to {say_day(last)}. Choose {say_day(connection.first_open_day)} or later, "
        "or have your bookkeeper move the lock date and read the lists again in Settings > Accounting."
    )
