"""Xero's validation messages, and what each means for the people who use Tandem. An unknown message is shown as Xero
wrote it."""

from __future__ import annotations

from collections.abc import Sequence

from accounting.port.meanings import Meaning
from accounting.providers.xero.meanings import MEANINGS

_TAKEN = ("must be unique", "already assigned", "unique name")
_NOT_PAYABLE = "only be made against authorised"


def explain(messages: Sequence[str]) -> str:
    """One sentence or more for the user; unknown messages are passed on as they are."""
    return " ".join(dict.fromkeys(_words(message) for message in messages))


def _words(message: str) -> str:
    meaning = meaning_of(message)
    return meaning.words if meaning else f"Xero says: {message}"


def meaning_of(message: str) -> Meaning | None:
    """What Xero's words mean; None when they are not known: a person has to read them."""
    lowered = message.lower()
    return next((meaning for part, meaning in MEANINGS.items() if part in lowered), None)


def is_taken(messages: Sequence[str]) -> bool:
    """Whether Xero says that something else has the number or the name already."""
    return any(part in message.lower() for message in messages for part in _TAKEN)


def is_not_payable(messages: Sequence[str]) -> bool:
    """Whether Xero says that the document takes no payment as it stands."""
    return any(_NOT_PAYABLE in message.lower() for message in messages)
