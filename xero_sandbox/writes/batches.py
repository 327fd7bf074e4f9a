"""Writing several elements: each on its own, or all or nothing (Xero docs, "summarizeErrors")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from xero_sandbox.errors import Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.writes.context import Writing

WriteOne = Callable[[Fields, Writing], tuple[Any, list[str]]]


@dataclass(slots=True)
class Outcome:
    """What became of one element: the record as written, or the errors and what was asked."""

    sent: dict[str, Any]
    record: Any = None
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        """StatusAttributeString."""
        return "ERROR" if self.errors else "WARNING" if self.warnings else "OK"


class AllUndone(Exception):
    """Some element failed and the caller wanted all or nothing: the books stand as before."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__()
        self.outcomes = outcomes


def write_each(elements: list[Fields], write_one: WriteOne, writing: Writing) -> list[Outcome]:
    """Every element stands or falls alone. An unknown id still fails the whole call, and undoes it."""
    with writing.books.atomic():
        return [_attempt(element, write_one, writing) for element in elements]


def write_all(elements: list[Fields], write_one: WriteOne, writing: Writing) -> list[Outcome]:
    """All elements stand, or none: raises AllUndone with every element's errors."""
    with writing.books.atomic():
        outcomes = [_attempt(element, write_one, writing) for element in elements]
        if any(outcome.errors for outcome in outcomes):
            raise AllUndone(outcomes)
    return outcomes


def _attempt(element: Fields, write_one: WriteOne, writing: Writing) -> Outcome:
    outcome = Outcome(element.data)
    try:
        with writing.books.atomic():
            outcome.record, outcome.warnings = write_one(element, writing)
    except Rejected as rejected:
        outcome.errors = rejected.messages
    return outcome
