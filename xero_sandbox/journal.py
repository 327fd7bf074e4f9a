"""Keeping the books on disk: one line per flush with every record that changed, so a crash loses a flush or nothing.

A flush is one line and one write, so a torn last line is recognised and left out. The file is rewritten beside
the old one and moved into place when the sandbox starts, which keeps it short.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from xero_sandbox.books import Change
from xero_sandbox.documents import Organisation
from xero_sandbox.encoding import decode, encode
from xero_sandbox.store import Store

log = logging.getLogger(__name__)

_FLUSH_SECONDS = 0.2
Mark = tuple[str, str, str]


class Journal:
    """Writes changes a moment after they happened, from a thread of its own."""

    def __init__(self, store: Store, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "journal.jsonl"
        self._store = store
        self._dirty: dict[Mark, None] = {}
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def load(self) -> bool:
        """Fill the store from disk; False when there is nothing to read."""
        if not self.path.exists():
            return False
        latest: dict[Mark, Any] = {}
        for line in self.path.read_text(encoding="utf-8").splitlines():
            for owner, kind, record_id, value in _entries(line):
                latest[(owner, kind, record_id)] = value
        self._restore(latest)
        return bool(self._store.books)

    def start(self) -> None:
        """Write the present state as a fresh file, then follow every change."""
        self.rewrite()
        self._store.listeners.append(self._on_changes)
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()
        self._thread.join(timeout=10)

    def rewrite(self) -> None:
        """Replace the file by the present state, in one move."""
        with self._store.lock:
            self._dirty.clear()
            line = self._line(self._every_mark())
        fresh = self.path.with_suffix(".new")
        fresh.write_text(line, encoding="utf-8")
        os.replace(fresh, self.path)

    def _on_changes(self, owner: str | None, changes: list[Change]) -> None:
        for table, record_id, _ in changes:
            self._dirty[(owner or "", table.name, record_id)] = None
        self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait()
            self._wake.clear()
            if not self._stopped:
                threading.Event().wait(_FLUSH_SECONDS)
            self._flush()

    def _flush(self) -> None:
        with self._store.lock:
            marks, self._dirty = list(self._dirty), {}
            if not marks:
                return
            line = self._line(marks)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line)

    def _line(self, marks: Iterable[Mark]) -> str:
        return json.dumps([[*mark, encode(self._find(mark))] for mark in marks], ensure_ascii=False) + "\n"

    def _find(self, mark: Mark) -> Any:
        owner, kind, record_id = mark
        tables = self._store.books[owner].tables if owner else self._store.tables
        return next(table for table in tables if table.name == kind).get(record_id)

    def _every_mark(self) -> list[Mark]:
        marks = [("", table.name, row.id) for table in self._store.tables for row in table.all()]
        for books in self._store.books.values():
            marks += [(books.id, table.name, row.id) for table in books.tables for row in table.all()]
        return marks

    def _restore(self, latest: dict[Mark, Any]) -> None:
        records = [
            (owner, decode(kind, value)) for (owner, kind, _), value in latest.items() if value is not None
        ]
        for _, record in records:
            if isinstance(record, Organisation):
                self._store.open_books(record)
        for owner, record in records:
            target = self._store.books[owner] if owner else self._store
            target.load(record)


def _entries(line: str) -> list[tuple[str, str, str, Any]]:
    """The records of one flush; a line that a crash tore in two counts as never written."""
    try:
        return [tuple(entry) for entry in json.loads(line)]
    except ValueError:
        log.warning("the last line of the journal was incomplete and is left out")
        return []
