"""The adapter does what a codec says. Two small kinds of this file's own are unlike those of the house: notes can only
be read one by one, and shares belong to a note, whose id stands in their address."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import pytest
import requests

from accounting.port.documents import ContactDoc, UnknownKind
from accounting.port.exchange import Encoded, FrozenRequest, Outgoing, Verb, WebhookEvent
from accounting.port.provider import Authoriser, Books
from accounting.providers.registry import scope_of
from accounting.providers.xero import wire
from accounting.providers.xero.auth import XeroAuthoriser
from accounting.providers.xero.client import Reply, Settings
from accounting.providers.xero.deeplink import deep_link
from accounting.providers.xero.kinds.base import Call, Codec, ComesWithParent
from accounting.providers.xero.kinds.registry import CODECS
from accounting.providers.xero.provider import XeroBooks
from accounting.providers.xero.webhook import parse_events
from accounting.providers.xero.wire import Json

NOWHERE = Settings("", "", "http://localhost", "", "", (), ())
AT = dt.datetime(2026, 3, 2, 4, 5, 6, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Thing:
    """A document of either kind: only what it is called, and the note it belongs to."""

    kind: ClassVar[str] = "thing"
    name: str
    note: str = ""


class NoteCodec(Codec):
    kind, envelope, id_field, category = "note", "Notes", "NoteID", "NOTE"
    scope, deep_link = "accounting.notes", ""
    writers: ClassVar = {"create": "create_notes"}
    lister = "get_notes"
    read_size = 5

    def encode(self, element: Outgoing) -> Json:
        return {"Name": cast(Any, element.document).name}

    def remove(self, element: Outgoing) -> Json:
        return {"Status": "VOIDED"}

    def decode(self, source: Json) -> Any:
        return Thing(wire.text(source, "Name"))

    def reading(self, remote_ids: Sequence[str]) -> Sequence[Call]:
        return [Call("get_note", ids=(remote_id,)) for remote_id in remote_ids]

    def look_up(self, elements: Sequence[Outgoing]) -> Sequence[Call]:
        return self.reading([cast(Any, element.document).name for element in elements])


class ShareCodec(Codec):
    kind, envelope, id_field, category = "share", "Shares", "ShareID", None
    scope, deep_link, comes_with = "accounting.notes", "", "note"
    writers: ClassVar = {"create": "create_share", "remove": "delete_share"}

    def encode(self, element: Outgoing) -> Json:
        return {**self.remove(element), "Name": cast(Any, element.document).name}

    def remove(self, element: Outgoing) -> Json:
        return {"Note": {"NoteID": cast(Any, element.document).note}}

    def decode(self, source: Json) -> Any:
        return Thing(wire.text(source, "Name"), wire.text(source["Note"], "NoteID"))

    def batch_size(self, verb: Verb) -> int:
        return 1

    def freeze(self, verb: Verb, elements: Sequence[Encoded], key: str) -> FrozenRequest:
        (one,) = elements
        path = f"/Notes/{wire.parse(one.body)['Note']['NoteID']}/Shares"
        if verb == "remove":
            return FrozenRequest(self.kind, verb, "DELETE", f"{path}/{one.remote_id}", "", key, 1)
        return FrozenRequest(self.kind, verb, "PUT", path, f'{{"Shares":[{one.body}]}}', key, 1)

    def writing(self, request: FrozenRequest) -> Call:
        _, _, note, _, *own = request.path.split("/")
        return Call(self.writers[request.verb], ids=(note, *own))

    def answered(self, request: FrozenRequest, body: Json, at: dt.datetime | None) -> list[Json]:
        """Its own answer names no note, and nothing but the clock says when."""
        note = {"NoteID": request.path.split("/")[2], "UpdatedDateUTC": str(at)}
        rows = wire.objects(body, self.envelope) or [body]
        return self.elements({"Notes": [{**note, "Shares": rows}]})

    def look_up(self, elements: Sequence[Outgoing]) -> Sequence[Call]:
        return [Call("get_note", ids=(cast(Any, element.document).note,)) for element in elements]

    def elements(self, body: Json) -> list[Json]:
        return [
            {**row, "Note": note, "UpdatedDateUTC": note.get("UpdatedDateUTC")}
            for note in wire.objects(body, "Notes")
            for row in wire.objects(note, "Shares")
        ]


class Api:
    """Stands in for the SDK: keeps what it was called with, and answers what it was told to, in turn."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, method: str) -> Callable[..., Reply]:
        def answer(tenant: str, *args: str, _preload_content: bool, **options: Any) -> Reply:
            self.calls.append((method, *args, options))
            return self.replies.pop(0)

        return answer


def _reply(status: int = 200, **body: Any) -> Reply:
    response = requests.Response()
    response.status_code = status
    response._content = json.dumps(body).encode()
    response.headers["Date"] = "Mon, 02 Mar 2026 04:05:06 GMT"
    return Reply(response)


def _note(remote_id: str, **more: Any) -> dict[str, Any]:
    return {"NoteID": remote_id, "Name": f"note {remote_id}", "UpdatedDateUTC": AT.isoformat(), **more}


def _books(*replies: Reply) -> tuple[XeroBooks, Api]:
    books, api = XeroBooks(NOWHERE, access_token="", tenant_id="t"), Api(*replies)
    books._api = cast(Any, api)
    return books, api


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    for codec in (NoteCodec(), ShareCodec()):
        monkeypatch.setitem(CODECS, codec.kind, codec)


