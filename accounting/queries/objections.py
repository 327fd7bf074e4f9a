"""What is known beforehand to be refused by the organisation, so that it is said at the form and not days later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from accounting.enums import LockedPeriod
from accounting.models import Connection, Link
from accounting.queries.connections import connection_of_workspace
from accounting.resources.base import Objection
from accounting.resources.cures import READ_LISTS
from accounting.resources.registry import get_resource
from accounting.resources.rules import rules_of
from core.templatetags.display import day as say_day
from lines.signals import Closed

_ADVICE = {
    LockedPeriod.BLOCK: (
        "Choose {} or later, or have your bookkeeper move the lock date and read the lists again in "
        "Settings > Accounting."
    ),
    LockedPeriod.MOVE: "The date becomes {}, the first open day.",
    LockedPeriod.PARK: "What is dated until then goes there once your bookkeeper has moved the lock.",
}


def objections_to(kind: str, record: Any) -> Sequence[Objection]:
    """Why the workspace's organisation would not take this record. Nothing while none is connected, nor of what does
    not go there."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active:
        return ()
    resource = get_resource(kind)
    if not rules_of(connection).covers(resource.day(record)) and not _is_linked(connection, kind, record):
        return ()
    return resource.objections(record, connection)


def _is_linked(connection: Connection, kind: str, record: Any) -> bool:
    return Link.objects.filter(connection=connection, kind=kind, local_id=record.pk).exists()


def closed_there(day: dt.date) -> Closed | None:
    """That the organisation's books take nothing under this day any more. None while they do, while none is connected,
    and where what bears it may wait for them."""
    connection = _locked_on(day)
    if connection is None:
        return None
    rule = rules_of(connection).locked_period
    if rule == LockedPeriod.PARK:
        return None
    return Closed(
        _say(connection, rule), connection.first_open_day, rule == LockedPeriod.MOVE, cure=READ_LISTS
    )


def say_lock(day: dt.date | None) -> str:
    """What becomes of something dated on this day, where the organisation's books are locked then; "" where they are
    open."""
    connection = _locked_on(day)
    return _say(connection, rules_of(connection).locked_period) if connection else ""


def first_open_day() -> dt.date | None:
    """The first day that the organisation has not locked; None where no period is, or none is connected."""
    connection = _locked_on(dt.date.min)
    return connection.first_open_day if connection else None


def _locked_on(day: dt.date | None) -> Connection | None:
    """The workspace's connection, if its organisation's books are locked on this day."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active or day is None or not connection.is_locked_on(day):
        return None
    return connection


def _say(connection: Connection, rule: str) -> str:
    last = connection.first_open_day - dt.timedelta(days=1)
    advice = _ADVICE[LockedPeriod(rule)].format(say_day(connection.first_open_day))
    return f"Xero's books are locked up to {say_day(last)}. {advice}"
