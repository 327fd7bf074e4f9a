"""The one clock that all machines share, and the one place where an instant becomes a day.

The machines' own clocks may differ by hours; leases, pauses and tokens must not.
"""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.db import connection
from django.utils import timezone


def database_now() -> dt.datetime:
    """The database's present, aware. Costs one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cast(dt.datetime, cursor.fetchone()[0])


def day_in(zone: dt.tzinfo, at: dt.datetime | None = None) -> dt.date:
    """The calendar date in `zone`, now or at an aware instant.

    What day it is in a workspace is `workspaces.days.today`; pages tell instants in the zone that is active.
    """
    return (at or timezone.now()).astimezone(zone).date()
