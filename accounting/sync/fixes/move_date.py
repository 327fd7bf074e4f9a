"""What is dated in a locked period moves to the first day that is open."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from time import strptime
from typing import Any

from accounting.models import Connection, Problem
from accounting.resources.desk import Desk
from accounting.resources.registry import get_resource
from accounting.sync.fixes.base import Ask, Remedy
from core.templatetags.display import day as say_day
from workspaces.days import today
from workspaces.models import User


class MoveDate(Remedy):
    title = "Move to an open day"
    promise = "will be dated {}"
    is_per_record = True

    def ask(self, problem: Problem, connection: Connection) -> Ask | None:
        first = _first_open(problem, connection)
        if first is None:
            return None
        days = {first: f"{say_day(first)}, the first open day"}
        now = today(connection.workspace)
        if now > first:
            days[now] = f"{say_day(now)}, today"
        return Ask("Date them", tuple((day.isoformat(), told) for day, told in days.items()))

    def mend(self, problem: Problem, kind: str, record: Any, choice: str, desk: Desk, by: User) -> str:
        return get_resource(kind).redate(record, dt.date.fromisoformat(choice), by)


def _first_open(problem: Problem, connection: Connection) -> dt.date | None:
    """By the lists, and by what Xero said of the day when it refused: the lists may be older."""
    days = [connection.first_open_day] if connection.first_open_day > dt.date.min else []
    with suppress(ValueError):
        year, month, day, *_ = strptime(problem.subject, "%d %b %Y")
        days.append(dt.date(year, month, day) + dt.timedelta(days=1))
    return max(days, default=None)
