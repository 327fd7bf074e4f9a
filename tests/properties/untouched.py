"""What is in Xero stays: around each write of ours, everything in the books is held against what it was before.

Only these may move: the fields that were edited here, what Xero computes from them, and times of change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from unittest.mock import patch
from uuid import UUID

from accounting.models import Batch
from accounting.port.documents import InvoiceDoc, LineDoc
from accounting.port.exchange import Encoded, FrozenRequest, Outgoing
from accounting.providers.xero import wire
from accounting.providers.xero.kinds.registry import CODECS
from accounting.providers.xero.provider import XeroBooks
from xero_sandbox.handle import Controls
from xero_sandbox.wire import to_json

Path = tuple[str, ...]
Flat = dict[Path, Any]
Books = dict[str, dict[str, Flat]]
"""Every record of every kind, by its id, each as the values at its paths."""

KEYS = ("LineItemID", "AddressType", "PhoneType", "PaymentID", "CreditNoteID")
TIMES = ("UpdatedDateUTC", "UpdatedDateUTCString")
PAID = ("AmountDue", "AmountPaid", "Status", "FullyPaidOnDate", "Payments")
TOTALS = ("SubTotal", "TotalTax", "Total", "TotalDiscount", "IsDiscounted", *PAID)
OF_DOCUMENTS = ("Balances", "IsCustomer", "IsSupplier")
"""What a contact shows of its documents."""

FIELDS: Mapping[str, Mapping[str, tuple[Path, ...]]] = {
    "customer": {
        "name": (("Name",),),
        "reference": (("AccountNumber",),),
        "first_name": (("FirstName",),),
        "last_name": (("LastName",),),
        "email": (("EmailAddress",),),
        "tax_number": (("TaxNumber",),),
        "archived": (("ContactStatus",),),
        "phone": tuple(
            ("Phones", "DEFAULT", name) for name in ("PhoneNumber", "PhoneAreaCode", "PhoneCountryCode")
        ),
        "address_line": (("Addresses", "POBOX", "AddressLine1"),),
        "city": (("Addresses", "POBOX", "City"),),
        "region": (("Addresses", "POBOX", "Region"),),
        "postal_code": (("Addresses", "POBOX", "PostalCode"),),
        "country": (("Addresses", "POBOX", "Country"),),
    },
    "invoice": {
        "number": (("InvoiceNumber",),),
        "reference": (("Reference",),),
        "contact_id": (("Contact",),),
        "issue_date": (("Date",), ("DateString",)),
        "due_date": (("DueDate",), ("DueDateString",)),
        "currency": (("CurrencyCode",), ("CurrencyRate",)),
        "amounts": (("LineAmountTypes",),),
        "lines": (),
        "voided": (("Status",), ("AmountDue",)),
        "status": (("Status",), ("AmountDue",), ("FullyPaidOnDate",)),
    },
    "payment": {"removed": (("Status",),)},
}
NEW_LINES: Path = ("LineItems", "new")
LINE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "description": ("Description",),
    "quantity": ("Quantity", "LineAmount", "TaxAmount"),
    "unit_amount": ("UnitAmount", "LineAmount", "TaxAmount"),
    "discount_percent": ("DiscountRate", "DiscountAmount", "LineAmount", "TaxAmount"),
    "discount_amount": ("DiscountRate", "DiscountAmount", "LineAmount", "TaxAmount"),
    "tax_code": ("TaxType", "TaxAmount"),
    "account_code": ("AccountCode", "AccountID"),
}


def flatten(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each scalar with its path; what stands in a list goes by its own key, and its order is a value of its own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, (*path, key))
    elif isinstance(value, list):
        names = [_name(item, at) for at, item in enumerate(value)]
        yield (*path, "order"), names
        for name, item in zip(names, value, strict=True):
            yield from flatten(item, (*path, name))
    else:
        yield path, value


def _name(item: Any, at: int) -> str:
    found = (item[key] for key in KEYS if key in item) if isinstance(item, dict) else iter(())
    return str(next(found, at))


def read(sandbox: Controls) -> Books:
    """Each envelope once: refunds are among the payments."""
    dumped = wire.parse(to_json(sandbox.dump()))
    first = {codec.envelope: codec for codec in reversed(CODECS.values())}
    return {
        codec.kind: {codec.id_of(row): dict(flatten(row)) for row in codec.elements(dumped)}
        for codec in first.values()
    }


@dataclass(slots=True)
class Witness:
    """Watches the writes of one history. `wanted` answers what people edited here of a record, as fields of its
    document; `broken` gathers what moved without anybody's wish."""

    sandbox: Controls
    wanted: Callable[[str, UUID], set[str]]
    broken: list[str] = field(default_factory=list)
    told: dict[str, Outgoing] = field(default_factory=dict)

    @contextmanager
    def watching(self) -> Iterator[None]:
        encode, send = XeroBooks.encode, XeroBooks.send

        def encode_and_note(books: XeroBooks, kind: Any, verb: Any, element: Outgoing) -> Encoded:
            encoded = encode(books, kind, verb, element)
            self.told[encoded.body] = element
            return encoded

        def send_and_look(books: XeroBooks, request: FrozenRequest) -> Any:
            before = read(self.sandbox)
            try:
                return send(books, request)
            finally:
                self._look(request, before, read(self.sandbox))

        with (
            patch.object(XeroBooks, "encode", encode_and_note),
            patch.object(XeroBooks, "send", send_and_look),
        ):
            yield

    def _look(self, request: FrozenRequest, before: Books, after: Books) -> None:
        allowed = self._allowed(request, before)
        for kind, records in before.items():
            for remote_id, was in records.items():
                now = after[kind].get(remote_id, {})
                may = [*_follows(kind, request.kind), *allowed.get(remote_id, [])]
                may += _new_lines(was, now) if NEW_LINES in may else []
                self.broken += [
                    f"{request.verb} of {request.kind}: {kind} {remote_id} {'.'.join(path)}"
                    f" was {was.get(path)!r}, is {now.get(path)!r}"
                    for path in sorted(was.keys() | now.keys())
                    if was.get(path) != now.get(path) and not any(path[: len(p)] == p for p in may)
                ]

    def _allowed(self, request: FrozenRequest, before: Books) -> dict[str, list[Path]]:
        """By remote id, the paths that the elements of this write may move."""
        batch = Batch.objects.get(idempotency_key=request.idempotency_key)
        found = {}
        for item in batch.items:
            element = self.told[item["body"]]
            if request.verb != "create":
                changed = _removal(request) or frozenset(item["changed"])
                self._judge(request, item, changed)
                found[item["remote_id"]] = _paths(request, element, changed, before)
        return found

    def _judge(self, request: FrozenRequest, item: dict[str, Any], changed: frozenset[str]) -> None:
        wanted = self.wanted(request.kind, UUID(item["local_id"]))
        if "amounts" in wanted:  # a line's tax rate follows from whether there is tax at all
            wanted = wanted | {"lines"}
        unwanted = changed - wanted
        if unwanted:
            self.broken.append(
                f"{request.verb} of {request.kind} wrote {sorted(unwanted)}, which nobody edited"
            )


