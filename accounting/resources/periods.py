"""What waits for the organisation to open a period that it has locked."""

from __future__ import annotations

import datetime as dt

from accounting.enums import LockedPeriod
from accounting.resources.desk import Desk
from core.templatetags.display import day


def parked_until_open(desk: Desk, *days: dt.date | None) -> str:
    """Why a record that bears one of these days waits, where that is the rule; "" when all of them are open."""
    connection = desk.connection
    locked = [each for each in days if each and connection.is_locked_on(each)]
    if desk.rules.locked_period != LockedPeriod.PARK or not locked:
        return ""
    return f"{_locked(desk)} It goes there by itself once the lock is moved."


def locked_for_now(desk: Desk, dated: dt.date) -> str:
    """Why the organisation takes nothing of this day, in sentences; "" when it is open."""
    if not desk.connection.is_locked_on(dated):
        return ""
    return f"{_locked(desk)} Give it a later date, or have the lock moved there."


def _locked(desk: Desk) -> str:
    last = desk.connection.first_open_day - dt.timedelta(days=1)
    return f"Its period is locked in Xero, up to {day(last)}."
