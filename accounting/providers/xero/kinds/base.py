"""What the adapter asks of a kind. One codec answers for each; nothing else here knows one kind from another.

Pure: a codec says which calls to make and reads what they bring. It makes none.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from accounting.port.documents import Document, Kind
from accounting.port.exchange import Encoded, FrozenRequest, Outgoing, RemoteRecord, Verb
from accounting.port.provider import Cost
from accounting.providers.xero import shapes, wire
from accounting.providers.xero.shapes import Shape
from accounting.providers.xero.wire import Json, Source, Told, Unreadable

BATCH = 50
"""Xero docs: "around 50 elements" is the recommended size of a POST or PUT."""
LARGEST_BODY = 3_000_000
"""Bytes. Xero docs: 10 MB at most, and better below 3.5 MB."""
PAGE = 1000
FOUND = 20
"""How many records a search brings: more than that, and a person has to say more."""
NO_ID = "00000000-0000-0000-0000-000000000000"


class ComesWithParent(LookupError):
    """Records of this kind are neither read nor listed by themselves: they come with the document they belong to."""


class CannotWrite(LookupError):
    """Xero has no such write of this kind."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the SDK's method, the ids that stand in its address, and its options."""

    method: str
    ids: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


class Codec(ABC):
    """Xero's side of one kind.

    - `kind`: its name at the port.
    - `envelope`: the key under which a body holds its elements; its endpoint is called the same.
    - `id_field`: the field of an element that holds its id.
    - `shape`: what `decode` reads of an element, decoded by compiled code; without one it is given the element itself.
    - `category`: of its webhook events; None when it has none, or when its parent's say the same.
    - `scope`: what the connection must allow for it.
    - `deep_link`: the page a person opens, with "{id}" in it; "" when there is none.
    - `comes_with`: the kind of the document that its records are read with; "" when they are read by themselves.
    - `writers`: the SDK's method for each verb; a verb that is not there cannot be done.
    - `lister`: the SDK's method that lists them; `list_options` and `write_options` go with each such call.
    - `untold`: the fields of its documents that a summary does not tell (`summaryOnly`).
    - `largest_body`: bytes that one write may have. `read_size`: how many records one read asks for well.
    - `names_per_call`: for about how many natural keys `having` needs one call; 0 where it has none.
    """

    kind: ClassVar[Kind]
    envelope: ClassVar[str]
    id_field: ClassVar[str]
    shape: ClassVar[type[Shape] | None] = None
    category: ClassVar[str | None]
    scope: ClassVar[str]
    deep_link: ClassVar[str]
    comes_with: ClassVar[Kind] = ""
    writers: ClassVar[Mapping[Verb, str]]
    lister: ClassVar[str] = ""
    list_options: ClassVar[Mapping[str, Any]] = {}
    write_options: ClassVar[Mapping[str, Any]] = {}
    untold: ClassVar[frozenset[str]] = frozenset()
    largest_body: ClassVar[int] = LARGEST_BODY
    read_size: ClassVar[int] = BATCH
    names_per_call: ClassVar[int] = 0

    # Documents

    @abstractmethod
    def encode(self, element: Outgoing) -> Json:
        """A new record whole; of one that is there, what changed here."""

    @abstractmethod
    def remove(self, element: Outgoing) -> Json:
        """What removes it, without its id."""

    @abstractmethod
    def decode(self, source: Told) -> Document:
        """The document of one element, which may be in this kind's shape already. Raises Unreadable."""

    def element(self, verb: Verb, element: Outgoing) -> Json:
        """The JSON of one element of a write."""
        body = self.remove(element) if verb == "remove" else self.encode(element)
        return {**body, self.id_field: element.remote_id} if element.remote_id else body

    def record(self, source: Source) -> RemoteRecord:
        """One record of a reply. Raises Unreadable when it does not have the shape we know."""
        told = shapes.shaped(source, self.shape) if self.shape else source
        remote_id = self.id_of(told)
        if not remote_id or remote_id == NO_ID:
            raise Unreadable(f"no {self.id_field}")
        document = self.decode(told)
        return RemoteRecord(self.kind, remote_id, wire.instant(told, "UpdatedDateUTC"), document, source)

    def id_of(self, source: Told) -> str:
        """The remote id an element names; empty when it names none that can be read."""
        try:
            return wire.text(source, self.id_field)
        except Unreadable:
            return ""

    # Writing

    def batch_size(self, verb: Verb) -> int:
        """How many elements one write may carry."""
        return BATCH

    def freeze(self, verb: Verb, elements: Sequence[Encoded], key: str) -> FrozenRequest:
        """The request of these elements. Creates are PUT: a POST with a number in use would silently edit somebody's
        invoice. Raises CannotWrite."""
        self.writer(verb)
        method = "PUT" if verb == "create" else "POST"
        body = f'{{"{self.envelope}":[{",".join(element.body for element in elements)}]}}'
        return FrozenRequest(self.kind, verb, method, f"/{self.envelope}", body, key, len(elements))

    def writing(self, request: FrozenRequest) -> Call:
        """The call that sends it."""
        options = {"summarize_errors": "false", **self.write_options}
        return Call(self.writer(request.verb), options=options)

    def writer(self, verb: Verb) -> str:
        """The SDK's method for this verb. Raises CannotWrite."""
        if verb not in self.writers:
            raise CannotWrite(f"Xero has no {verb} of a {self.kind}")
        return self.writers[verb]

    def answered(self, request: FrozenRequest, body: Source, at: dt.datetime | None) -> Sequence[Source]:
        """What a write's answer says of its elements, in their order. `at` is when Xero answered, by its own clock.
        Raises ValueError like `elements`."""
        return self.elements(body)

    def cost(self) -> Cost:
        """How much one call takes."""
        page = 0 if self.comes_with else PAGE
        return Cost(self.batch_size("create"), self.names_per_call, page)

    # Reading

    def reading(self, remote_ids: Sequence[str]) -> Sequence[Call]:
        """The calls that read these records. Raises ComesWithParent."""
        raise ComesWithParent(f"a {self.kind} is read with its {self.comes_with}")

    @abstractmethod
    def look_up(self, elements: Sequence[Outgoing]) -> Sequence[Call]:
        """The calls that find what an unanswered create of these would have made."""

    def having(self, keys: Sequence[str]) -> Sequence[Call] | None:
        """The calls that find the records with these natural keys; None when Xero cannot be asked for them."""
        return None

    def searching(self, text: str) -> Call:
        """The call that finds some by words (Xero docs: "searchTerm"). Raises ComesWithParent."""
        if self.comes_with:
            raise ComesWithParent(f"a {self.kind} is found with its {self.comes_with}")
        return self.listing(search_term=text, page_size=FOUND)

    def feed(self) -> Call:
        """The call that lists changes, but for the page. Raises ComesWithParent."""
        if self.comes_with:
            raise ComesWithParent(f"a {self.kind} is listed with its {self.comes_with}")
        return Call(self.lister, options=self.list_options)

    def summary_feed(self) -> Call:
        """The same of summaries, where Xero has any of this kind."""
        feed = self.feed()
        return replace(feed, options={**feed.options, "summary_only": "true"}) if self.untold else feed

    def elements(self, body: Source) -> Sequence[Source]:
        """The records in the body of an answer. Raises ValueError when it cannot be read at all."""
        return shapes.elements(body, self.envelope, self.shape)

    def listing(self, **options: Any) -> Call:
        """One whole page of what fits these options."""
        return Call(self.lister, options={"page": 1, "page_size": PAGE, **self.list_options, **options})
