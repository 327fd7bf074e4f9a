"""What a field of a document is, declared once, where the field stands.

Snapshots follow from its type; comparison, conflicts, history and their words from the fact beside it. A field without
a fact is kept, and neither compared nor shown: ids of the other side, rates, payments.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from functools import cache
from typing import Any, cast, get_type_hints


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
    """A field that counts: what both sides must agree on. It stands beside the type of its field, as
    `number: Annotated[str, Fact("Number")]`.

    `name` is the field's; only what is no field by itself gives it. `decides`: where both sides changed and this
    differs, a person must decide; lesser ones merge. `computed`: a side computes it from the rest, so it is a change of
    theirs and never one of ours. `ours_alone`: the remote side only keeps it for us. `told_by` computes it from a
    snapshot, for what is not a field by itself; it is given only snapshots that have the field `source`, and None says
    that this one does not tell. `refers` is the kind of the record that it names by its remote id. `steps` are its
    values in the order in which a record takes them: where both sides have gone forward, the further one stands.
    """

    label: str
    shown: Shown = Shown.TEXT
    _: KW_ONLY
    name: str = ""
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


def facts_of(shape: type[Any]) -> Mapping[str, Fact]:
    """The facts of a document or of a line by their names, in the order of their declaration; those that are computed
    from others (`derived` of the class) come where the field is that they follow from."""
    return _facts_of(cast(Hashable, shape))


@cache
def _facts_of(shape: Any) -> Mapping[str, Fact]:
    derived: tuple[Fact, ...] = getattr(shape, "derived", ())
    hints = get_type_hints(shape, include_extras=True)
    told: list[Fact] = []
    for name in shape.__struct_fields__:
        beside = getattr(hints[name], "__metadata__", ())
        told += [replace(item, name=name) for item in beside if isinstance(item, Fact)]
        told += [extra for extra in derived if extra.source == name]
    return {item.name: item for item in told}
