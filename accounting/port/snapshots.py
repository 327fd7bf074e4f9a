"""Documents as plain JSON and back: what links, batches and conflicts keep."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

from accounting.port.documents import ContactDoc, Document, InvoiceDoc, Kind, LineDoc, PaymentDoc

Snapshot = dict[str, Any]

_DATES = {"issue_date", "due_date", "date"}
_AMOUNTS = {
    "quantity", "unit_amount", "discount_percent", "line_amount", "tax_amount", "amount",
    "net", "tax", "total", "amount_paid", "amount_credited", "rate",
}  # fmt: skip


def dump(document: Document | LineDoc) -> Snapshot:
    """The document as JSON-ready values: Decimals and dates as text."""
    return {item.name: _plain(getattr(document, item.name)) for item in dataclasses.fields(document)}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [dump(item) for item in value]
    return value


def load(kind: Kind, snapshot: Snapshot) -> Document:
    """The document of a snapshot. Fields it lacks (written by an older version) take their defaults."""
    if kind == "customer":
        return ContactDoc(**_known(ContactDoc, snapshot))
    if kind == "payment":
        return PaymentDoc(**_known(PaymentDoc, snapshot))
    values = _known(InvoiceDoc, snapshot)
    values["lines"] = tuple(LineDoc(**_known(LineDoc, line)) for line in snapshot.get("lines", []))
    values["payments"] = tuple(PaymentDoc(**_known(PaymentDoc, row)) for row in snapshot.get("payments", []))
    return InvoiceDoc(**values)


def _known(shape: type[Any], snapshot: Snapshot) -> Snapshot:
    names = {item.name for item in dataclasses.fields(shape)}
    return {name: _typed(name, value) for name, value in snapshot.items() if name in names}


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _AMOUNTS:
        return Decimal(value)
    return dt.date.fromisoformat(value) if name in _DATES else value
