"""One organisation's books: tables with indexes, transactions with undo, and stamps that never tie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from xero_sandbox.clock import Clock
from xero_sandbox.credit_documents import CreditDocument, CreditNote
from xero_sandbox.documents import (
    EPOCH,
    Account,
    Contact,
    Document,
    Invoice,
    Organisation,
    Payment,
    TaxRate,
    TrackingCategory,
)

R = TypeVar("R")
Key = Callable[[Any], str | None]
Change = tuple["Table[Any]", str, Any]


class Table(Generic[R]):
    """Records by id, in the order they were last written, with secondary indexes kept in step."""

    def __init__(self, name: str, /, **indexes: Key) -> None:
        self.name = name
        self._rows: dict[str, R] = {}
        self._keys = indexes
        self._indexes: dict[str, dict[str, dict[str, None]]] = {index: {} for index in indexes}
        self._in_order = True

    def get(self, record_id: str | None) -> R | None:
        return self._rows.get(record_id) if record_id else None

    def all(self) -> Iterable[R]:
        """Every record, oldest change first (UpdatedDateUTC ascending; stamps never tie)."""
        self._restore_order()
        return self._rows.values()

    def newest_first(self) -> Iterator[R]:
        self._restore_order()
        return reversed(self._rows.values())

    def find(self, index: str, key: str | None) -> list[R]:
        """Records whose `index` equals `key`."""
        ids = self._indexes[index].get(key, {}) if key is not None else {}
        return [self._rows[record_id] for record_id in ids]

    def __len__(self) -> int:
        return len(self._rows)

    def write(self, record_id: str, record: R | None) -> R | None:
        """Put a record last, or remove it with None; answers what stood there."""
        old = self._rows.pop(record_id, None)
        if old is not None:
            self._unindex(record_id, old)
        if record is not None:
            self._rows[record_id] = record
            self._index(record_id, record)
        return old

    def load(self, record_id: str, record: R) -> None:
        """Put a record that was read from disk, in any order."""
        self.write(record_id, record)
        self._in_order = False

    def undo(self, record_id: str, old: R | None) -> None:
        """Put back what stood there; its place in the order is found again when somebody reads."""
        self.write(record_id, old)
        self._in_order = self._in_order and old is None

    def _index(self, record_id: str, record: R) -> None:
        for index, key_of in self._keys.items():
            key = key_of(record)
            if key is not None:
                self._indexes[index].setdefault(key, {})[record_id] = None

    def _unindex(self, record_id: str, record: R) -> None:
        for index, key_of in self._keys.items():
            key = key_of(record)
            if key is not None:
                self._indexes[index][key].pop(record_id, None)

    def _restore_order(self) -> None:
        if not self._in_order:
            ordered = sorted(self._rows.items(), key=lambda item: getattr(item[1], "updated", EPOCH))
            self._rows = dict(ordered)
            self._in_order = True


def name_key(name: str) -> str:
    """Contact names and document numbers are compared without regard to case (Xero docs, "Contacts")."""
    return name.strip().casefold()


def _live_number(document: Document) -> str | None:
    ours = document.type in ("ACCREC", "ACCRECCREDIT") and document.status != "DELETED"
    return name_key(document.number) if ours and document.number else None


def _contact(document: Document) -> str:
    return document.contact_id


def _number(document: Document) -> str | None:
    return name_key(document.number) if document.number else None


def _active_account_number(contact: Contact) -> str | None:
    number = contact.details.get("AccountNumber") if contact.status == "ACTIVE" else None
    return name_key(number) if number else None


def _active_name(contact: Contact) -> str | None:
    return name_key(contact.name) if contact.status == "ACTIVE" else None


class Books:
    """Everything one organisation owns. Callers hold the store's lock while they use it."""

    def __init__(self, organisation: Organisation, clock: Clock) -> None:
        self.clock = clock
        self._stamp = EPOCH
        self._undo: list[Change] = []
        self._depth = 0
        self.number_hints: Counter[str] = Counter(invoices=1, credit_notes=1)
        self.organisations: Table[Organisation] = Table("organisations")
        self.accounts: Table[Account] = Table("accounts", code=lambda account: account.code)
        self.tax_rates: Table[TaxRate] = Table("tax_rates")
        self.tracking_categories: Table[TrackingCategory] = Table("tracking_categories")
        self.contacts: Table[Contact] = Table(
            "contacts",
            active_name=_active_name,
            name=lambda contact: name_key(contact.name),
            number=lambda contact: contact.contact_number,
            account_number=_active_account_number,
        )
        self.invoices: Table[Invoice] = Table(
            "invoices", live_number=_live_number, number=_number, contact=_contact
        )
        self.credit_notes: Table[CreditNote] = Table(
            "credit_notes", live_number=_live_number, number=_number, contact=_contact
        )
        self.payments: Table[Payment] = Table(
            "payments",
            invoice=lambda payment: payment.invoice_id or None,
            credit=lambda payment: payment.credit_id or None,
        )
        self._tables: dict[type, Table[Any]] = {
            Organisation: self.organisations,
            Account: self.accounts,
            TaxRate: self.tax_rates,
            TrackingCategory: self.tracking_categories,
            Contact: self.contacts,
            Invoice: self.invoices,
            CreditNote: self.credit_notes,
            Payment: self.payments,
        }
        self.id = organisation.id
        self.on_commit: Callable[[Books, list[Change]], None] = lambda books, changes: None
        self.organisations.write(organisation.id, organisation)

    @property
    def organisation(self) -> Organisation:
        organisation = self.organisations.get(self.id)
        assert organisation is not None
        return organisation

    @property
    def tables(self) -> Iterable[Table[Any]]:
        return self._tables.values()

    def credit(self, record_id: str) -> CreditDocument | None:
        """The credit of whatever kind with this id."""
        return self.credit_notes.get(record_id)

    def documents_of(self, contact_id: str) -> list[Document]:
        """Everything that names a contact."""
        tables: tuple[Table[Any], ...] = (self.invoices, self.credit_notes)
        return [document for table in tables for document in table.find("contact", contact_id)]

    def put(self, record: R) -> R:
        """Write a record with a fresh stamp; outside `atomic` it is committed at once."""
        if hasattr(record, "updated"):
            record = replace(record, updated=self._next_stamp())  # type: ignore[type-var]
        with self.atomic():
            table = self._tables[type(record)]
            old = table.write(record.id, record)  # type: ignore[attr-defined]
            self._undo.append((table, record.id, old))  # type: ignore[attr-defined]
        return record

    def load(self, record: Any) -> None:
        """Write a record as it is, stamp and all: for the journal only."""
        self._tables[type(record)].load(record.id, record)
        self._stamp = max(self._stamp, getattr(record, "updated", EPOCH))

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All writes inside stand together or not at all; nests, and the outermost publishes."""
        mark, self._depth = len(self._undo), self._depth + 1
        try:
            yield
        except BaseException:
            self._roll_back(mark)
            raise
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._publish()

    def _roll_back(self, mark: int) -> None:
        while len(self._undo) > mark:
            table, record_id, old = self._undo.pop()
            table.undo(record_id, old)

    def _publish(self) -> None:
        changes, self._undo = self._undo, []
        if changes:
            self.on_commit(self, changes)

    def _next_stamp(self) -> datetime:
        """Milliseconds that only ever grow, so that two versions of anything never share a stamp."""
        now = self.clock.now()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._stamp = max(now, self._stamp + timedelta(milliseconds=1))
        return self._stamp
