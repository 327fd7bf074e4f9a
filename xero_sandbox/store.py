"""Everything the sandbox remembers, guarded by one lock: compute inside it, sleep and send outside it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from typing import Any

from xero_sandbox.books import Books, Change, Table
from xero_sandbox.clock import Clock
from xero_sandbox.documents import Organisation
from xero_sandbox.registration import AuthorisationCode, Connection, RefreshToken, Secret, User

Listener = Callable[[str | None, list[Change]], None]


class Store:
    """The organisations' books, and what belongs to the app registration: users, grants, connections."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.listeners: list[Listener] = []
        self.clear()

    def clear(self) -> None:
        """Forget everything (listeners stay)."""
        self.books: dict[str, Books] = {}
        self.users: Table[User] = Table("users")
        self.connections: Table[Connection] = Table(
            "connections", user=lambda row: row.user_id, tenant=lambda row: row.tenant_id
        )
        self.codes: Table[AuthorisationCode] = Table("codes")
        self.refresh_tokens: Table[RefreshToken] = Table("refresh_tokens", user=lambda row: row.user_id)
        self.secrets: Table[Secret] = Table("secrets")
        self._tables: dict[type, Table[Any]] = {
            User: self.users,
            Connection: self.connections,
            AuthorisationCode: self.codes,
            RefreshToken: self.refresh_tokens,
            Secret: self.secrets,
        }

    @property
    def tables(self) -> Iterable[Table[Any]]:
        return self._tables.values()

    def add_organisation(self, organisation: Organisation) -> Books:
        """Open new books; the organisation's own record is announced like any other change."""
        books = self.open_books(organisation)
        self._announce(books.id, [(books.organisations, organisation.id, None)])
        return books

    def open_books(self, organisation: Organisation) -> Books:
        books = Books(organisation, self.clock)
        books.on_commit = lambda owner, changes: self._announce(owner.id, changes)
        self.books[organisation.id] = books
        return books

    def put(self, record: Any) -> None:
        """Write one of the app registration's records."""
        table = self._tables[type(record)]
        old = table.write(record.id, record)
        self._announce(None, [(table, record.id, old)])

    def remove(self, kind: type, record_id: str) -> None:
        table = self._tables[kind]
        old = table.write(record_id, None)
        if old is not None:
            self._announce(None, [(table, record_id, old)])

    def load(self, record: Any) -> None:
        """Write a record without telling anybody: for the journal only."""
        self._tables[type(record)].load(record.id, record)

    def secret(self, name: str, default: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
        """A value made once and found again after a restart."""
        found = self.secrets.get(name)
        if found is None:
            found = Secret(id=name, value=default())
            self.put(found)
        return found.value

    def keep_secret(self, name: str, value: str) -> None:
        self.put(Secret(id=name, value=value))

    def books_by_slug(self, slug: str) -> Books | None:
        return next((books for books in self.books.values() if books.organisation.slug == slug), None)

    def is_connected(self, tenant_id: str) -> bool:
        return bool(self.connections.find("tenant", tenant_id))

    def _announce(self, owner: str | None, changes: list[Change]) -> None:
        for listener in self.listeners:
            listener(owner, changes)
