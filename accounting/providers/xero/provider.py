"""The adapter: implements the port's Books for one Xero organisation, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from accounting.port.documents import (
    ContactDoc,
    Encoded,
    FetchReply,
    FrozenRequest,
    InvoiceDoc,
    Kind,
    Outgoing,
    PaymentDoc,
    PushReply,
    PushResult,
    ReferenceData,
    RemoteRecord,
    Verb,
)
from accounting.providers.xero import codec, limits, wire
from accounting.providers.xero.catalogue import explain
from accounting.providers.xero.changes import Place
from accounting.providers.xero.client import Reply, Settings, Transport, accounting_api, new_session
from accounting.providers.xero.reference import read_reference_data
from accounting.providers.xero.wire import Json, Unreadable

BATCH = 50  # Xero docs: "around 50 elements" is the recommended size of a POST or PUT
PAGE = 1000


class XeroBooks:
    """One organisation's books. Every call counts against Xero's limits before it is made."""

    def __init__(self, settings: Settings, *, access_token: str, tenant_id: str) -> None:
        self._tenant = tenant_id
        self._storage = settings.rate_storage
        self._background = False
        self._before_call = settings.before_call
        transport = Transport(new_session(), before_call=self._take_call)
        self._api = accounting_api(settings.api_url, access_token, transport)

    def nobody_waits(self, background: bool) -> None:
        self._background = background
        if background:
            limits.spare_reserve(self._storage, self._tenant)

    def _take_call(self) -> None:
        self._before_call()
        limits.take_call(self._storage, self._tenant, background=self._background)

    # Writing

    def batch_size(self, kind: Kind, verb: Verb) -> int:
        """Payments are deleted one by one: their endpoint takes a single id (Xero docs: Payments)."""
        return 1 if (kind, verb) == ("payment", "remove") else BATCH

    def encode(self, kind: Kind, verb: Verb, element: Outgoing) -> Encoded:
        return Encoded(wire.dump(codec.encode(kind, verb, element)), element.remote_id)

    def freeze(self, kind: Kind, verb: Verb, elements: Sequence[Encoded], key: str) -> FrozenRequest:
        """Creates are PUT: a POST with a number in use would silently edit somebody's invoice."""
        envelope = codec.envelope(kind)
        path = f"/{envelope}"
        body = f'{{"{envelope}":[{",".join(element.body for element in elements)}]}}'
        if (kind, verb) == ("payment", "remove"):
            path, body = f"{path}/{elements[0].remote_id}", '{"Status":"DELETED"}'
        method = "PUT" if verb == "create" else "POST"
        return FrozenRequest(kind, verb, method, path, body, key)

    def send(self, request: FrozenRequest) -> PushReply:
        reply = self._write(request)
        body = reply.json(wrote=True)
        elements = wire.objects(body, codec.envelope(request.kind)) if isinstance(body, dict) else []
        results = tuple(_result(request.kind, element, reply.reference()) for element in elements)
        return PushReply(results, reply.quota())

    def _write(self, request: FrozenRequest) -> Reply:
        options: dict[str, Any] = {"idempotency_key": request.idempotency_key, "_preload_content": False}
        if (request.kind, request.verb) == ("payment", "remove"):
            payment_id = request.path.rsplit("/", 1)[1]
            return cast(Reply, self._api.delete_payment(self._tenant, payment_id, request.body, **options))
        endpoint = self._writers()[request.kind, request.method]
        if request.kind == "invoice":
            options["unitdp"] = 4
        return cast(Reply, endpoint(self._tenant, request.body, summarize_errors="false", **options))

    def _writers(self) -> Mapping[tuple[str, str], Callable[..., Any]]:
        return {
            ("customer", "PUT"): self._api.create_contacts,
            ("customer", "POST"): self._api.update_or_create_contacts,
            ("invoice", "PUT"): self._api.create_invoices,
            ("invoice", "POST"): self._api.update_or_create_invoices,
            ("payment", "PUT"): self._api.create_payments,
        }

    # Reading

    def fetch(self, kind: Kind, remote_ids: Sequence[str]) -> FetchReply:
        if kind == "payment":
            return self._fetch_payments(remote_ids)
        reply = self._list(kind, i_ds=list(remote_ids), page=1, page_size=PAGE, include_archived="true")
        return self._records(kind, reply, wanted=remote_ids)

    def _fetch_payments(self, remote_ids: Sequence[str]) -> FetchReply:
        """Payments have no IDs= filter; OR on PaymentId is an optimised one (Xero docs: Payments)."""
        clause = " OR ".join(f'PaymentId==guid("{remote_id}")' for remote_id in remote_ids)
        return self._records("payment", self._list("payment", where=clause, page=1), wanted=remote_ids)

    def look_up(self, kind: Kind, elements: Sequence[Outgoing]) -> FetchReply:
        replies = [
            self._records(kind, self._list(kind, page=1, page_size=PAGE, **question))
            for question in _LOOK_UPS[kind](elements)
        ]
        return replies[0] if len(replies) == 1 else _together(replies)

    def numbered(self, numbers: Sequence[str]) -> FetchReply:
        options: dict[str, Any] = {"invoice_numbers": list(numbers), "include_archived": "true"}
        return self._records("invoice", self._list("invoice", page=1, page_size=PAGE, **options))

    def changes(self, kind: Kind, place: str) -> FetchReply:
        """In Xero's own order, by time of change and then by id: asked for the time alone, records of one instant
        would have no order among themselves (Xero docs: "Paging")."""
        here = Place.parse(place)
        options: dict[str, Any] = {"page": here.page, "page_size": here.size(PAGE)}
        if header := here.header():
            options["if_modified_since"] = header
        if kind != "payment":
            options["include_archived"] = "true"  # invoices of archived contacts are left out without it
        reply = self._list(kind, **options)
        elements = _elements(kind, reply)
        found = _read(kind, reply, elements)
        newest = max((record.version for record in found.records), default=None)
        following = here.after([codec.id_of(kind, element) for element in elements], newest, PAGE)
        return replace(found, next=str(following) if following else None)

    def _list(self, kind: Kind, **options: Any) -> Reply:
        endpoint = {
            "customer": self._api.get_contacts,
            "invoice": self._api.get_invoices,
            "payment": self._api.get_payments,
        }[kind]
        if kind == "invoice":
            options["unitdp"] = 4
        return cast(Reply, endpoint(self._tenant, _preload_content=False, **options))

    def _records(self, kind: Kind, reply: Reply, wanted: Sequence[str] = ()) -> FetchReply:
        return _read(kind, reply, _elements(kind, reply), wanted)

    def reference_data(self) -> ReferenceData:
        return read_reference_data(self._api, self._tenant)


