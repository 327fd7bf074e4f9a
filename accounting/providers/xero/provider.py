"""The adapter: implements the port's Books for one Xero organisation. What a kind is like is asked of its codec."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self, cast

from msgspec.structs import replace

from accounting.port.documents import Kind
from accounting.port.errors import MissingScope, Uncertain
from accounting.port.exchange import Encoded, FetchReply, FrozenRequest, Outgoing, PushReply, Verb
from accounting.port.organisation import ReferenceData, Survey
from accounting.port.provider import Meter
from accounting.providers.xero import answers, limits, shapes, wire
from accounting.providers.xero.changes import Place
from accounting.providers.xero.client import Reply, Settings, Transport, accounting_api, new_session
from accounting.providers.xero.kinds.base import PAGE, Call, Codec
from accounting.providers.xero.kinds.registry import codec_of
from accounting.providers.xero.reference import read_reference_data, read_survey
from accounting.providers.xero.wire import Source


@contextmanager
def _speaking_of(codec: Codec) -> Iterator[None]:
    """What is refused for want of a permission tells of which kind it was."""
    try:
        yield
    except MissingScope as refused:
        refused.kind = codec.kind
        raise


def _leave_uncounted(received: int) -> None:
    """Nobody keeps count."""


class XeroBooks:
    """One organisation's books. Every call counts against Xero's limits before it is made."""

    key_life = dt.timedelta(minutes=5)  # Xero docs: a key is remembered for six

    def __init__(
        self, settings: Settings, *, access_token: str, tenant_id: str, meter: Meter | None = None
    ) -> None:
        self._tenant = tenant_id
        self._storage = settings.rate_storage
        self._background = False
        self._before_call = settings.before_call
        self._session = new_session()
        self._meter = meter
        transport = Transport(
            self._session, before_call=self._take_call, count=meter.count if meter else _leave_uncounted
        )
        self._api = accounting_api(settings.api_url, access_token, transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """The SDK's client, the transport and this hold on to one another: nothing else would close it soon."""
        self._session.close()
        if self._meter:
            self._meter.close()

    def nobody_waits(self, background: bool) -> None:
        self._background = background
        if background:
            limits.spare_reserve(self._storage, self._tenant)

    def _take_call(self) -> None:
        self._before_call()
        limits.take_call(self._storage, self._tenant, background=self._background)

    def _make(self, call: Call, *body: str, **more: Any) -> Reply:
        method = getattr(self._api, call.method)
        return cast(
            Reply, method(self._tenant, *call.ids, *body, _preload_content=False, **call.options, **more)
        )

    # What a kind allows

    def batch_size(self, kind: Kind, verb: Verb) -> int:
        return codec_of(kind).batch_size(verb)

    def until_next_write(self, kind: Kind) -> float:
        return limits.until_next_write(self._storage, self._tenant, kind)

    def largest_body(self, kind: Kind) -> int:
        return codec_of(kind).largest_body

    def read_size(self, kind: Kind) -> int:
        return codec_of(kind).read_size

    # Writing

    def encode(self, kind: Kind, verb: Verb, element: Outgoing) -> Encoded:
        return Encoded(wire.dump(codec_of(kind).element(verb, element)), element.remote_id)

    def freeze(self, kind: Kind, verb: Verb, elements: Sequence[Encoded], key: str) -> FrozenRequest:
        return codec_of(kind).freeze(verb, elements, key)

    def send(self, request: FrozenRequest) -> PushReply:
        codec = codec_of(request.kind)
        limits.count_write(self._storage, self._tenant, request.kind, request.records)
        with _speaking_of(codec):
            reply = self._write(codec.writing(request), request)
            elements = reply.read(
                lambda data: codec.answered(request, shapes.opened(data), reply.answered_at()), wrote=True
            )
        results = tuple(answers.result(codec, element, reply.reference()) for element in elements)
        return PushReply(results, reply.quota())

    def _write(self, call: Call, request: FrozenRequest) -> Reply:
        if request.method == "DELETE":
            return self._delete(call)
        return self._make(call, request.body, idempotency_key=request.idempotency_key)

    def _delete(self, call: Call) -> Reply:
        """It has no body, and Xero heeds no key of it (Xero docs: "Idempotent requests"): one that got no answer is
        looked up before another is sent. So is one that finds nothing: it may be gone by one before."""
        try:
            reply = self._make(call)
        except Uncertain as lost:
            raise Uncertain(lost.message, replied=True, detail=lost.detail) from lost
        if reply.status == 404:
            raise Uncertain("Xero did not find what was to be removed.", replied=True)
        return reply

    # Reading

    def fetch(self, kind: Kind, remote_ids: Sequence[str]) -> FetchReply:
        codec = codec_of(kind)
        found = self._ask(codec, codec.reading(remote_ids))
        return replace(found, missing=answers.missing(remote_ids, found))

    def look_up(self, kind: Kind, elements: Sequence[Outgoing]) -> FetchReply:
        codec = codec_of(kind)
        return self._ask(codec, codec.look_up(elements))

    def having(self, kind: Kind, keys: Sequence[str]) -> FetchReply | None:
        codec = codec_of(kind)
        calls = codec.having(keys)
        return None if calls is None else self._ask(codec, calls)

    def search(self, kind: Kind, text: str) -> FetchReply:
        codec = codec_of(kind)
        return self._ask(codec, [codec.searching(text)])

    def changes(self, kind: Kind, place: str) -> FetchReply:
        """In Xero's own order, by time of change and then by id: asked for the time alone, records of one instant
        would have no order among themselves (Xero docs: "Paging")."""
        codec = codec_of(kind)
        return self._page(codec, codec.feed(), place)

    def summaries(self, kind: Kind, place: str) -> FetchReply:
        codec = codec_of(kind)
        return replace(self._page(codec, codec.summary_feed(), place), untold=codec.untold)

    def _page(self, codec: Codec, feed: Call, place: str) -> FetchReply:
        here = Place.parse(place)
        page: dict[str, Any] = {"page": here.page, "page_size": here.size(PAGE)}
        if header := here.header():
            page["if_modified_since"] = header
        with _speaking_of(codec):
            reply = self._make(feed, **page)
            elements = _elements(codec, reply)
        found = _read(codec, reply, elements)
        newest = max((record.version for record in found.records), default=None)
        following = here.after(_ids(codec, elements, found), newest, PAGE)
        return replace(found, next=str(following) if following else None)

    def _ask(self, codec: Codec, calls: Sequence[Call]) -> FetchReply:
        return answers.together([self._asked(codec, call) for call in calls])

    def _asked(self, codec: Codec, call: Call) -> FetchReply:
        """A record that was asked for by its address and is not there is missing, and no error."""
        with _speaking_of(codec):
            reply = self._make(call)
            elements = [] if call.ids and reply.status == 404 else _elements(codec, reply)
        return _read(codec, reply, elements)

    def reference_data(self) -> ReferenceData:
        return read_reference_data(self._api, self._tenant)

    def survey(self) -> Survey:
        return read_survey(self._api, self._tenant)


def _elements(codec: Codec, reply: Reply) -> Sequence[Source]:
    if reply.status == 304:
        return []
    return reply.read(lambda data: codec.elements(shapes.opened(data)), wrote=False)


def _ids(codec: Codec, elements: Sequence[Source], found: FetchReply) -> list[str]:
    """The ids on a page in their order, asked of its elements only where a record does not tell."""
    if found.unreadable:
        return [codec.id_of(element) for element in elements]
    return [record.remote_id for record in found.records]


def _read(codec: Codec, reply: Reply, elements: Sequence[Source]) -> FetchReply:
    return replace(answers.read(codec, elements), quota=reply.quota(), at=reply.answered_at())
