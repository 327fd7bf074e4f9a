"""What a field of a document is, declared once, where the field stands.

Snapshots follow from its type; comparison, conflicts, history and their words from the fact beside it. A field without
a fact is kept, and neither compared nor shown: ids of the other side, rates, payments.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

_KEY = "fact"


class Shown(enum.Enum):
    """How the value is put in words."""

    TEXT = "as it is"
    MONEY = "an amount of money"
    PRICE = "a price, which may have more decimals than money"
    QUANTITY = "a number"
    PERCENT = "a share"
    DATE = "a day"
    AMOUNTS = "with or without tax"
    TAX = "the remote side's code of a tax rate"
    ACCOUNT = "the remote side's code of an account"
    RECORD = "the remote id of another record"
    LINES = "lines, each in its own fields"
    STANDING = "how far it has come"


@dataclass(frozen=True, slots=True)
class Fact:
    """A field that counts: what both sides must agree on.

    `decides`: where both sides changed and this differs, a person must decide; lesser ones merge. `computed`: a side
    computes it from the rest, so it is a change of theirs and never one of ours. `ours_alone`: the remote side only
    keeps it for us. `told_by` computes it from a snapshot, for what is not a field by itself; it is given
    only snapshots that have the field `source`, and None says that this one does not tell. `refers` is the kind of the
    record that it names by its remote id. `steps` are its values in the order in which a record takes them: where both
    sides have gone forward, the further one stands.
    """

    name: str
    label: str
    shown: Shown = Shown.TEXT
    decides: bool = False
    computed: bool = False
    ours_alone: bool = False
    refers: str = ""
    source: str = ""
    told_by: Callable[[Mapping[str, Any]], Any] | None = None
    steps: tuple[str, ...] = ()

    def is_known(self, snapshot: Mapping[str, Any]) -> bool:
        """Whether a snapshot says anything about it; one of an older release may not."""
        if (self.source or self.name) not in snapshot:
            return False
        return self.told_by is None or self.told_by(snapshot) is not None

    def read(self, snapshot: Mapping[str, Any]) -> Any:
        """Its value in a snapshot that knows it."""
        return self.told_by(snapshot) if self.told_by else snapshot[self.name]


def fact(
    label: str,
    shown: Shown = Shown.TEXT,
    *,
    default: Any = dataclasses.MISSING,
    decides: bool = False,
    computed: bool = False,
    ours_alone: bool = False,
    refers: str = "",
) -> Any:
    """A dataclass field that counts. See Fact."""
    told = Fact("", label, shown, decides=decides, computed=computed, ours_alone=ours_alone, refers=refers)
    return dataclasses.field(default=default, metadata={_KEY: told})


def facts_of(shape: type[Any]) -> Mapping[str, Fact]:
    """The facts of a document or of a line by their names, in the order of their declaration; those that are computed
    from others (`derived` of the class) come where the field is that they follow from."""
    return _facts_of(cast(Hashable, shape))


@cache
def _facts_of(shape: Any) -> Mapping[str, Fact]:
    derived: tuple[Fact, ...] = getattr(shape, "derived", ())
    told: list[Fact] = []
    for item in dataclasses.fields(shape):
        if _KEY in item.metadata:
            told.append(dataclasses.replace(item.metadata[_KEY], name=item.name))
        told += [extra for extra in derived if extra.source == item.name]
    return {item.name: item for item in told}
