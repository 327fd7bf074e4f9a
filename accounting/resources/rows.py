"""A record's rows as they stand, and putting them back exactly: what was written over is no input of any service."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, Field, Model, QuerySet

from accounting.port.documents import Kind
from accounting.resources.registry import OBSERVED, Observed

Columns = dict[str, Any]
Rows = Mapping[str, list[Columns]]
"""By the model's label the record's rows, as JSON-ready values."""
COUNTER = "revision"
"""Counts a header's saves: it never goes back, or a stale form would be taken for a fresh one."""


def columns_of(row: Model, names: Collection[str] = ()) -> Columns:
    """The columns of a row (those named, or all) as JSON-ready values."""
    fields = [field for field in row._meta.concrete_fields if not names or field.name in names]
    return {field.attname: _told(row, field) for field in fields}


def _told(row: Model, field: Field[Any, Any]) -> Any:
    value = field.value_from_object(row)
    is_plain = value is None or isinstance(value, (bool, int, str, list, dict))
    return value if is_plain else field.value_to_string(row)


def values_of(model: type[Model], columns: Columns) -> Columns:
    """The values that `columns_of` told."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {name: fields[name].to_python(value) for name, value in columns.items()}


def rows_of(kind: Kind, local_id: UUID) -> Rows:
    """Our record's own row, and those of its parts."""
    return {
        model._meta.label: [
            columns_of(row)
            for row in model._base_manager.filter(**{observed.root_field: local_id}).order_by("pk")
        ]
        for model, observed in _models_of(kind)
    }


def put_rows_back(kind: Kind, local_id: UUID, rows: Rows) -> None:
    """Write our record and its parts as they were, their times included. Nobody's edit, so nothing is captured."""
    for model, observed in _models_of(kind):
        mine = model._base_manager.filter(**{observed.root_field: local_id})
        kept = [values_of(model, columns) for columns in rows[model._meta.label]]
        if observed.is_root:
            counted = {COUNTER: F(COUNTER) + 1} if COUNTER in kept[0] else {}
            mine.update(**{**kept[0], **counted})
        else:
            _put_parts_back(model, mine, kept)


def _put_parts_back(model: type[Model], mine: QuerySet[Any], kept: list[Columns]) -> None:
    mine.delete()
    model._base_manager.bulk_create([model(**values) for values in kept])
    for values in kept:  # creating stamps them anew
        model._base_manager.filter(pk=values["id"]).update(**values)


def _models_of(kind: Kind) -> Iterator[tuple[type[Model], Observed]]:
    return ((model, observed) for model, observed in OBSERVED.items() if observed.kind == kind)
