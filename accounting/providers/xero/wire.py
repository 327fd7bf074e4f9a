"""Xero's JSON scalars: exact numbers, calendar dates, instants. Pure.

Dates never pass through a time zone (Xero docs: "Date formats"; `/Date(ms+0000)/` is midnight UTC of the
calendar date).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
Source = Mapping[str, Any]

ZERO = Decimal(0)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
XERO_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


class Unreadable(ValueError):
    """One record of a reply does not have the shape we know. It must not cost us the others."""


def parse(text: str | bytes) -> Any:
    """JSON with every number as Decimal. Raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def dump(value: Any) -> str:
    """Compact JSON text; the same value gives the same bytes. Raises ValueError rather than write a rounded amount."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> int | float:
    if isinstance(value, Decimal):  # as it came from Xero, on its way back
        return number(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def number(value: Decimal) -> int | float:
    """The Decimal as a JSON number with the same digits.

    Up to 15 significant digits a float prints exactly what it was made from; our columns hold 14.
    Raises ValueError rather than send a rounded amount.
    """
    wire = int(value) if value == value.to_integral_value() else float(value)
    if Decimal(repr(wire)) != value:
        raise ValueError(f"{value} cannot be sent exactly")
    return wire


def text(source: Source, key: str) -> str:
    """The field as text; absent and null are empty."""
    value = source.get(key)
    return "" if value is None else str(value)


def decimal(source: Source, key: str, default: str = "0") -> Decimal:
    """The field as Decimal. Raises Unreadable when it is no number."""
    value = source.get(key)
    if value is None:
        return Decimal(default)
    try:
        return Decimal(value)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise Unreadable(f"{key} is not a number: {value!r}") from error


def decimal_or_none(source: Source, key: str) -> Decimal | None:
    """The field as Decimal, None when absent: nothing there is not zero. Raises Unreadable when it is no number."""
    return None if source.get(key) is None else decimal(source, key)


def instant(source: Source, key: str) -> dt.datetime:
    """The field as an aware UTC instant. Raises Unreadable when absent or malformed."""
    value = text(source, key)
    try:
        if match := XERO_DATE.fullmatch(value):
            return EPOCH + dt.timedelta(milliseconds=int(match[1]))
        parsed = dt.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{key} is not a time: {value!r}") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)


def date_or_none(source: Source, key: str) -> dt.date | None:
    """The field as a calendar date: `<key>String` when there is one, else `/Date()/`, else ISO; None when absent."""
    twin = text(source, f"{key}String") or text(source, key)
    if not twin:
        return None
    return instant({"value": twin}, "value").date()


def date(source: Source, key: str) -> dt.date:
    """Like `date_or_none`, and raises Unreadable when absent."""
    value = date_or_none(source, key)
    if value is None:
        raise Unreadable(f"{key} is missing")
    return value


def objects(source: Source, key: str) -> list[Json]:
    """The field as a list of objects; absent, null and a lone object are taken as they are meant."""
    value = source.get(key) or []
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def inner(source: Source, key: str) -> Json:
    """The field as an object; absent and null are an empty one. Raises Unreadable when it is none."""
    value = source.get(key) or {}
    if not isinstance(value, dict):
        raise Unreadable(f"{key} is not an object: {value!r}")
    return value
