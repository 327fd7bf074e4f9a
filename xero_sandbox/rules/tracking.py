"""What a line is tracked by: an option of each of at most two categories (Xero docs, "Invoices: line items")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from xero_sandbox.documents import TrackingCategory, TrackingOption
from xero_sandbox.fields import Fields
from xero_sandbox.rules import messages

MOST = 2
Categories = Callable[[], Iterable[TrackingCategory]]
Tracking = tuple[dict[str, str], ...]


def track_by(
    sent: Sequence[Fields], categories: Iterable[TrackingCategory], kept: Tracking
) -> tuple[Tracking, list[str]]:
    """The options that were sent, by ids or by names, as they are answered, and what is wrong with them. What the line
    has already it may keep, archived or not."""
    there = list(categories)
    errors = [messages.TOO_MUCH_TRACKING] if len(sent) > MOST else []
    tracking = []
    for item in sent:
        if item.data in kept:
            tracking.append(item.data)
            continue
        category, option = _find(item, there)
        if category is None or option is None:
            errors.append(messages.tracking_unknown(*_said(item)))
            continue
        told = tracking_line(category, option)
        if told not in kept and "ARCHIVED" in (category.status, option.status):
            errors.append(messages.tracking_archived(category.name, option.name))
        tracking.append(told)
    return tuple(tracking), errors


def tracking_line(category: TrackingCategory, option: TrackingOption) -> dict[str, str]:
    return {
        "Name": category.name,
        "Option": option.name,
        "TrackingCategoryID": category.id,
        "TrackingOptionID": option.id,
    }


def _find(
    item: Fields, categories: list[TrackingCategory]
) -> tuple[TrackingCategory | None, TrackingOption | None]:
    category = next((row for row in categories if _is(row, item, "TrackingCategoryID", "Name")), None)
    options = category.options if category else ()
    return category, next((row for row in options if _is(row, item, "TrackingOptionID", "Option")), None)


def _is(row: TrackingCategory | TrackingOption, item: Fields, by_id: str, by_name: str) -> bool:
    """Ids go before names; names are compared without regard to case."""
    if told := item.text(by_id):
        return row.id == told.lower()
    return row.name.casefold() == (item.text(by_name) or "").casefold()


def _said(item: Fields) -> tuple[str, str]:
    pairs = (("Name", "TrackingCategoryID"), ("Option", "TrackingOptionID"))
    category, option = (item.text(name) or item.text(identity) or "" for name, identity in pairs)
    return category, option