def _outgoing(remote_id: str = "", **facts: str) -> Outgoing:
    return Outgoing(cast(Any, Thing(**facts)), remote_id)


def test_records_are_read_one_by_one_where_the_codec_says_so() -> None:
    books, api = _books(_reply(Notes=[_note("1")]), _reply(Notes=[_note("2")]))
    found = books.fetch("note", ["1", "2"])
    assert [call[:2] for call in api.calls] == [("get_note", "1"), ("get_note", "2")]
    assert [record.remote_id for record in found.records] == ["1", "2"]
    assert (found.missing, found.at) == ((), AT)


def test_one_that_is_not_at_its_address_is_missing_and_costs_no_other() -> None:
    books, _ = _books(_reply(404, Message="not found"), _reply(Notes=[_note("2")]))
    found = books.fetch("note", ["1", "2"])
    assert [record.remote_id for record in found.records] == ["2"]
    assert found.missing == ("1",)


def test_kind_without_a_name_to_ask_for_has_to_be_listed() -> None:
    books, api = _books()
    assert books.having("note", ["N-1"]) is None
    assert api.calls == []


def test_child_is_written_at_its_parents_address() -> None:
    books, api = _books(_reply(Shares=[{"ShareID": "s", "Name": "half"}]))
    element = books.encode("share", "create", _outgoing(name="half", note="n"))
    request = books.freeze("share", "create", [element], "key")
    (result,) = books.send(request).results
    assert api.calls == [("create_share", "n", request.body, {"idempotency_key": "key"})]
    assert result.record is not None
    assert (result.record.remote_id, result.record.version) == ("s", AT)
    assert result.record.document == Thing("half", "n")


def test_delete_sends_neither_body_nor_key() -> None:
    books, api = _books(_reply(ShareID="s", IsDeleted=True))
    element = books.encode("share", "remove", _outgoing("s", name="half", note="n"))
    (result,) = books.send(books.freeze("share", "remove", [element], "key")).results
    assert api.calls == [("delete_share", "n", "s", {})]
    assert result.record is not None


def test_child_is_found_with_its_parent_and_as_old_as_it_was_told() -> None:
    books, api = _books(_reply(Notes=[_note("n", Shares=[{"ShareID": "s", "Name": "half"}])]))
    (record,) = books.look_up("share", [_outgoing(name="half", note="n")]).records
    assert api.calls == [("get_note", "n", {})]
    assert (record.remote_id, record.version, record.document) == ("s", AT, Thing("half", "n"))


def test_child_is_neither_fetched_nor_listed() -> None:
    books, api = _books()
    for ask in (lambda: books.fetch("share", ["s"]), lambda: books.changes("share", "")):
        with pytest.raises(ComesWithParent, match=r"a share is (read|listed) with its note"):
            ask()
    assert api.calls == []


def test_event_of_a_kind_that_tells_nothing_new_is_of_no_kind() -> None:
    def heard(category: str) -> WebhookEvent:
        (event,) = parse_events(json.dumps({"events": [{"eventCategory": category}]}).encode())
        return event

    assert heard("Note").kind == "note"
    for category in ("PAYMENT", "SHARE", "NOBODY KNOWS", ""):
        assert (heard(category).kind, heard(category).category) == (None, category)


def test_record_without_a_page_has_no_link() -> None:
    assert deep_link("https://go.xero.com", "note", "n", "!x") == ""


def test_connection_must_allow_what_its_kinds_need() -> None:
    authoriser: Authoriser = XeroAuthoriser(NOWHERE)
    assert authoriser.needed_scopes == ("offline_access",)
    assert [scope_of(kind) for kind in ("customer", "invoice", "payment", "note")] == [
        "accounting.contacts",
        "accounting.invoices",
        "accounting.payments",
        "accounting.notes",
    ]


def test_key_is_given_up_before_xero_forgets_it() -> None:
    books: Books = _books()[0]
    assert dt.timedelta(minutes=1) < books.key_life < dt.timedelta(minutes=6)


UNKNOWN = Outgoing(ContactDoc(reference="", name=""))
ASKED: dict[str, Callable[[XeroBooks], object]] = {
    "batch size": lambda books: books.batch_size("ghost", "create"),
    "largest body": lambda books: books.largest_body("ghost"),
    "read size": lambda books: books.read_size("ghost"),
    "encode": lambda books: books.encode("ghost", "create", UNKNOWN),
    "freeze": lambda books: books.freeze("ghost", "create", [], ""),
    "send": lambda books: books.send(FrozenRequest("ghost", "create", "PUT", "/Ghosts", "{}", "", 1)),
    "fetch": lambda books: books.fetch("ghost", ["1"]),
    "look up": lambda books: books.look_up("ghost", [UNKNOWN]),
    "having": lambda books: books.having("ghost", ["1"]),
    "changes": lambda books: books.changes("ghost", ""),
    "deep link": lambda books: deep_link("", "ghost", "1", ""),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_unknown_kind_fails_loudly(ask: Callable[[XeroBooks], object]) -> None:
    books, api = _books()
    with pytest.raises(UnknownKind, match="'ghost'"):
        ask(books)
    assert api.calls == []
