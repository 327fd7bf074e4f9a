"""Whatever people, the bookkeeper, the network and dying workers do: both sides end equal, or somebody is told.

200 histories; HISTORIES=2000 for more, HISTORY_SEED=n to live one again and be told its story.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

FIRST_SEED = 20260302
COUNT = int(os.environ.get("HISTORIES", "200"))
STEPS = int(os.environ.get("HISTORY_STEPS", "24"))
ONLY = os.environ.get("HISTORY_SEED", "")


def _live(history: Callable[[int], Any], seed: int) -> tuple[list[str], list[str]]:
    """The problems of one history, and its story."""
    with history(seed) as told:
        told.verbose = bool(ONLY)
        try:
            told.live(STEPS)
            told.come_to_rest()
            return told.problems(), told.story
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            import traceback  # noqa: PLC0415

            return ["".join(traceback.format_exception(error))[-2500:]], told.story


@pytest.mark.slow
def test_every_history_ends_equal_or_told(history: Callable[[int], Any]) -> None:
    seeds = [int(ONLY)] if ONLY else list(range(FIRST_SEED, FIRST_SEED + COUNT))
    print(f"\n{len(seeds)} histories of {STEPS} steps, seeds {seeds[0]} to {seeds[-1]}")
    failed: dict[int, tuple[list[str], list[str]]] = {}
    for seed in seeds:
        problems, story = _live(history, seed)
        if problems:
            failed[seed] = problems, story
        if ONLY:
            print("\n".join(story))
    shown = sorted(failed.items(), key=lambda item: len(item[1][1]))[:12]
    told = "\n\n".join(
        f"seed {seed}\n" + "\n".join(f"  ! {p}" for p in problems) for seed, (problems, story) in shown
    )
    assert not failed, f"{len(failed)} of {len(seeds)} histories: {sorted(failed)[:20]}\n\n{told}"
