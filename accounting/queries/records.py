"""What our records are called, for lists of several kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounting.port.documents import UnknownKind, shape_of
from accounting.resources.registry import get_resource

Key = tuple[str, UUID | None]


@dataclass(frozen=True, slots=True)
class Record:
    """A record's name, and the page that shows it: a payment is shown on its invoice's."""

    kind: str
    local_id: UUID
    name: str
    page: str = ""
    page_id: UUID | None = None

    @property
    def can_pair(self) -> bool:
        """Whether a person may link it to one of theirs: it is here, and does not go with what it settles."""
        return bool(self.page) and can_be_paired(self.kind)


def can_be_paired(kind: str) -> bool:
    """Whether records of this kind are linked by themselves, and not with what they settle."""
    return not shape_of(kind).is_settlement


def records_named(keys: Iterable[Key]) -> dict[Key, Record]:
    """The names of these records, one query a kind. What is deleted here keeps its kind as its name."""
    by_kind: dict[str, set[UUID]] = {}
    for kind, local_id in keys:
        if kind and local_id:
            by_kind.setdefault(kind, set()).add(local_id)
    named: dict[Key, Record] = {}
    for kind, ids in by_kind.items():
        resource = get_resource(kind)
        named.update({(kind, pk): Record(kind, pk, f"Deleted {resource.words.name}") for pk in ids})
        for row in resource.named(ids):
            named[kind, row.local_id] = Record(kind, row.local_id, row.name, row.page, row.page_id)
    return named


def load_record(kind: str, local_id: UUID) -> Any:
    """The record itself, or None when there is none of this kind here."""
    try:
        return get_resource(kind).find(local_id)
    except UnknownKind:
        return None
