"""What makes a form count once, however often it arrives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID


class Ticket(NamedTuple):
    """One filled-in form: the token it was given when it was made, and a digest of what was typed into it."""

    token: UUID
    digest: str


class SentBefore(Exception):
    """The ticket was used with other content, or for what is gone by now. The message is a sentence for people."""


def digest_of(fields: Mapping[str, Iterable[str]]) -> str:
    """The same for the same fields with the same values, in whatever order the fields come."""
    texts = [f"{len(name)}:{name}={len(text)}:{text}" for name, values in fields.items() for text in values]
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()
