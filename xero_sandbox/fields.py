"""Reading a request's JSON object: presence, types and Xero's many spellings of a date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from xero_sandbox.errors import bad_data

_MS_DATE = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Fields:
    """One object of a request. A key that is absent or null counts as not sent (Xero documents nothing else)."""

    def __init__(self, data: Any) -> None:
        if not isinstance(data, dict):
            raise bad_data("An element of the request is not an object.")
        self.data: dict[str, Any] = data

    def has(self, name: str) -> bool:
        return self.data.get(name) is not None

    def text(self, name: str) -> str | None:
        """The value as text, or None when it was not sent."""
        value = self.data.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return str(value)
        raise bad_data(f"The value of {name} is not text.")

    def number(self, name: str) -> Decimal | None:
        value = self.data.get(name)
        if value is None:
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise bad_data(f"The value of {name} is not a number.") from None
        if isinstance(value, bool) or not number.is_finite():
            raise bad_data(f"The value of {name} is not a number.")
        return number

    def flag(self, name: str) -> bool | None:
        value = self.data.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise bad_data(f"The value of {name} is neither true nor false.")

    def day(self, name: str) -> date | None:
        value = self.text(name)
        return None if not value else parse_day(value, name)

    def child(self, name: str) -> Fields | None:
        return Fields(self.data[name]) if self.has(name) else None

    def children(self, name: str) -> list[Fields] | None:
        """The list under `name`, or None when it was not sent (an empty list is something else)."""
        if not self.has(name):
            return None
        items = self.data[name]
        if not isinstance(items, list):
            raise bad_data(f"The value of {name} is not a list.")
        return [Fields(item) for item in items]


def parse_day(value: str, name: str = "date") -> date:
    """The calendar date in `YYYY-MM-DD`, an ISO date and time, or `/Date(ms)/`; the clock part is dropped."""
    matched = _MS_DATE.match(value)
    try:
        if matched:
            return (_EPOCH + timedelta(milliseconds=int(matched[1]))).date()
        return date.fromisoformat(value[:10])
    except (ValueError, OverflowError):
        raise bad_data(f"The value of {name} is not a date.") from None
