"""Documents as plain JSON and back: what links, batches and conflicts keep.

A snapshot outlives the release that wrote it. `v` says by which rules it was written; a field it lacks was not known
then, and says nothing (see accounting.sync.compare).
"""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Callable, Hashable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, cast

from accounting.port.documents import Document, Kind, shape_of

Snapshot = dict[str, Any]

VERSION = 2
"""2: what a line does not have is null. Until then the blanks of a line that is only text were kept as zeros."""


def dump(document: Document) -> Snapshot:
    """The document as JSON-ready values: Decimals and dates as text."""
    return {"v": VERSION, **_fields(document)}


def _fields(document: Any) -> Snapshot:
    return {name: _plain(getattr(document, name)) for name in document.__struct_fields__}


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
    """The document of a snapshot. Fields it lacks (written by an older version) take their defaults. Raises
    UnknownKind."""
    document: Document = _built(shape_of(kind), upgrade(snapshot))
    return document


def _built(shape: type[Any], snapshot: Snapshot) -> Any:
    readers = _readers(cast(Hashable, shape))
    return shape(**{name: readers[name](value) for name, value in snapshot.items() if name in readers})


@cache
def _readers(shape: Any) -> Mapping[str, Callable[[Any], Any]]:
    """How each field is read back, by its type."""
    hints = typing.get_type_hints(shape)
    return {name: _reader(hints[name]) for name in shape.__struct_fields__}


def _reader(hint: Any) -> Callable[[Any], Any]:
    for shape in (Decimal, dt.date):
        if shape in (hint, *typing.get_args(hint)):
            return _or_none(Decimal if shape is Decimal else dt.date.fromisoformat)
    if typing.get_origin(hint) is tuple:
        part = typing.get_args(hint)[0]
        return lambda rows: tuple(_built(part, row) for row in rows)
    return lambda value: value


def _or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)
