"""Whatever people, the bookkeeper, the network and dying workers do: both sides end equal, or somebody is told.

10 histories, and 200 in CI; HISTORIES=2000 for more (with -n 2 on both cores), HISTORY_SEED=n to live one again and
be told its story.
"""

from __future__ import annotations

import os
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from accounting.enums import ConflictState
from accounting.models import Conflict, Operation
from tests.properties.history import History

FIRST_SEED = int(os.environ.get("HISTORY_FIRST", "20260302"))
COUNT = int(os.environ.get("HISTORIES", "10"))
STEPS = int(os.environ.get("HISTORY_STEPS", "24"))
ONLY = os.environ.get("HISTORY_SEED", "")
SHOWN = 8
AT_ONCE = 5


@dataclass
class Result:
    """How the histories ended."""

    broken: dict[int, tuple[list[str], list[str]]] = field(default_factory=dict)
    calm: int = 0
    told: Counter[str] = field(default_factory=Counter)


def _live(history: Callable[[int], Any], seed: int, result: Result) -> None:
    with history(seed) as world:
        world.verbose = bool(ONLY)
        try:
            problems = _end(world, result)
        except Exception:
            problems = [traceback.format_exc()[-2500:]]
        if problems:
            result.broken[seed] = problems, world.story


def _end(world: History, result: Result) -> list[str]:
    """Live it, look; let people settle what they are told of, and look again."""
    world.live(STEPS)
    world.come_to_rest()
    problems = world.problems()
    _count(result)
    world.settle_everything()
    world.come_to_rest()
    return problems + [f"after settling: {words}" for words in world.problems()]


def _count(result: Result) -> None:
    told = [f"{row.state}: {row.error[:60]}" for row in Operation.objects.all()]
    told += ["conflict"] * Conflict.objects.filter(state=ConflictState.OPEN).count()
    result.told.update(told)
    result.calm += not told


def _groups() -> list[list[int]]:
    """All the seeds, a few at once."""
    seeds = [int(ONLY)] if ONLY else list(range(FIRST_SEED, FIRST_SEED + COUNT))
    return [seeds[start : start + AT_ONCE] for start in range(0, len(seeds), AT_ONCE)]


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("seeds", _groups(), ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_every_history_ends_equal_or_told(history: Callable[[int], Any], seeds: list[int]) -> None:
    print(f"\n{len(seeds)} histories of {STEPS} steps, seeds {seeds[0]} to {seeds[-1]}")
    result = Result()
    for seed in seeds:
        _live(history, seed, result)
    print(f"{result.calm} ended equal in everything; in the others people are told:")
    print("\n".join(f"  {count:5} {words}" for words, count in result.told.most_common(25)))
    assert not result.broken, _report(result)


def _report(result: Result) -> str:
    """The shortest stories of those that went wrong."""
    shown = sorted(result.broken.items(), key=lambda item: len(item[1][0]))[:SHOWN]
    told = [
        "\n".join([f"seed {seed}", *(f"  ! {words}" for words in problems), *(story if ONLY else [])])
        for seed, (problems, story) in shown
    ]
    return f"{len(result.broken)} broken: {sorted(result.broken)[:30]}\n\n" + "\n\n".join(told)
