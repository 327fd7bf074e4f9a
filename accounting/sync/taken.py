"""Looking in Xero for the numbers, references and names of ours before anything is sent under them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounting.enums import Taken
from accounting.port.documents import Kind
from accounting.port.exchange import FetchReply, RemoteRecord
from accounting.port.provider import Books
from accounting.resources.base import Resource
from accounting.resources.registry import get_resource


def alike(text: str) -> str:
    """The text as Xero compares it: neither case, accents nor runs of blanks make a difference."""
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


@dataclass(slots=True)
class Look:
    """What the organisation has, as read during one turn."""

    books: Books
    _listed: dict[Kind, dict[tuple[Taken, str], RemoteRecord]] = field(default_factory=dict)

    def taken(self, kind: Kind, records: Sequence[Any]) -> dict[UUID, tuple[Taken, RemoteRecord]]:
        """Of these records, those whose number, reference or name something there has. Talks to the provider."""
        resource = get_resource(kind)
        names = {record.pk: list(resource.names(record)) for record in records}
        there = self._there(resource, [text for told in names.values() for _, text in told])
        found = {}
        for record in records:
            hits = ((what, there.get((what, alike(text)))) for what, text in names[record.pk])
            hit = next(((what, remote) for what, remote in hits if remote is not None), None)
            if hit is not None:
                found[record.pk] = hit
        return found

    def _there(self, resource: Resource, texts: Sequence[str]) -> dict[tuple[Taken, str], RemoteRecord]:
        """What bears one of these names there. What cannot be asked for by name is listed whole, once."""
        kind = resource.kind
        if not texts:
            return {}
        if kind not in self._listed:
            asked = self.books.having(kind, texts)
            if asked is not None:
                return self._index(resource, [asked])
            self._listed[kind] = self._index(resource, self._pages(kind))
        return self._listed[kind]

    def _pages(self, kind: Kind) -> Iterator[FetchReply]:
        """All records of a kind, a page at a time; of one that comes twice the later."""
        place: str | None = ""
        while place is not None:
            page = self.books.changes(kind, place)
            yield page
            place = page.next

    @staticmethod
    def _index(resource: Resource, pages: Iterable[FetchReply]) -> dict[tuple[Taken, str], RemoteRecord]:
        return dict(names_of(resource, (remote for page in pages for remote in page.records)))


def names_of(
    resource: Resource, records: Iterable[RemoteRecord]
) -> Iterator[tuple[tuple[Taken, str], RemoteRecord]]:
    """What nothing else there may be called as long as these are there, and which of them is."""
    for record in records:
        if not record.document.is_stray:
            for what, text in resource.names_there(record.document):
                yield (what, alike(text)), record
