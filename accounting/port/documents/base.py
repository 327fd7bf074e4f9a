"""What the engine asks of every document. A kind overrides what is otherwise with it; nothing else knows its kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from accounting.port.documents.facts import Fact, Shown, facts_of
from accounting.port.documents.picks import OURS, Picks, fields_apart

Kind = str
"""What is kept in tandem, by the name its three rooms are registered under: "customer", "invoice"."""


class Ref(NamedTuple):
    """A remote record, named."""

    kind: Kind
    remote_id: str


class Document(Struct, frozen=True, kw_only=True, gc=False):
    """A snapshot of a record in the remote side's terms. A field that counts is declared with its `Fact`.

    It is made of values only, so nothing in it leads back to it, and the garbage collector need not watch it (`gc`).

    - `kind`: the name of its kind.
    - `derived`: facts that are no field of their own.
    - `key_is_unique`: only one living remote record may have its `key`: another one under it is in the way.
    - `may_return`: what was removed there can come back, so its link lives on.
    - `settled_by`: the kinds of settlements that it shows.
    - `standing_field`: the field that says how it stands there, which is theirs alone; "" where nothing does.
    - `day_field`: the field that says of which day it is; "" for what has none of its own.
    - `worth_field`: the field that says what it comes to, in its currency; "" for what is no money.
    - `told_there`: what only the remote side decides, kept and never compared; a proof tells where ours shows another.
    - `settled_fact`: what its settlements come to there, by the field that says so; None where nothing does.
    """

    kind: ClassVar[Kind]
    derived: ClassVar[tuple[Fact, ...]] = ()
    key_is_unique: ClassVar[bool] = True
    may_return: ClassVar[bool] = False
    is_settlement: ClassVar[bool] = False
    settled_by: ClassVar[tuple[Kind, ...]] = ()
    standing_field: ClassVar[str] = ""
    day_field: ClassVar[str] = ""
    worth_field: ClassVar[str] = ""
    told_there: ClassVar[tuple[Fact, ...]] = ()
    settled_fact: ClassVar[Fact | None] = None

    @property
    def key(self) -> tuple[Any, ...]:
        """What an answer must name to speak of this record, and by what an unanswered create is found again."""
        raise NotImplementedError

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes it the very record that was sent, and no other under its key."""
        return self.key

    @property
    def is_gone(self) -> bool:
        """Whether it was removed."""
        raise NotImplementedError

    @property
    def is_over(self) -> bool:
        """Whether it was removed for good."""
        return self.is_gone and not self.may_return

    @property
    def is_stray(self) -> bool:
        """Whether it only looks like one of this kind: nothing of ours is ever linked to it."""
        return False

    @property
    def is_of_sales(self) -> bool:
        """Whether it has to do with what is sold: nothing else that is made there is offered here."""
        return True

    @property
    def owner(self) -> Ref | None:
        """The remote record it belongs to; None where it stands alone."""
        found = (
            (fact.refers, getattr(self, fact.name)) for fact in facts_of(type(self)).values() if fact.refers
        )
        return next((Ref(kind, remote_id) for kind, remote_id in found if remote_id), None)

    @property
    def survivor(self) -> str:
        """The remote id of the record it was merged into; empty while it stands for itself."""
        return ""

    @property
    def standing(self) -> str:
        """How it stands at the remote side; empty where that is not told."""
        return str(getattr(self, self.standing_field) or "") if self.standing_field else ""

    @property
    def day(self) -> dt.date | None:
        """The day it is of; None for what has none of its own."""
        return getattr(self, self.day_field) if self.day_field else None

    @property
    def worth(self) -> Decimal | None:
        """What it comes to: nothing once it was removed, None for what is no money."""
        if not self.worth_field:
            return None
        return Decimal(0) if self.is_gone else Decimal(getattr(self, self.worth_field))

    @property
    def credit(self) -> Decimal:
        """What only the remote side sets against it: read, kept, never sent and never compared."""
        return Decimal(0)

    @property
    def owes(self) -> Decimal | None:
        """What it owes at the remote side in all, in the organisation's currency; None for what owes nothing."""
        return None

    @property
    def settlements(self) -> tuple[Settlement, ...]:
        """What stands against it there now."""
        return ()

    @property
    def settles(self) -> tuple[Ref, ...]:
        """The remote records it stands against: their time of change moves with it."""
        return ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The remote ids of its parts, in their order."""
        return ()

    def with_fields_of(self, other: Self, names: Collection[str]) -> Self:
        """This one with these facts of the other's, and with what follows from them."""
        return replace(self, **{name: getattr(other, name) for name in names})

    def choices(self, ours: Self) -> tuple[str, ...]:
        """What a person may pick one by one between this one, theirs, and ours. Nothing where one of the two was
        removed: then one stands as a whole."""
        if self.is_gone != ours.is_gone:
            return ()
        return tuple(fact.name for fact in fields_apart(ours, self))

    def picked(self, ours: Self, picks: Picks) -> Self:
        """This one, theirs, with what was picked of ours, and with what is ours alone. What follows from the rest is
        yet to be computed."""
        names = {fact.name for fact in facts_of(type(self)).values() if fact.ours_alone}
        return self.with_fields_of(
            ours, names | {name for name in self.choices(ours) if picks.get(name) == OURS}
        )

    def sources_of(self, names: Collection[str]) -> frozenset[str]:
        """The facts to send so that the remote side computes these anew; none where none of them is computed."""
        return frozenset()

    def with_ids_of(self, there: Self) -> Self:
        """This one with what only the remote side gives: the ids of its parts."""
        return self

    def paired_with(self, ours: Self) -> Self:
        """Theirs with our ids of its parts: by the remote ids that ours knows, the others in order."""
        return self

    def known_by(self, agreed: Self) -> Self:
        """Theirs with our ids of its parts, of those that were agreed. Where all of them say what was agreed, each is
        the one that stood in its place, whatever its remote id is today."""
        return self

    def as_it_stands(self, there: Self) -> Self:
        """Ours as it must be sent on top of what is there: with what the remote side would reset otherwise."""
        return self


class Settlement(Document, frozen=True, kw_only=True):
    """Money that stands against other documents, in either direction.

    It is made and removed, never changed; it is read with what it settles and has no time of change of its own
    there; and it moves the time of change of what it settles.
    """

    is_settlement: ClassVar[bool] = True
    key_is_unique: ClassVar[bool] = False
    worth_field: ClassVar[str] = "amount"

    amount: Annotated[Decimal, Fact("Amount", Shown.MONEY)]
    date: Annotated[dt.date, Fact("Date", Shown.DATE)]
    remote_id: str = ""
