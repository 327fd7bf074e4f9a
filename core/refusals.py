"""What services refuse."""

from __future__ import annotations

from uuid import UUID


class Refused(Exception):
    """The record cannot be written like this. The message is a sentence for people; `field` says which input it is
    about; `in_the_way` is the other record that stands in its way, if one does."""

    def __init__(self, message: str, *, field: str = "", in_the_way: UUID | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.in_the_way = in_the_way


class Stale(Refused):
    """Somebody else saved the record after the caller read it."""
