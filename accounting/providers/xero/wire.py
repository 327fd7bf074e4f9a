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
from functools import lru_cache
from typing import Any, Protocol

import msgspec

Json = dict[str, Any]
Source = Mapping[str, Any]

ZERO = Decimal(0)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MILLISECOND = dt.timedelta(milliseconds=1)
XERO_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


class Unreadable(ValueError):
    """One record of a reply does not have the shape we know. It must not cost us the others."""


class Told(Protocol):
    """An object of Xero's: a mapping, or a shape."""

    def get(self, key: str, /) -> Any:
        """The field of this name; None when there is none."""


_ENCODER = msgspec.json.Encoder(decimal_format="number")
_JSON = msgspec.json.Decoder(msgspec.Raw)
"""Only looks whether it is JSON."""


def parse(text: str | bytes) -> Any:
    """JSON with every number as Decimal. Raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def dump(value: Any) -> str:
    """Compact JSON text. A Decimal is a number with all of its digits, a date is ISO.

    Raises ValueError when a number is not finite: JSON has no other. The whole text is looked at, which takes less time
    than to ask each number.
    """
    text = _ENCODER.encode(value)
    try:
        _JSON.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(f"a number that is none: {error}") from error
    return text.decode()


def text(source: Told, key: str) -> str:
    """The field as text; absent and null are empty."""
    value = source.get(key)
    return "" if value is None else str(value)


def decimal(source: Told, key: str, default: str = "0") -> Decimal:
    """The field as Decimal. Raises Unreadable when it is no number."""
    value = source.get(key)
    if value is None:
        return Decimal(default)
    try:
        found = Decimal(value)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise Unreadable(f"{key} is not a number: {value!r}") from error
    if not found.is_finite():
        raise Unreadable(f"{key} is not a number: {value!r}")
    return found


def instant(source: Told, key: str) -> dt.datetime:
    """The field as an aware UTC instant. Raises Unreadable when absent or malformed."""
    return _instant(text(source, key), key)


def _instant(value: str, key: str) -> dt.datetime:
    try:
        if match := XERO_DATE.fullmatch(value):
            return EPOCH + int(match[1]) * MILLISECOND
        parsed = dt.datetime.fromisoformat(value)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{key} is not a time: {value!r}") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)


@lru_cache(maxsize=2048)
def _day(value: str, key: str) -> dt.date:
    """The same few days stand on every invoice of an answer."""
    return _instant(value, key).date()


def date_or_none(source: Told, key: str) -> dt.date | None:
    """The field as a calendar date: `<key>String` when there is one, else `/Date()/`, else ISO; None when absent."""
    twin = text(source, f"{key}String") or text(source, key)
    return _day(twin, key) if twin else None


def date(source: Told, key: str) -> dt.date:
    """Like `date_or_none`, and raises Unreadable when absent."""
    value = date_or_none(source, key)
    if value is None:
        raise Unreadable(f"{key} is missing")
    return value


def objects(source: Told, key: str) -> list[Json]:
    """The field as a list of objects; absent, null and a lone object are taken as they are meant."""
    value = source.get(key) or []
    items = value if isinstance(value, list) else [value]
    return [dict(item) for item in items if isinstance(item, Mapping)]
