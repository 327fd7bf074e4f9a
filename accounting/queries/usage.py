"""What a connection asked of Xero: today, and day by day, for its page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Sum

from accounting.models import Connection, Usage
from accounting.providers.registry import calls_a_day
from core.clock import day_in

DAYS = 30
HEIGHT, STEP = 40, 10
"""Of the strip of bars, in its own units."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC), and its bar: how high, and where it begins from the left and from above."""

    date: dt.date
    calls: int
    received: int
    height: int
    x: int

    @property
    def y(self) -> int:
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Told:
    """The last days, oldest first, today last; `limit` is what Xero allows a day, `reserve` what is left to people, and
    `left` what Xero last said is left, None where that is not known now."""

    days: tuple[Day, ...]
    limit: int
    reserve: int
    left: int | None

    @property
    def today(self) -> Day:
        return self.days[-1]

    @property
    def busiest(self) -> Day:
        """The day with the most calls, the newest of several."""
        return max(self.days, key=lambda day: (day.calls, day.date))

    @property
    def calls(self) -> int:
        return sum(day.calls for day in self.days)

    @property
    def received(self) -> int:
        return sum(day.received for day in self.days)

    @property
    def listed(self) -> tuple[Day, ...]:
        """The days on which anything was asked, newest first."""
        return tuple(day for day in reversed(self.days) if day.calls)

    @property
    def width(self) -> int:
        return len(self.days) * STEP

    @property
    def tall(self) -> int:
        return HEIGHT


def usage_of(connection: Connection, *, reserve: int) -> Told:
    """What this connection asked of its organisation in the last days, in two queries."""
    first = day_in(dt.UTC) - dt.timedelta(days=DAYS - 1)
    rows = Usage.objects.filter(connection=connection, tenant_id=connection.tenant_id, day__gte=first)
    found = {row.day: row for row in rows}
    most = max((row.calls for row in found.values()), default=0)
    dates = [first + dt.timedelta(days=number) for number in range(DAYS)]
    days = tuple(_day(number, date, found.get(date), most) for number, date in enumerate(dates))
    return Told(days, calls_a_day(), reserve, connection.day_left)


def month_of_all() -> tuple[int, int]:
    """Calls and bytes of this month (UTC), of all connections in the scope: what Xero bills is bytes of a month."""
    begun = Usage.objects.filter(day__gte=day_in(dt.UTC).replace(day=1))
    told = begun.aggregate(calls=Sum("calls"), received=Sum("received"))
    return told["calls"] or 0, told["received"] or 0


def _day(number: int, date: dt.date, row: Usage | None, most: int) -> Day:
    """A day on which anything was asked has a bar that is seen."""
    if row is None or not row.calls:
        return Day(date, 0, 0, 0, number * STEP)
    height = max(round(row.calls * HEIGHT / most), 1)
    return Day(date, row.calls, row.received, height, number * STEP)
