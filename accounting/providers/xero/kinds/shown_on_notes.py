"""What Xero shows on a credit note only, or on it too: where credit went. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounting.providers.xero import shapes, wire
from accounting.providers.xero.kinds.payments import any_of
from accounting.providers.xero.wire import Json, Source

NOTES = "CreditNotes"


def one_of(note_ids: Iterable[str]) -> str:
    """The filter that finds these notes: there is no other way to ask for several (Xero docs: Credit notes)."""
    return any_of("CreditNoteID", dict.fromkeys(note_ids))


@dataclass(frozen=True, slots=True)
class Shown:
    """One element that a note shows, and the note."""

    note_id: str
    element: Json

    def whole(self) -> Json:
        """The element as it would stand alone: with the note that it is of, which is as old as it."""
        return {**self.element, "CreditNote": {"CreditNoteID": self.note_id}}


def shown_on_notes(body: Source, field: str) -> Iterator[Shown]:
    """The elements of this field of all notes in an answer. Raises ValueError when it cannot be read at all."""
    for note in shapes.elements(body, NOTES):
        changed, note_id = note.get("UpdatedDateUTC"), wire.text(note, "CreditNoteID")
        for element in wire.objects(note, field):
            yield Shown(note_id, {**element, "UpdatedDateUTC": changed})
