"""Looking in Xero for the numbers, references and names of ours before anything is sent under them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounting.enums import Kind, Taken
from accounting.port.documents import ContactDoc, FetchReply, InvoiceDoc, RemoteRecord
from accounting.port.provider import Books


def alike(text: str) -> str:
    """The text as Xero compares it: neither case, accents nor runs of blanks make a difference."""
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


@dataclass(slots=True)
class Look:
    """What the organisation has, as read during one turn. Contacts cannot be asked for by many names at once, so they
    are listed, once."""

    books: Books
    _contacts: dict[tuple[Taken, str], RemoteRecord] | None = field(default=None)

    def taken(self, kind: Kind, records: Sequence[Any]) -> dict[UUID, tuple[Taken, RemoteRecord]]:
        """Of these records, those whose number, reference or name something there has. Talks to the provider."""
        there = _READERS[kind](self, records)
        found = {}
        for record in records:
            hits = ((what, there.get((what, alike(text)))) for what, text in _keys(kind, record))
            hit = next(((what, remote) for what, remote in hits if remote is not None), None)
            if hit is not None:
                found[record.pk] = hit
        return found

    def _all_contacts(self, records: Sequence[Any]) -> dict[tuple[Taken, str], RemoteRecord]:
        if self._contacts is None:
            self._contacts = dict(_indexed(remote for page in self._pages() for remote in page.records))
        return self._contacts

    def _pages(self) -> Iterator[FetchReply]:
        """All contacts, a page at a time; of one that comes twice the later."""
        place: str | None = ""
        while place is not None:
            page = self.books.changes("customer", place)
            yield page
            place = page.next

    def _numbered(self, records: Sequence[Any]) -> dict[tuple[Taken, str], RemoteRecord]:
        reply = self.books.having(Kind.INVOICE, [record.number for record in records])
        return dict(_indexed(reply.records if reply else ()))

    def _nothing(self, records: Sequence[Any]) -> dict[tuple[Taken, str], RemoteRecord]:
        """A payment has no name of its own, and its invoice is one that we made."""
        return {}


_READERS: dict[Kind, Callable[[Look, Sequence[Any]], dict[tuple[Taken, str], RemoteRecord]]] = {
    Kind.CUSTOMER: Look._all_contacts,
    Kind.INVOICE: Look._numbered,
    Kind.PAYMENT: Look._nothing,
}


def _keys(kind: Kind, record: Any) -> list[tuple[Taken, str]]:
    if kind == Kind.CUSTOMER:
        return [(Taken.NAME, record.name), (Taken.REFERENCE, record.reference)]
    return [(Taken.NUMBER, record.number)] if kind == Kind.INVOICE else []


def _indexed(records: Iterable[RemoteRecord]) -> Iterator[tuple[tuple[Taken, str], RemoteRecord]]:
    for record in records:
        document = record.document
        if isinstance(document, ContactDoc):
            yield (Taken.NAME, alike(document.name)), record
            if document.reference:
                yield (Taken.REFERENCE, alike(document.reference)), record
        elif isinstance(document, InvoiceDoc) and document.is_sale and document.state != "deleted":
            yield (Taken.NUMBER, alike(document.number)), record  # a deleted one frees its number
