"""How values read on a page: money with two places, dates as people write them, statuses in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import unquote

STATUS_WORDS = {
    "DRAFT": "Draft",
    "SUBMITTED": "Awaiting approval",
    "AUTHORISED": "Awaiting payment",
    "PAID": "Paid",
    "VOIDED": "Voided",
    "DELETED": "Deleted",
}
_TYPE_WORDS = {
    "CURRENT": "Current asset",
    "CURRLIAB": "Current liability",
    "DIRECTCOSTS": "Direct costs",
    "FIXED": "Fixed asset",
    "NONCURRENT": "Non-current liability",
    "OTHERINCOME": "Other income",
}


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def plain_number(amount: Decimal | None) -> str:
    """A figure for an input field: no thousands, no trailing noughts beyond two places."""
    if amount is None:
        return ""
    text = f"{amount.normalize():f}"
    places = len(text.partition(".")[2])
    return text if places > 2 or amount == amount.to_integral_value() else f"{amount:.2f}"


def price(amount: Decimal | None) -> str:
    """A unit price: two places, or as many more as it has."""
    text = plain_number(amount)
    return text if not text or "." in text else f"{text}.00"


def day(value: date | None) -> str:
    return f"{value.day} {value:%b %Y}" if value else ""


def moment(value: datetime) -> str:
    return f"{value.day} {value:%b %Y, %H:%M:%S} UTC"


def clock_time(value: datetime) -> str:
    return f"{value:%H:%M:%S}.{value.microsecond // 1000:03d}"


def type_word(account_type: str) -> str:
    return _TYPE_WORDS.get(account_type, account_type.capitalize())


def status_word(status: str) -> str:
    return STATUS_WORDS.get(status, status.capitalize())


FILTERS: dict[str, Callable[..., str]] = {
    "money": money,
    "plain_number": plain_number,
    "price": price,
    "readable_query": unquote,
    "day": day,
    "moment": moment,
    "clock_time": clock_time,
    "status_word": status_word,
    "type_word": type_word,
}
