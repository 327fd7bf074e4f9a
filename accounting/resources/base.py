"""What the engine and the pages ask of the local side of one kind. A resource is the only code that knows both a domain
app and documents."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Literal
from uuid import UUID

from django.db.models import QuerySet

from accounting.enums import Choice, Mark, Taken
from accounting.models import Connection, Link
from accounting.port.documents import Document, Kind, Settlement
from accounting.port.exchange import RemoteRecord
from accounting.resources.desk import Desk
from accounting.resources.mending import Mending
from accounting.resources.needs import Need
from accounting.resources.rules import Rules
from accounting.resources.words import Named, Words
from core.refusals import Refused

Intent = Literal["hold", "upsert", "remove"]
Objection = tuple[str, str, int]
"""A sentence, the field of the form it is about, and the position of the line (from 1; 0: no line's)."""
GONE_THERE = "In Xero it was removed for good and cannot be changed. Take Xero's version, or make a new one."


class Resource(Mending, ABC):
    """The local side of one kind.

    - `kind`: the name under which its document and its codec are registered too.
    - `words`: what people call it.
    - `fields_synced`: the fields of our model whose change is a change of the document.
    - `choices`: what has to be chosen before any record of it goes out.
    - `parents`: the ways from its model to what has to be there before it, and their kinds.
    - `day_field`: the field of our model that says of which day a record is, for a sync that starts on one; "" for what
      has no day of its own.
    - `ownable`: the fields, by one name in our model and in the document, that one side may decide about alone.
    """

    kind: ClassVar[Kind]
    words: ClassVar[Words]
    fields_synced: ClassVar[frozenset[str]]
    choices: ClassVar[frozenset[Choice]] = frozenset()
    parents: ClassVar[Mapping[str, Kind]] = {}
    day_field: ClassVar[str] = ""
    ownable: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def load(self, local_ids: Iterable[UUID]) -> dict[UUID, Any]:
        """Our records with these ids, with all that their documents need, in a fixed number of queries."""

    @abstractmethod
    def lock(self, local_id: UUID) -> Any | None:
        """Our record as it is now, loaded like by `load`, locked until the transaction ends, in the order in which its
        services lock. A record's link, conflict and operations are locked after it, in this order."""

    @abstractmethod
    def intent(self, record: Any, link: Link | None, rules: Rules) -> Intent:
        """What the remote side should see of it now: nothing yet, the record, or its removal."""

    @abstractmethod
    def candidates(self, rules: Rules) -> QuerySet[Any]:
        """Our records that the remote side should have: those whose intent, without a link, is "upsert"."""

    @abstractmethod
    def to_document(self, record: Any, desk: Desk) -> Document:
        """The document of our record in the remote side's terms. Raises Misconfigured with what to do."""

    @abstractmethod
    def apply_remote(self, record: Any, theirs: RemoteRecord, desk: Desk) -> Any:
        """Write the remote document into our record, through the domain's services, as Xero. Returns the record."""

    def admit(self, theirs: RemoteRecord, desk: Desk) -> Any:
        """Make the record here that theirs is, through the domain's services, which may refuse it. Returns ours."""
        raise Refused(f"A {self.words.name} that was made in Xero can only be linked to one of yours.")

    def apply_picked(self, record: Any, picked: Document, theirs: RemoteRecord, desk: Desk) -> Any:
        """Like `apply_remote`, of a document that a person put together from ours and theirs. What neither side has
        computed is computed here."""
        return self.apply_remote(record, theirs.saying(picked), desk)

    @abstractmethod
    def label(self, record: Any) -> str:
        """What a person calls it in a sentence."""

    @abstractmethod
    def named(self, local_ids: Iterable[UUID]) -> Iterable[Named]:
        """What these records are called where they stand among others, and their pages, in one query."""

    def find(self, local_id: UUID) -> Any | None:
        """Our record for a page of it; None when there is none here."""
        return self.load([local_id]).get(local_id)

    def currency(self, record: Any) -> str:
        """The currency of its amounts; "" for what is no money."""
        return str(getattr(record, "currency", ""))

    def day(self, record: Any) -> dt.date | None:
        """The day it is of; None for what has none of its own."""
        return getattr(record, self.day_field) if self.day_field else None

    def needs(self, record: Any) -> Iterable[tuple[Kind, UUID]]:
        """Records whose links `to_document` will ask the desk for."""
        return ()

    def ties(self, record: Any, document: Any) -> Iterable[tuple[Kind, UUID, str]]:
        """Which others have to be linked to which before this record can be linked to that document: (kind, our id,
        their id)."""
        return ()

    def first_need(self, record: Any, intent: Intent, desk: Desk) -> Need | None:
        """A record that must reach the remote side before this one can."""
        return None

    def lacking(self, record: Any, desk: Desk) -> str:
        """What has to be added to it before the remote side could take it, in a sentence; "" when nothing has."""
        return ""

    def parked(self, record: Any, link: Link | None, desk: Desk) -> str:
        """Why what is to be written of it waits for a lock date to move, in a sentence; "" when it may go."""
        return ""

    def refused(self, record: Any, desk: Desk) -> str:
        """Why the remote side is known to refuse it as it stands, in a sentence; "" when nothing is known. It is asked
        about many in a row, so it reads nothing."""
        return ""

    def standing_is_theirs(self, rules: Rules) -> bool:
        """Whether how it stands there is theirs alone: remembered, never compared."""
        return True

    def moved_by(self, rules: Rules, connection: Connection) -> Iterable[UUID]:
        """Those of our linked records that stand otherwise there, which these new rules no longer let be."""
        return ()

    def held_back(self, record: Any, standing: str, rules: Rules) -> str:
        """Why a record that the remote side has, as it stands there, is not brought up to date for now, in a sentence;
        "" when nothing holds it back."""
        return ""

    def refuses(self, record: Any, wanted: Any, theirs: Any, desk: Desk) -> str:
        """Why the remote side takes no such document of our record over theirs, as that stands there, in sentences that
        say what works instead; "" where nothing is known to be in the way."""
        if not theirs.is_gone or wanted.is_gone:
            return ""
        return self.words.restore_there if theirs.may_return else GONE_THERE

    def kept_there(self, agreed: Any) -> str:
        """Why the remote side will not let it be removed from here, as it was last seen there, in a sentence; "" when
        nothing is known."""
        return ""

    def say_removed(self, document: Any) -> str:
        """That theirs was removed, in a sentence."""
        return self.words.removed_there

    def say_went_on(self, document: Any) -> str:
        """That theirs went on there while ours was deleted here, in sentences that say what to do."""
        return "It was deleted here, and went on in Xero meanwhile. Remove it there, then try again."

    def kept_here(self, record: Any, rules: Rules) -> str:
        """Why a record that was never there does not go there, in a sentence."""
        return self.words.never_sent

    def take_facts(self, record: Any, theirs: RemoteRecord) -> str:
        """Write what only the remote side decides and no comparison looks at. Returns what became of it, in a
        sentence; "" when nothing is new."""
        return ""

    def owes(self, record: Any) -> Mapping[str, tuple[Decimal, Decimal]] | None:
        """What is to be paid here in all and the credit that is left, by currency; None for what owes nothing."""
        return None

    def settled_there(self, record: Any, desk: Desk) -> Decimal | None:
        """What its settlements that are linked come to; None where nothing is to be settled."""
        return None

    def names(self, record: Any) -> Iterable[tuple[Taken, str]]:
        """What only one living record there may have: its number, its name."""
        return ()

    def names_there(self, document: Any) -> Iterable[tuple[Taken, str]]:
        """The same of a record of theirs; nothing of one that frees its names."""
        return ()

    def marks(self, record: Any) -> Iterable[tuple[Mark, str]]:
        """By what ours may be found among theirs, the surest first."""
        return ()

    def marks_there(self, document: Any) -> Iterable[tuple[Mark, str]]:
        """The same of a record of theirs; nothing of one that is gone."""
        return ()

    def sure_by(self, rules: Rules) -> Mark | None:
        """The mark without which two are not linked unless a person says so; None where any will do."""
        return None

    def creates_unmatched(self, rules: Rules) -> bool:
        """Whether one of ours that was found nowhere is created there, unless a person says otherwise."""
        return True

    def may_be(self, record: Any, document: Any) -> bool:
        """Whether two that share a mark are one, by all else that is known of them."""
        return False

    def describe(self, document: Any) -> Iterable[str]:
        """A record of theirs in a few words, for a person to recognise it by."""
        return ()

    def objections(self, record: Any, connection: Connection) -> Sequence[Objection]:
        """What the organisation is known not to take of it."""
        return ()

    def worth(self) -> QuerySet[Any] | None:
        """All our records with `worth`, the money that each stands for, and its currency `worth_in`; None where they
        stand for none."""
        return None

    def page_to_reopen(self, record: Any) -> str:
        """The page by which a person makes it a draft again, to mend it; "" where there is no such way."""
        return ""


class SettlementResource(Resource):
    """The local side of a kind of money that stands against other documents: born on either side, linked, changed or
    gone. Its parent is the record whose document shows it."""

    @abstractmethod
    def against(self, parent_id: UUID) -> QuerySet[Any]:
        """Ours that stand or stood against this record, the oldest first, with all that `say_*` need."""

    @abstractmethod
    def is_reversed(self, record: Any) -> bool:
        """Whether ours stands no more."""

    @abstractmethod
    def record(self, parent: Any, document: Any) -> Any:
        """Take one that was born there, as Xero. Returns ours."""

    @abstractmethod
    def differs(self, record: Any, document: Any) -> bool:
        """Whether ours says something else than theirs."""

    @abstractmethod
    def change(self, record: Any, document: Any) -> Any:
        """Bring ours in line with theirs, as Xero. Returns ours as it is then."""

    @abstractmethod
    def reverse(self, record: Any) -> None:
        """Theirs is gone: reverse ours, as Xero."""

    @abstractmethod
    def twins(self, ours: Iterable[Any], document: Settlement) -> Iterable[Any]:
        """Those of ours that may be this very one of theirs, recorded on both sides, the likeliest first."""

    @abstractmethod
    def document_like(self, record: Any, document: Any) -> Document:
        """Ours in the terms of theirs that was just taken for it."""

    @abstractmethod
    def say_new(self, record: Any) -> str:
        """That it came from there, in a sentence."""

    @abstractmethod
    def say_found(self, record: Any) -> str:
        """That it was recorded on both sides, in a sentence."""

    @abstractmethod
    def say_gone(self, record: Any) -> str:
        """That it was removed there, in a sentence."""

    def comes(self, rules: Rules) -> bool:
        """Whether one that was born there is taken here."""
        return True

    def refused_by(self, standing: str) -> str:
        """Why its parent takes it not, as the parent stands there, in a sentence; "" where that does not tell."""
        return ""
