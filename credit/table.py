"""Credit notes as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from credit.models import CreditNote

COLUMNS = (
    "Number", "Customer", "Issued", "Status", "Currency", "Net", "Tax", "Total", "Applied", "Refunded", "Left",
    "Reference",
)  # fmt: skip


def credit_notes_table(notes: Iterable[CreditNote]) -> Iterator[list[str]]:
    """The heads, then a row for each."""
    yield [*COLUMNS]
    for note in notes:
        amounts = (note.net, note.tax, note.total, note.applied, note.refunded, note.remaining)
        yield [
            note.number,
            note.customer.name,
            note.issue_date.isoformat(),
            note.get_status_display(),
            note.currency,
            *map(str, amounts),
            note.reference,
        ]
