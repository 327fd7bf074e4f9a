"""The one clock that all machines share. Their own may differ by hours; leases, pauses and tokens must not."""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.db import connection


def database_now() -> dt.datetime:
    """The database's present, aware. Costs one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cast(dt.datetime, cursor.fetchone()[0])