def _elements(kind: Kind, reply: Reply) -> list[Json]:
    return [] if reply.status == 304 else wire.objects(reply.json(wrote=False), codec.envelope(kind))


def _read(kind: Kind, reply: Reply, elements: Sequence[Json], wanted: Sequence[str] = ()) -> FetchReply:
    records, unreadable = _decode_each(kind, elements)
    seen = {record.remote_id for record in records} | {remote_id for remote_id, _ in unreadable}
    missing = tuple(remote_id for remote_id in wanted if remote_id not in seen)
    return FetchReply(tuple(records), missing, tuple(unreadable), reply.quota(), reply.answered_at())


def _decode_each(kind: Kind, elements: Sequence[Json]) -> tuple[list[RemoteRecord], list[tuple[str, str]]]:
    records: list[RemoteRecord] = []
    unreadable: list[tuple[str, str]] = []
    for element in elements:
        try:
            records.append(codec.decode(kind, element))
        except Unreadable as error:
            unreadable.append((codec.id_of(kind, element), str(error)))
    return records, unreadable


def _result(kind: Kind, element: Json, reference: str = "") -> PushResult:
    if codec.is_error(element):
        return _refusal(codec.messages(element, "ValidationErrors") or ("It gave no reason.",), reference)
    try:
        return PushResult(record=codec.decode(kind, element), warnings=codec.messages(element, "Warnings"))
    except Unreadable as error:
        return PushResult(errors=(str(error),), advice="Xero's answer could not be read.", unreadable=True)


def _refusal(words: tuple[str, ...], reference: str) -> PushResult:
    taken = any(
        part in word.lower()
        for word in words
        for part in ("must be unique", "already assigned", "unique name")
    )
    not_payable = any("only be made against authorised" in word.lower() for word in words)
    return PushResult(
        errors=words, advice=explain(words), taken=taken, not_payable=not_payable, reference=reference
    )


Question = dict[str, Any]


def _by_reference(elements: Sequence[Outgoing]) -> list[Question]:
    """Contacts by account number, in one question. How a quotation mark is written in a filter is not documented, so
    such references are searched for by the contact's name, and compared here (Xero docs: "Filtering")."""
    docs = [cast(ContactDoc, element.document) for element in elements]
    plain = [doc.reference for doc in docs if not _QUOTED & set(doc.reference)]
    clause = " OR ".join(f'AccountNumber=="{reference}"' for reference in plain)
    questions: list[Question] = [{"where": clause}] if plain else []
    questions += [{"search_term": doc.name} for doc in docs if _QUOTED & set(doc.reference)]
    return [{**question, "include_archived": "true"} for question in questions]


_QUOTED = set('"\\')


def _by_number(elements: Sequence[Outgoing]) -> list[Question]:
    numbers = [cast(InvoiceDoc, element.document).number for element in elements]
    return [{"invoice_numbers": numbers, "include_archived": "true"}]


def _by_invoice(elements: Sequence[Outgoing]) -> list[Question]:
    invoices = dict.fromkeys(cast(PaymentDoc, element.document).invoice_id for element in elements)
    return [{"where": " OR ".join(f'Invoice.InvoiceId==guid("{invoice}")' for invoice in invoices)}]


def _together(replies: Sequence[FetchReply]) -> FetchReply:
    """Several answers as one; the last one's quota is the newest."""
    records = {record.remote_id: record for reply in replies for record in reply.records}
    unreadable = tuple(entry for reply in replies for entry in reply.unreadable)
    return FetchReply(tuple(records.values()), (), unreadable, replies[-1].quota, replies[-1].at)


_LOOK_UPS: Mapping[Kind, Callable[[Sequence[Outgoing]], list[Question]]] = {
    "customer": _by_reference,
    "invoice": _by_number,
    "payment": _by_invoice,
}
