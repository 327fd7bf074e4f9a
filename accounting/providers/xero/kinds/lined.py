"""Documents with lines. Fields left out keep their value, lines are written all or none (Xero docs: Invoices)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from accounting.port.documents import Amounts, LinedDocument, State
from accounting.port.exchange import Outgoing
from accounting.providers.xero import wire
from accounting.providers.xero.kinds import lines
from accounting.providers.xero.kinds.base import Codec
from accounting.providers.xero.kinds.lines import Line
from accounting.providers.xero.shapes import Shape, Text, amount, many
from accounting.providers.xero.wire import Json, Unreadable

AMOUNTS: Mapping[str, str] = {"exclusive": "Exclusive", "inclusive": "Inclusive", "no_tax": "NoTax"}
AMOUNTS_BACK = {theirs: ours for ours, theirs in AMOUNTS.items()}
STATES = ("draft", "submitted", "authorised", "paid", "voided", "deleted")
RECOMPUTED_BY = {"lines", "amounts", "currency"}
"""A change of these is a change of lines: the tax of each depends on how amounts are meant."""

_HEAD = {
    "contact_id": "Contact", "reference": "Reference", "issue_date": "Date", "due_date": "DueDate",
    "currency": "CurrencyCode", "amounts": "LineAmountTypes",
}  # fmt: skip


class Customer(Shape):
    """Who it is for."""

    ContactID: Text = None


class LinedCodec(Codec):
    """Xero's side of one kind with lines.

    - `sales_type`: the type of those that are ours; `number_field`: where their number stands.
    """

    sales_type: ClassVar[str]
    number_field: ClassVar[str]
    scope = "accounting.invoices"
    write_options = {"unitdp": 4}

    def encode(self, element: Outgoing) -> Json:
        doc = cast(LinedDocument, element.document)
        is_new = not element.remote_id
        body = self._head(doc)
        if not is_new:
            fields = {**_HEAD, "number": self.number_field}
            kept = {"Type", *(fields[name] for name in element.changed & fields.keys())}
            body = {key: value for key, value in body.items() if key in kept}
        if is_new or element.changed & RECOMPUTED_BY:
            body |= _encode_lines(doc, element)
        if doc.state and (is_new or "status" in element.changed):
            body["Status"] = doc.state.upper()
        return body

    def _head(self, doc: LinedDocument) -> Json:
        head: Json = {
            "Type": self.sales_type,
            "Contact": {"ContactID": doc.contact_id},
            self.number_field: doc.number,
            "Reference": doc.reference,
            "Date": doc.issue_date,
            "CurrencyCode": doc.currency,
            "LineAmountTypes": AMOUNTS[doc.amounts],
        }
        if doc.due_date:
            head["DueDate"] = doc.due_date
        return head

    def remove(self, element: Outgoing) -> Json:
        """Drafts are deleted, approved ones voided: the wrong word is refused (Xero docs: Invoices, "Status
        codes")."""
        state = cast(LinedDocument, element.document).state
        return {"Status": "DELETED" if state in ("draft", "submitted") else "VOIDED"}

    def common(self, told: Any) -> dict[str, Any]:
        """What a document of every such kind says, of an element in the kind's shape. Raises Unreadable."""
        return {
            "number": getattr(told, self.number_field) or "",
            "reference": told.Reference or "",
            "contact_id": (told.Contact or Customer()).ContactID or "",
            "issue_date": wire.date(told, "Date"),
            "currency": told.CurrencyCode or "",
            "amounts": _amounts(told.LineAmountTypes or "Exclusive"),
            "lines": tuple(map(lines.decode, many(told.LineItems, Line))),
            "state": _state(told.Status or ""),
            "net": amount(told.SubTotal),
            "tax": amount(told.TotalTax),
            "total": amount(told.Total),
            "rate": amount(told.CurrencyRate, lines.ONE),
            "is_sale": (told.Type or self.sales_type) == self.sales_type,
        }


def _encode_lines(doc: LinedDocument, element: Outgoing) -> Json:
    """Lines without a rate would reset the rate of a foreign document (Xero docs: Invoices, "CurrencyRate")."""
    taxed = doc.amounts != "no_tax"
    if not element.remote_id:
        return {"LineItems": [lines.encode_new(line, taxed=taxed) for line in doc.lines]}
    agreed = cast(LinedDocument, element.agreed).lines if element.agreed else ()
    there = wire.objects(element.source, "LineItems")
    taxing = lines.Taxing(taxed, anew="amounts" in element.changed, ours="lines" in element.insisted)
    body: Json = {"LineItems": lines.encode_all(doc.lines, agreed, there, taxing)}
    if doc.rate is not None:
        body["CurrencyRate"] = doc.rate
    return body


def _amounts(word: str) -> Amounts:
    if word not in AMOUNTS_BACK:
        raise Unreadable(f"LineAmountTypes {word!r}")
    return cast(Amounts, AMOUNTS_BACK[word])


def _state(word: str) -> State:
    if word.lower() not in STATES:
        raise Unreadable(f"Status {word!r}")
    return cast(State, word.lower())
