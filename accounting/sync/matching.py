"""Which of our records may be which of theirs. Pure: it is told what both sides are known by.

A shared mark finds a pair: our reference, a tax number, an e-mail, a name, a number. It makes one only where what
else is known agrees, and where neither is claimed by another. Names that are merely alike are a suggestion, and only
where they share a word that is rare among all of them: the likeness of whole names is nearly always chance.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Generic, TypeVar

from accounting.enums import Mark
from core.names import core

Ours = TypeVar("Ours")
RARE = 3
"""A word in more names than this tells nobody apart."""
ALIKE = 0.6


def key_of(mark: Mark, text: str) -> str:
    """The text as marks of this sort are compared; "" for one that tells nothing."""
    if mark == Mark.NAME:
        return core(text)
    if mark == Mark.TAX_NUMBER:
        return re.sub(r"[^0-9a-z]", "", text.casefold())
    return " ".join(text.casefold().split())


@dataclass(frozen=True, slots=True)
class Known(Generic[Ours]):
    """One record and its marks, the surest first."""

    record: Ours
    marks: tuple[tuple[Mark, str], ...]


@dataclass(frozen=True, slots=True)
class Pair(Generic[Ours]):
    """One of ours, that one of theirs that it may be, by which mark, and whether that is sure."""

    ours: Ours
    theirs: str
    why: Mark
    is_sure: bool


@dataclass(slots=True)
class Index(Generic[Ours]):
    """Ours by their marks. Theirs are shown to it one after the other."""

    ours: Sequence[Known[Ours]]
    by_mark: dict[tuple[Mark, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for place, known in enumerate(self.ours):
            for mark, text in known.marks:
                if key := key_of(mark, text):
                    self.by_mark[mark, key].append(place)

    def hits(self, marks: Iterable[tuple[Mark, str]]) -> dict[int, Mark]:
        """Those of ours (their places) that share a mark with one of theirs, each with the surest."""
        found: dict[int, Mark] = {}
        for mark, text in marks:
            for place in self.by_mark.get((mark, key_of(mark, text)), ()):
                found.setdefault(place, mark)
        return found


def suggest(ours: Mapping[int, str], theirs: Mapping[str, str]) -> dict[int, str]:
    """For these names of ours the one of theirs (by its id) that is most alike, where they share a rare word."""
    shared = _rare_words([*ours.values(), *theirs.values()])
    by_word: dict[str, list[str]] = defaultdict(list)
    for remote_id, name in theirs.items():
        for word in shared & set(core(name).split()):
            by_word[word].append(remote_id)
    found = {}
    for place, name in ours.items():
        words = shared & set(core(name).split())
        candidates = {remote_id for word in words for remote_id in by_word[word]}
        scored = [(_likeness(name, theirs[remote_id]), remote_id) for remote_id in sorted(candidates)]
        best = max(scored, default=(0.0, ""))
        if best[0] >= ALIKE:
            found[place] = best[1]
    return found


def _rare_words(names: Iterable[str]) -> set[str]:
    count = Counter(word for name in names for word in set(core(name).split()))
    return {word for word, times in count.items() if times <= RARE and len(word) > 2}


def _likeness(left: str, right: str) -> float:
    ours, theirs = sorted(core(left).split()), sorted(core(right).split())
    return SequenceMatcher(None, " ".join(ours), " ".join(theirs)).ratio()
