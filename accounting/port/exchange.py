"""What is said to the remote side about documents, and what it answers. Frozen, without Django and without a vendor's
words. Money is Decimal in the document's currency, dates are calendar dates, instants are aware UTC.

What there is one of for each record leads back to nothing, so the garbage collector need not watch it (`gc`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from accounting.port.documents.base import Document, Kind


class RemoteRecord(Struct, frozen=True, eq=False, gc=False):
    """A document as the remote side holds it. `version` is its time of last change there. `source` is its own form of
    the record, with the parts that documents do not model; only the adapter reads it."""

    kind: Kind
    remote_id: str
    version: dt.datetime
    document: Document
    source: Mapping[str, Any] = {}

    def saying(self, document: Document) -> RemoteRecord:
        """The same record with this document in its place."""
        return replace(self, document=document)


class Outgoing(Struct, frozen=True, eq=False, gc=False):
    """One element of a write: the document, and the remote record it changes (empty id: a new one).

    Of a record that is there only the `changed` fields are written. Those of them that are `insisted` on somebody chose
    to keep as they are here: the remote side is to compute from them anew, even if they say the same. `agreed` is what
    both sides last agreed on and `source` the record as it was just read: what the remote side replaces as a whole is
    sent back from it.
    """

    document: Document
    remote_id: str = ""
    changed: frozenset[str] = frozenset()
    insisted: frozenset[str] = frozenset()
    agreed: Document | None = None
    source: Mapping[str, Any] = {}


class Encoded(Struct, frozen=True, gc=False):
    """One element of a write as text, ready to stand in a request's body."""

    body: str
    remote_id: str = ""


Verb = Literal["create", "update", "remove"]


class FrozenRequest(Struct, frozen=True):
    """A write of so many records as it will be sent, byte for byte. Storing it first is what makes a repeat safe."""

    kind: Kind
    verb: Verb
    method: str
    path: str
    body: str
    idempotency_key: str
    records: int


class PushResult(Struct, frozen=True):
    """What became of one element, in the order sent: the `record`, or why there is none.

    `errors` are the remote side's own words and nothing else, `advice` what a refusal means for the user. `unreadable`
    marks an element that was applied but whose echo could not be understood. `taken` marks a create refused because
    something with its number or name is there already, `refused_by_parent` one refused because of how what it stands
    against stands there. `reference` is by which the remote side's support finds a refusal.
    """

    record: RemoteRecord | None = None
    errors: tuple[str, ...] = ()
    advice: str = ""
    taken: bool = False
    refused_by_parent: bool = False
    warnings: tuple[str, ...] = ()
    unreadable: bool = False
    reference: str = ""


class Quota(Struct, frozen=True):
    """How many calls the remote side still allows; None where it did not say."""

    minute: int | None = None
    day: int | None = None
    app_minute: int | None = None


class PushReply(Struct, frozen=True):
    results: tuple[PushResult, ...]
    quota: Quota = Quota()


class FetchReply(Struct, frozen=True):
    """Records that were found. `missing` are asked-for ids the remote side does not know (any more).

    `unreadable` are ids whose record could not be understood, with the reason. `at` is when it was answered, by
    the remote side's own clock, if it said so. `next` is where a walk through changes goes on; None at its end.
    `untold` are the fields that a summary does not tell.
    """

    records: tuple[RemoteRecord, ...]
    missing: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    quota: Quota = Quota()
    at: dt.datetime | None = None
    next: str | None = None
    untold: frozenset[str] = frozenset()


class WebhookEvent(Struct, frozen=True):
    """One thing the remote side says has changed. `key` is the same for repeats of the same event."""

    key: str
    tenant_id: str
    category: str
    change: str
    remote_id: str
    at: dt.datetime | None
    kind: Kind | None


class Rehearsal(Struct, frozen=True):
    """A delivery as the remote side posts it to see whether somebody listens: only a `genuine` one may be taken. `name`
    says in words what is particular about it."""

    name: str
    body: bytes
    headers: Mapping[str, str]
    genuine: bool
