"""Whatever stands in a record of Xero, modelled here or not: an edit here moves what was edited, and nothing else.

5 histories of turns, and 100 in CI; HISTORIES=2000 for more, HISTORY_SEED=n to live one again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounting.port.documents import ContactDoc
from accounting.port.exchange import Outgoing
from accounting.providers.xero.kinds import contacts, lines
from tests.properties.history import History
from tests.properties.test_histories import COUNT, FIRST_SEED, ONLY

TURNS = 12
SEEDS = range(int(ONLY), int(ONLY) + 1) if ONLY else range(FIRST_SEED, FIRST_SEED + COUNT // 2)
Begin = Callable[[int], Any]


def _broken(world: History) -> list[str]:
    world.verbose = bool(ONLY)
    world.take_turns(TURNS)
    return [*world.witness.broken, *world.stumbles]


def _live(history: Begin, seeds: range) -> dict[int, list[str]]:
    found = {}
    for seed in seeds:
        with history(seed) as world:
            if broken := _broken(world):
                found[seed] = [*broken, *(world.story if ONLY else [])]
    return found


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, len(SEEDS), 5))
def test_edit_here_leaves_everything_else_in_xero_as_it_was(history: Begin, start: int) -> None:
    found = _live(history, SEEDS[start : start + 5])
    told = "\n".join(f"seed {seed}\n  " + "\n  ".join(words) for seed, words in found.items())
    assert not found, told


@pytest.mark.long
def test_control_sees_lines_that_are_sent_without_their_ids(
    history: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "RETURNED", tuple(key for key in lines.RETURNED if key != "LineItemID"))
    assert _is_seen(history)


@pytest.mark.long
def test_control_sees_an_address_that_is_sent_without_its_other_parts(
    history: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "_encode_address", _bare_address)
    assert _is_seen(history)


def _bare_address(doc: ContactDoc, element: Outgoing) -> dict[str, str]:
    return {"AddressType": "POBOX", **{key: getattr(doc, name) for name, key in contacts.ADDRESS.items()}}


def _is_seen(history: Begin) -> bool:
    """Whether one of a few histories tells it."""
    return any(_live(history, range(seed, seed + 1)) for seed in range(15))
