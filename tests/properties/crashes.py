"""Dying at named steps. A crash is an exception nothing catches, so what was not committed is gone."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from unittest.mock import _patch, patch

STEPS = {
    "before planning": ("accounting.sync.drain.next_batch", "before"),
    "after freezing": ("accounting.sync.freeze.freeze", "after"),
    "after marking sent": ("accounting.sync.batches._mark_sent", "after"),
    "before the call": ("accounting.providers.xero.provider.XeroBooks.send", "before"),
    "after the call": ("accounting.providers.xero.provider.XeroBooks.send", "after"),
    "in settling": ("accounting.sync.settle._close", "before"),
    "after settling": ("accounting.sync.batches.settle", "after"),
    "in looking up": ("accounting.sync.lookup.give_back", "after"),
    "after reading": ("accounting.providers.xero.provider.XeroBooks.fetch", "after"),
    "before applying": ("accounting.sync.apply.decide", "before"),
    "in applying": ("accounting.sync.apply.apply_settlements", "after"),
    "before a pull is done": ("accounting.sync.pull._done", "before"),
    "in the regular check": ("accounting.sync.walk._keep", "before"),
    "before new tokens are kept": ("accounting.sync.tokens.save_tokens", "before"),
    "after new tokens are kept": ("accounting.sync.tokens.save_tokens", "after"),
}


class Crash(BaseException):
    """The process is gone."""


class Crashes:
    """At most one crash waits. Patching happens when it is armed, so an unarmed engine is untouched."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._patch: _patch[Any] | None = None

    def arm(self) -> str:
        """Choose a step, and on which passing of it to die."""
        self.disarm()
        step = self._dice.choice(sorted(STEPS))
        passes = self._dice.choice((1, 1, 1, 2, 3))
        path, when = STEPS[step]
        module, _, name = path.rpartition(".")
        self._patch = patch(path, _dying(_find(module, name), when, passes, step))
        self._patch.start()
        return f"{step}, pass {passes}"

    def disarm(self) -> None:
        if self._patch is not None:
            self._patch.stop()
            self._patch = None


def _find(module: str, name: str) -> Callable[..., Any]:
    from pkgutil import resolve_name  # noqa: PLC0415

    owner = resolve_name(module)
    found: Callable[..., Any] = getattr(owner, name)
    return found


def _dying(function: Callable[..., Any], when: str, passes: int, step: str) -> Callable[..., Any]:
    left = [passes]

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and when == "before":
            raise Crash(step)
        result = function(*args, **kwargs)
        if left[0] == 0:
            raise Crash(step)
        return result

    return wrapped
