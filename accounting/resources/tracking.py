"""The options of tracking categories that were chosen for new lines, and what breaks such a choice."""

from __future__ import annotations

from uuid import UUID

from accounting.models import Connection, RemoteTrackingOption, TrackingMapping

Options = dict[UUID | None, dict[str, str]]
"""Our service, or None for all others -> the id of a category -> the id of the option."""


def chosen_options(connection: Connection) -> Options:
    """What was chosen, in one query."""
    options: Options = {}
    rows = TrackingMapping.objects.filter(connection=connection).order_by("category_id", "pk")
    for service_id, category, option in rows.values_list("service_id", "category_id", "option_id"):
        options.setdefault(service_id, {})[category] = option
    return options


def say_broken(there: RemoteTrackingOption | None) -> str:
    """Why no new line can have this option any more, and what to do, a sentence without its end; "" when one can."""
    if there is None:
        return "A tracking option is gone from Xero: choose another"
    return "" if there.active else f"The tracking option {there} is archived in Xero or gone: choose another"
