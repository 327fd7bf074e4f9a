"""A ledger as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.queries import Ledger

COLUMNS = ("Date", "What", "Number", "Reference", "Amount", "Balance", "Currency")


def ledger_table(ledger: Ledger, currency: str) -> Iterator[list[str]]:
    """The heads, then each entry, the newest first."""
    yield [*COLUMNS]
    for entry in ledger:
        yield [
            entry.day.isoformat(),
            entry.moved.label,
            entry.number,
            entry.note,
            str(entry.amount),
            str(entry.balance),
            currency,
        ]
