"""How a conversation with the remote side can fail. The class decides the fate, never the text.

ProviderError
  Retryable        try again later; nothing was applied
    RateLimited    wait `retry_after` seconds; no attempt is burnt
    Unavailable    the remote side, or this one organisation, is away
  Uncertain        no readable answer: it may have been applied
  Permanent        the remote side understood and refused; a person must act
    NotFound       the record is gone
  Misconfigured    a setting on our side is missing or no longer fits
  NeedsReauth      the user must connect again
    Disconnected   the organisation was disconnected at the remote side
    MissingScope   a permission was never given: for one kind, or for anything
    Forbidden      the person who connected may not do this, or no longer
    Closed         the organisation takes no work from anybody: its plan or trial ended
"""

from __future__ import annotations

from typing import Any
from uuid import UUID


class ProviderError(Exception):
    """Base. `message` is fit for the user; `detail` is the remote side's own words, kept for the record;
    `reference` is by which its support finds the answer; `in_the_way` is our record that must move first."""

    def __init__(
        self, message: str, *, detail: str = "", reference: str = "", in_the_way: UUID | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.reference = reference
        self.in_the_way = in_the_way


class Retryable(ProviderError):
    """Nothing was applied; the same may be tried again."""


class RateLimited(Retryable):
    """Too many calls. `retry_after` is in seconds; `problem` is minute, day, concurrent or app; or it is reserve:
    only work that nobody waits for must wait, people's may go on."""

    def __init__(self, message: str, *, retry_after: float, problem: str, **more: Any) -> None:
        super().__init__(message, **more)
        self.retry_after = retry_after
        self.problem = problem


class Unavailable(Retryable):
    """Away for maintenance, or one organisation is offline. `retry_after` is in seconds.

    `answered` tells whether it was the remote side that said so. Something between it and us may have said it
    after the request got through, so a write that was answered like this is to be looked up.
    """

    def __init__(self, message: str, *, retry_after: float = 0, answered: bool = False, **more: Any) -> None:
        super().__init__(message, **more)
        self.retry_after = retry_after
        self.answered = answered


class Uncertain(ProviderError):
    """The request may have been applied. `replied` tells whether an error answer came (it is then cached
    under the idempotency key, so the same key must not be used again)."""

    def __init__(self, message: str, *, replied: bool, **more: Any) -> None:
        super().__init__(message, **more)
        self.replied = replied


class Permanent(ProviderError):
    """Understood and refused."""


class NotFound(Permanent):
    """The record is gone."""


class Misconfigured(ProviderError):
    """A setting on our side is missing or no longer fits."""


class NeedsReauth(ProviderError):
    """The user must connect again."""


class Disconnected(NeedsReauth):
    """The organisation was disconnected at the remote side."""


class MissingScope(NeedsReauth):
    """A permission was never given; refreshing will not help. `kind` names of what nothing may be done, and that only;
    "" where it is about the organisation itself, or about what may have been done already."""

    kind: str = ""


class Forbidden(NeedsReauth):
    """It is about who asks, not about what is sent, so nothing else would fare better; refreshing will not help."""


class Closed(NeedsReauth):
    """It is about the organisation, whoever asks: its plan or trial ended at the remote side."""
