"""How values look on Xero's wire: /Date()/ stamps, JSON with plain numbers, XML where nobody asked for JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SINGULAR = {
    "Addresses": "Address",
    "Currencies": "Currency",
    "Phones": "Phone",
    "LineItems": "LineItem",
    "TaxRates": "TaxRate",
}


def ms_stamp(moment: datetime) -> str:
    """A moment as `/Date(ms+0000)/`."""
    return f"/Date({(moment - _EPOCH) // _MILLISECOND}+0000)/"


def ms_date(day: date) -> str:
    """A calendar date as midnight UTC of that date, never moved by a time zone (Xero docs, "Dates")."""
    return ms_stamp(datetime(day.year, day.month, day.day, tzinfo=UTC))


def day_string(day: date) -> str:
    """The readable twin of a date field: `2026-11-20T00:00:00`."""
    return f"{day.isoformat()}T00:00:00"


def second_string(moment: datetime) -> str:
    """UpdatedDateUTCString, present since July 2026: seconds and a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def seven_digits(moment: datetime) -> str:
    """Connections answer seven fractional digits and no Z, although the value is UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"


def to_json(value: Any) -> bytes:
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot stand on the wire")


def to_xml(value: dict[str, Any]) -> bytes:
    """The default format of the API; enough of it that a caller who forgot Accept notices."""
    return f'<?xml version="1.0" encoding="utf-8"?><Response>{_xml_fields(value)}</Response>'.encode()


def _xml_fields(fields: dict[str, Any]) -> str:
    return "".join(f"<{name}>{_xml_value(name, value)}</{name}>" for name, value in fields.items())


def _xml_value(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return _xml_fields(value)
    if isinstance(value, list):
        tag = _SINGULAR.get(name, name.removesuffix("s"))
        return "".join(f"<{tag}>{_xml_value(tag, item)}</{tag}>" for item in value)
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
