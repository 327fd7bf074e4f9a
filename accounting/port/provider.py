"""The port: what the engine asks of an accounting system. Everything vendor-specific is behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from accounting.port.documents import Kind
from accounting.port.exchange import (
    Encoded,
    FetchReply,
    FrozenRequest,
    Outgoing,
    PushReply,
    Rehearsal,
    Verb,
    WebhookEvent,
)
from accounting.port.organisation import OrganisationDoc, ReferenceData, Survey, Tenant, Tokens


class Authoriser(Protocol):
    """Gaining, keeping and giving up access. Raises errors of accounting.port.errors; holds no state."""

    @property
    def needed_scopes(self) -> Sequence[str]:
        """What a connection must allow, or it is of no use, whatever it allows of the kinds."""
        ...

    def authorise_url(self, *, state: str, challenge: str, redirect_uri: str) -> str:
        """Where to send the browser. `challenge` is the PKCE S256 code challenge."""
        ...

    def exchange_code(self, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The token set for a code just brought back. Raises NeedsReauth when it is refused."""
        ...

    def refresh(self, refresh_token: str, scopes: Sequence[str]) -> Tokens:
        """A new token set; the old refresh token dies soon. Raises NeedsReauth when it is refused."""
        ...

    def list_tenants(self, access: str) -> list[Tenant]:
        """The organisations this token opens."""
        ...

    def describe(self, access: str, tenant_id: str) -> OrganisationDoc:
        """What an organisation says of itself, before anybody has chosen it. A person waits: it does not wait long.
        Raises a ProviderError."""
        ...

    def disconnect(self, access: str, connection_id: str) -> None:
        """Give up one organisation. Already gone is success."""
        ...

    def verify_webhook(self, body: bytes, signature: str) -> bool:
        """Whether one of the configured keys signed exactly these bytes (constant time)."""
        ...

    def rehearse_webhooks(self) -> Sequence[Rehearsal]:
        """The deliveries by which the remote side finds out whether it is listened to. None where no key is known."""
        ...

    def parse_webhook(self, body: bytes) -> list[WebhookEvent]:
        """The events of a genuine delivery. Raises ValueError when it is not what we expect."""
        ...


@dataclass(frozen=True, slots=True)
class Cost:
    """How much of a kind one call takes: `batch` records that it writes, `names` that it looks up (0: they cannot be
    asked for, all are listed instead), `page` records that it lists (0: they come with what they settle)."""

    batch: int
    names: int
    page: int


class Meter(Protocol):
    """Keeps count of the calls of one opening of the books."""

    def count(self, received: int) -> None:
        """One call was made, and brought so many bytes. One that was refused over a limit is none."""
        ...

    def close(self) -> None:
        """The books are closed: no call comes any more. Never raises."""
        ...


class Books(Protocol):
    """One organisation's books, opened with a valid access token. A kind it does not know raises LookupError.

    Used by `with`, which closes the connections that its calls went over.
    """

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: object) -> None: ...

    @property
    def key_life(self) -> dt.timedelta:
        """For how long after a write was first sent it may be sent again under its key."""
        ...

    def nobody_waits(self, background: bool) -> None:
        """Say whether the next calls are for work that nobody waits for: it leaves a reserve of calls to people.

        Raises RateLimited when only that reserve is left, before anything is prepared that would be in the way.
        """
        ...

    def batch_size(self, kind: Kind, verb: Verb) -> int:
        """How many elements one write may carry."""
        ...

    def until_next_write(self, kind: Kind) -> float:
        """Seconds for which a write that is not full should wait for others to go with it; 0 while writes are rare."""
        ...

    def largest_body(self, kind: Kind) -> int:
        """How many bytes one write may have."""
        ...

    def read_size(self, kind: Kind) -> int:
        """How many records one fetch asks for well: where they are read one by one, each costs a call."""
        ...

    def encode(self, kind: Kind, verb: Verb, element: Outgoing) -> Encoded:
        """One element as it will stand in a request. Raises ValueError for an amount that cannot be written exactly."""
        ...

    def freeze(self, kind: Kind, verb: Verb, elements: Sequence[Encoded], key: str) -> FrozenRequest:
        """The exact request that writes these elements. Sends nothing."""
        ...

    def send(self, request: FrozenRequest) -> PushReply:
        """Send a frozen request; results come in the order of its elements. Raises a ProviderError."""
        ...

    def fetch(self, kind: Kind, remote_ids: Sequence[str]) -> FetchReply:
        """The records with these ids, in one call where the remote side can."""
        ...

    def look_up(self, kind: Kind, elements: Sequence[Outgoing]) -> FetchReply:
        """Records that an unanswered create of these elements would have made (by number, reference...)."""
        ...

    def having(self, kind: Kind, keys: Sequence[str]) -> FetchReply | None:
        """The records that have one of these numbers (or whatever else people know them by), whatever their state.
        None when the remote side cannot be asked for it: then all have to be listed."""
        ...

    def search(self, kind: Kind, text: str) -> FetchReply:
        """Some records that these words find, as a person would look for them: by number, name, reference, e-mail."""
        ...

    def changes(self, kind: Kind, place: str) -> FetchReply:
        """One page of changed records, oldest change first, removed ones included. `place` is an instant (ISO, with its
        zone), the `next` of an earlier page, or empty for everything. Nothing is left out, whatever changes meanwhile;
        some records come twice."""
        ...

    def summaries(self, kind: Kind, place: str) -> FetchReply:
        """One page of summaries of all records, whatever their time of change, removed ones included. `place` is empty
        at first, then the `next` of the page before."""
        ...

    def reference_data(self) -> ReferenceData:
        """The organisation, its accounts, tax rates and currencies."""
        ...

    def survey(self) -> Survey:
        """The organisation, and what its plan and the role of whoever connected allow there. Only reads."""
        ...
