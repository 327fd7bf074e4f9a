"""Which day it is where a workspace is. Due, overdue, the dates that forms start with: all of them ask here."""

from __future__ import annotations

import datetime as dt

from core.clock import day_in
from workspaces.models import Workspace


def today(workspace: Workspace) -> dt.date:
    """The calendar date where the workspace is. No other clock decides a date of its records."""
    return day_in(workspace.zone)


def start_of(day: dt.date, workspace: Workspace) -> dt.datetime:
    """The instant at which this date begins where the workspace is."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=workspace.zone)
