"""Identifiers: they sort by the time they were made (UUID version 7, RFC 9562), and are read from what a form or an
address says."""

from __future__ import annotations

import datetime as dt
import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, 12 of their fraction, then random bits. Rows made later sort
    later, those of one millisecond too (RFC 9562, method 3): a history keeps its order."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    value = (milliseconds << 80) | (0x7 << 76) | (fraction << 64) | (0x2 << 62)
    return uuid.UUID(int=value | (int.from_bytes(os.urandom(8), "big") >> 2))


def first_id_at(instant: dt.datetime) -> uuid.UUID:
    """The id that no row made at this aware instant or later sorts before."""
    return uuid.UUID(int=int(instant.timestamp() * 1000) << 80)


def read_id(text: str) -> uuid.UUID | None:
    """The identifier that this text is; None of any other text."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
