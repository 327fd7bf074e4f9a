"""Documents as plain JSON and back: what links, batches and conflicts keep.

A snapshot outlives the release that wrote it. `v` says by which rules it was written; a field it lacks was not known
then, and says nothing (see accounting.sync.compare).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

from accounting.port.documents import ContactDoc, Document, InvoiceDoc, Kind, LineDoc, PaymentDoc

Snapshot = dict[str, Any]

VERSION = 2
"""2: what a line does not have is null. Until then the blanks of a line that is only text were kept as zeros."""

_DATES = {"issue_date", "due_date", "date"}
_AMOUNTS = {
    "quantity", "unit_amount", "discount_percent", "discount_amount", "line_amount", "tax_amount", "amount",
    "net", "tax", "total", "amount_paid", "amount_credited", "rate",
}  # fmt: skip


def dump(document: Document) -> Snapshot:
    """The document as JSON-ready values: Decimals and dates as text."""
    return {"v": VERSION, **_fields(document)}


def _fields(document: Document | LineDoc) -> Snapshot:
    return {item.name: _plain(getattr(document, item.name)) for item in dataclasses.fields(document)}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_fields(item) for item in value]
    return value


def upgrade(snapshot: Snapshot) -> Snapshot:
    """The same snapshot as today's release would have written it."""
    if snapshot.get("v", 1) >= VERSION or "lines" not in snapshot:
        return snapshot
    return {**snapshot, "lines": [_with_blanks(line) for line in snapshot["lines"]]}


def _with_blanks(line: Snapshot) -> Snapshot:
    is_text = not any(
        _counts(line.get(name)) for name in ("quantity", "unit_amount", "tax_code", "account_code")
    )
    return {**line, "quantity": None, "unit_amount": None} if is_text else line


def _counts(value: Any) -> bool:
    return value not in (None, "", "0")


def load(kind: Kind, snapshot: Snapshot) -> Document:
    """The document of a snapshot. Fields it lacks (written by an older version) take their defaults."""
    if kind == "customer":
        return ContactDoc(**_known(ContactDoc, snapshot))
    if kind == "payment":
        return PaymentDoc(**_known(PaymentDoc, snapshot))
    snapshot = upgrade(snapshot)
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
