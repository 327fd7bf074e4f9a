"""Records to JSON and back, by their own type annotations: for the journal only, never for Xero's wire."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from xero_sandbox import credit_documents, documents, registration

KINDS: dict[str, type] = {
    "organisations": documents.Organisation,
    "accounts": documents.Account,
    "tax_rates": documents.TaxRate,
    "tracking_categories": documents.TrackingCategory,
    "contacts": documents.Contact,
    "invoices": documents.Invoice,
    "credit_notes": credit_documents.CreditNote,
    "payments": documents.Payment,
    "users": registration.User,
    "connections": registration.Connection,
    "codes": registration.AuthorisationCode,
    "refresh_tokens": registration.RefreshToken,
    "secrets": registration.Secret,
}


def encode(value: Any) -> Any:
    """Plain JSON values: decimals as text, dates in ISO form."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: encode(getattr(value, name)) for name in _hints(type(value))}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    return value


def decode(kind: str, value: dict[str, Any]) -> Any:
    """The record that `encode` wrote."""
    return _build(KINDS[kind], value)


def _build(record: type, value: dict[str, Any]) -> Any:
    hints = _hints(record)
    return record(**{name: _read(hints[name], item) for name, item in value.items() if name in hints})


def _read(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(choice for choice in get_args(hint) if choice is not type(None))
    if get_origin(hint) is tuple:
        return tuple(_read(get_args(hint)[0], item) for item in value)
    if is_dataclass(hint):
        return _build(hint, value)  # type: ignore[arg-type]
    read = _READERS.get(hint)
    return read(value) if read else value


_READERS: dict[Any, Callable[[Any], Any]] = {
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


@cache
def _hints(record: type) -> dict[str, Any]:
    hints = get_type_hints(record)
    return {field.name: hints[field.name] for field in fields(record)}