def _removal(request: FrozenRequest) -> frozenset[str]:
    words = {"customer": "archived", "invoice": "voided", "payment": "removed"}
    return frozenset({words[request.kind]} if request.verb == "remove" else ())


def _follows(kind: str, written: str) -> list[Path]:
    """What moves in other records by itself: times, the sums of a contact, the state of a paid invoice."""
    names = [*TIMES]
    if kind == "customer":
        names += OF_DOCUMENTS
    if kind == "invoice" and written == "payment":
        names += PAID
    paths = [(name,) for name in names]
    if kind in ("invoice", "credit_note") and written == "customer":
        paths.append(("Contact", "Name"))
    return [*paths, ("Invoice",)] if kind == "payment" else paths


def _paths(request: FrozenRequest, element: Outgoing, changed: frozenset[str], before: Books) -> list[Path]:
    paths = [path for name in changed for path in FIELDS[request.kind].get(name, ())]
    if request.kind != "invoice" or not changed & {"lines", "amounts", "currency"}:
        return paths
    paths += [(name,) for name in TOTALS]
    there = before["invoice"][element.remote_id]
    if element.source.get("UpdatedDateUTC") != there[("UpdatedDateUTC",)]:
        return [*paths, ("LineItems",)]  # somebody was there after our look, and Xero has no If-Match
    return [*paths, *_line_paths(element, changed, there)]


def _new_lines(was: Flat, now: Flat) -> list[Path]:
    order = ("LineItems", "order")
    return [("LineItems", line_id) for line_id in now[order] if line_id not in was[order]]


def _line_paths(element: Outgoing, changed: frozenset[str], there: Flat) -> Iterator[Path]:
    """Of each line what was edited here; where lines came or went or changed places, their order."""
    agreed = {line.remote_id: line for line in cast(InvoiceDoc, element.agreed).lines}
    wanted = cast(InvoiceDoc, element.document).lines
    ours = {line.remote_id: line for line in wanted if line.remote_id}
    standing = there["LineItems", "order"]
    if len(ours) < len(wanted):
        yield NEW_LINES
    if [line.remote_id for line in wanted] != standing:
        yield ("LineItems", "order")
    for line_id in standing:
        if line_id not in ours:
            yield ("LineItems", line_id)
        else:
            for name in _line_moves(ours[line_id], agreed.get(line_id), changed, element.insisted):
                yield ("LineItems", line_id, name)


def _line_moves(
    ours: LineDoc, agreed: LineDoc | None, changed: frozenset[str], insisted: frozenset[str]
) -> Iterator[str]:
    for name, keys in LINE_FIELDS.items():
        if agreed is None or getattr(ours, name) != getattr(agreed, name):
            yield from keys
    if "amounts" in changed:
        yield from ("TaxType", "TaxAmount")
    if agreed is not None and "lines" in insisted and ours.tax_amount != agreed.tax_amount:
        yield "TaxAmount"
