"""What is refused of every document with lines, each with a sentence for people."""

from __future__ import annotations

from collections.abc import Sequence

from core.refusals import Refused
from lines.signals import Objection


class NumberRefused(Refused):
    """The number is taken, or no number a document can have."""


class Locked(Refused):
    """The document is issued or voided, and what was asked would change what others already hold."""


class WrongStatus(Refused):
    """The step does not follow from the status the document has."""


class ApprovalRefused(Refused):
    """The document cannot be approved as it stands. `objections` tells everything that stops it."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(" ".join(_told(objection) for objection in objections))
        self.objections = list(objections)


def _told(objection: Objection) -> str:
    return f"Line {objection.line}: {objection.message}" if objection.line else objection.message
