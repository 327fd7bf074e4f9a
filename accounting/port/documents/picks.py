"""What a person may pick, one by one, where two versions of a document differ.

A choice is named by its field ("due_date"), by its line ("lines.KEY"), or by its line and the field of it
("lines.KEY.quantity"). `KEY` is our id of the line where it has one, else theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec.structs import asdict

from accounting.port.documents.facts import Fact, Shown, facts_of

Side = Literal["ours", "theirs"]
Picks = Mapping[str, Side]
"""By the name of a choice the side that stands."""

OURS: Side = "ours"
SIDES: tuple[Side, Side] = ("ours", "theirs")
LINES = "lines"


def fields_apart(ours: Any, theirs: Any) -> Iterator[Fact]:
    """The fields of two documents, or of two lines, that differ and are somebody's choice: not what is computed from
    others, nor what the remote side only keeps for us."""
    mine, other = asdict(ours), asdict(theirs)
    for fact in facts_of(type(ours)).values():
        is_choice = not (fact.computed or fact.ours_alone or fact.shown == Shown.LINES)
        if is_choice and fact.is_known(mine) and fact.is_known(other) and fact.read(mine) != fact.read(other):
            yield fact


def keys_of(lines: Iterable[tuple[str, str]]) -> Sequence[str]:
    """The keys of lines that are given by our id and theirs: what tells which of them are one, on both sides."""
    return [ref or remote_id or f"#{number}" for number, (ref, remote_id) in enumerate(lines)]
