"""By what a list is sorted: a column of it, forwards or backwards, as the address says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import QuerySet

Rows = TypeVar("Rows", bound=QuerySet[Any])


@dataclass(frozen=True, slots=True)
class Head:
    """A column that can be sorted by. `next` is what the address says when its head is pressed; `direction` is
    "ascending", "descending", or "" where the list is sorted by another."""

    name: str
    label: str
    next: str
    direction: str


class Sorting:
    """How a list is sorted. `columns` are the labels of those that it can be sorted by, each with the fields that it
    stands for; `default` is what holds where nothing, or nothing known, is asked for. A minus sorts backwards."""

    def __init__(self, columns: Mapping[str, tuple[str, Sequence[str]]], asked: str, *, default: str) -> None:
        self._columns = columns
        self.value = asked if asked.removeprefix("-") in columns else default
        self.name, self.is_backwards = self.value.removeprefix("-"), self.value.startswith("-")

    def sort(self, rows: Rows) -> Rows:
        """These rows in that order; those that are alike in it the newest first."""
        _, fields = self._columns[self.name]
        sign = "-" if self.is_backwards else ""
        return rows.order_by(*(f"{sign}{field}" for field in fields), "-pk")

    def head(self, name: str) -> Head:
        """The head of a column. Pressed again, it turns the order round."""
        label, _ = self._columns[name]
        if name != self.name:
            return Head(name, label, name, "")
        direction = "descending" if self.is_backwards else "ascending"
        return Head(name, label, name if self.is_backwards else f"-{name}", direction)

    @property
    def heads(self) -> Sequence[Head]:
        """Those of all columns."""
        return [self.head(name) for name in self._columns]
