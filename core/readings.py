"""What somebody had before their eyes when they began to edit: enough to tell later what they changed, and what
others did."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple


class Reading(NamedTuple):
    """A record as it was read: its revision, and a mark of each value. Marks of equal values are equal."""

    revision: str
    marks: Mapping[str, str]

    def text(self) -> str:
        """As a form carries it."""
        return json.dumps([self.revision, dict(self.marks)], separators=(",", ":"))

    def differing(self, values: Mapping[str, Any]) -> set[str]:
        """The names whose values are not those that were read."""
        return {name for name, value in values.items() if mark(value) != self.marks.get(name)}


def read(revision: object, values: Mapping[str, Any]) -> Reading:
    """The reading of a record with this revision and these values."""
    return Reading(str(revision), {name: mark(value) for name, value in values.items()})


def parse(text: str) -> Reading:
    """A reading as a form sent it back. What cannot be read is a reading of nothing: then everything differs."""
    try:
        revision, marks = json.loads(text)
        return Reading(str(revision), {str(name): str(value) for name, value in marks.items()})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Reading("", {})


def mark(value: Any) -> str:
    """A short digest of the value as people see it: 1.50 is 1.5, and a line break is a line break."""
    return hashlib.sha256(_plain(value).encode()).hexdigest()[:16]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return json.dumps([_plain(part) for part in value])
    key = getattr(value, "pk", value)
    return str(key).replace("\r\n", "\n").strip()
