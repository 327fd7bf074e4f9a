"""Whether this worker was told to go: long work asks between two of its steps, and leaves the rest to another."""

from __future__ import annotations

import mmap

_told = mmap.mmap(-1, 1)
"""One byte that a worker's process shares with the children it forks: only the parent hears the signal."""


def begin() -> None:
    """The worker was told to go (SIGTERM, as when new code is deployed)."""
    _told[0] = 1


def is_under_way() -> bool:
    """Whether it was, in this process or in the one that forked it."""
    return _told[0] == 1
