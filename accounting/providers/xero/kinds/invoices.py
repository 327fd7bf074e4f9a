"""Sales invoices. Fields left out keep their value, lines are written all or none (Xero docs: Invoices)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from accounting.port.documents import Amounts, InvoiceDoc, PaymentDoc, State
from accounting.port.exchange import Outgoing
from accounting.providers.xero import wire
from accounting.providers.xero.kinds import lines
from accounting.providers.xero.kinds.base import Call, Codec
from accounting.providers.xero.kinds.lines import Line
from accounting.providers.xero.kinds.payments import Payment, PaymentCodec
from accounting.providers.xero.shapes import Element, Many, Number, Shape, Text, amount, many, shaped
from accounting.providers.xero.wire import Json, Told, Unreadable

AMOUNTS: Mapping[str, str] = {"exclusive": "Exclusive", "inclusive": "Inclusive", "no_tax": "NoTax"}
AMOUNTS_BACK = {theirs: ours for ours, theirs in AMOUNTS.items()}
STATES = ("draft", "submitted", "authorised", "paid", "voided", "deleted")
APPROVED = ("authorised", "paid")
RECOMPUTED_BY = {"lines", "amounts", "currency"}
"""A change of these is a change of lines: the tax of each depends on how amounts are meant."""
LONGEST_LIST = 4000
"""Characters of numbers that one address may carry; Xero takes about 8,000 of it in all."""

_HEAD = {
    "contact_id": "Contact", "number": "InvoiceNumber", "reference": "Reference", "issue_date": "Date",
    "due_date": "DueDate", "currency": "CurrencyCode", "amounts": "LineAmountTypes",
}  # fmt: skip
_PAYMENTS = PaymentCodec()


class Customer(Shape):
    """Who it is for."""

    ContactID: Text = None


class Invoice(Element):
    """An invoice as Xero writes it; one of a summary has no lines."""

    Type: Text = None
    InvoiceID: Text = None
    InvoiceNumber: Text = None
    Reference: Text = None
    Payments: Many[Payment] = None
    AmountPaid: Number = None
    AmountCredited: Number = None
    CurrencyRate: Number = None
    Contact: Customer | None = None
    DateString: Text = None
    Date: Text = None
    DueDateString: Text = None
    DueDate: Text = None
    Status: Text = None
    LineAmountTypes: Text = None
    LineItems: Many[Line] = None
    SubTotal: Number = None
    TotalTax: Number = None
    Total: Number = None
    CurrencyCode: Text = None


class InvoiceCodec(Codec):
    kind = "invoice"
    envelope = "Invoices"
    id_field = "InvoiceID"
    shape = Invoice
    category = "INVOICE"
    scope = "accounting.invoices"
    deep_link = "/AccountsReceivable/Edit.aspx?InvoiceID={id}"
    writers = {
        "create": "create_invoices",
        "update": "update_or_create_invoices",
        "remove": "update_or_create_invoices",
    }
    lister = "get_invoices"
    list_options = {"include_archived": "true", "unitdp": 4}  # else those of archived contacts are left out
    write_options = {"unitdp": 4}
    names_per_call = 100
    untold = frozenset({"lines", "payments"})

    def encode(self, element: Outgoing) -> Json:
        doc = cast(InvoiceDoc, element.document)
        is_new = not element.remote_id
        body = _encode_head(doc)
        if not is_new:
            kept = {"Type", *(_HEAD[name] for name in element.changed & _HEAD.keys())}
            body = {key: value for key, value in body.items() if key in kept}
        if is_new or element.changed & RECOMPUTED_BY:
            body |= _encode_lines(doc, element)
        if doc.state and (is_new or "status" in element.changed):
            body["Status"] = doc.state.upper()
        if doc.marks_sent and _is_approved_by(element):
            body["SentToContact"] = True
        if is_new and doc.url:
            body["Url"] = doc.url
        return body

    def remove(self, element: Outgoing) -> Json:
        """Drafts are deleted, approved invoices voided: the wrong word is refused (Xero docs: Invoices, "Status
        codes")."""
        state = cast(InvoiceDoc, element.document).state
        return {"Status": "DELETED" if state in ("draft", "submitted") else "VOIDED"}

    def decode(self, source: Told) -> InvoiceDoc:
        told = shaped(source, Invoice)
        return InvoiceDoc(
            number=told.InvoiceNumber or "",
            reference=told.Reference or "",
            contact_id=(told.Contact or Customer()).ContactID or "",
            issue_date=wire.date(told, "Date"),
            due_date=wire.date_or_none(told, "DueDate"),
            currency=told.CurrencyCode or "",
            amounts=_amounts(told.LineAmountTypes or "Exclusive"),
            lines=tuple(map(lines.decode, many(told.LineItems, Line))),
            state=_state(told.Status or ""),
            net=amount(told.SubTotal),
            tax=amount(told.TotalTax),
            total=amount(told.Total),
            amount_paid=amount(told.AmountPaid),
            amount_credited=amount(told.AmountCredited),
            rate=amount(told.CurrencyRate, lines.ONE),
            payments=_payments(told) if told.Payments else (),
            is_sale=(told.Type or "ACCREC") == "ACCREC",
        )

    def reading(self, remote_ids: Sequence[str]) -> Sequence[Call]:
        return [self.listing(i_ds=list(remote_ids))]

    def look_up(self, elements: Sequence[Outgoing]) -> Sequence[Call]:
        return self.having([cast(InvoiceDoc, element.document).number for element in elements])

    def having(self, keys: Sequence[str]) -> Sequence[Call]:
        return [self.listing(invoice_numbers=numbers) for numbers in _in_pieces(keys)]


def _is_approved_by(element: Outgoing) -> bool:
    """Whether this write approves it: of others Xero takes no such mark, and theirs is not touched afterwards (Xero
    docs: Invoices, "SentToContact")."""
    doc, agreed = cast(InvoiceDoc, element.document), cast(InvoiceDoc | None, element.agreed)
    is_moved = not element.remote_id or "status" in element.changed
    was_approved = agreed is not None and agreed.state in APPROVED
    return is_moved and doc.state in APPROVED and not was_approved


def _in_pieces(numbers: Sequence[str]) -> Iterator[list[str]]:
    piece: list[str] = []
    for number in numbers:
        if piece and sum(map(len, piece)) + len(number) > LONGEST_LIST:
            yield piece
            piece = []
        piece.append(number)
    if piece:
        yield piece


def _encode_head(doc: InvoiceDoc) -> Json:
    head: Json = {
        "Type": "ACCREC",
        "Contact": {"ContactID": doc.contact_id},
        "InvoiceNumber": doc.number,
        "Reference": doc.reference,
        "Date": doc.issue_date,
        "CurrencyCode": doc.currency,
        "LineAmountTypes": AMOUNTS[doc.amounts],
    }
    if doc.due_date:
        head["DueDate"] = doc.due_date
    return head


def _encode_lines(doc: InvoiceDoc, element: Outgoing) -> Json:
    """Lines without a rate would reset the rate of a foreign document (Xero docs: Invoices, "CurrencyRate")."""
    taxed = doc.amounts != "no_tax"
    if not element.remote_id:
        return {"LineItems": [lines.encode_new(line, taxed=taxed) for line in doc.lines]}
    agreed = cast(InvoiceDoc, element.agreed).lines if element.agreed else ()
    there = wire.objects(element.source, "LineItems")
    taxing = lines.Taxing(taxed, anew="amounts" in element.changed, ours="lines" in element.insisted)
    body: Json = {"LineItems": lines.encode_all(doc.lines, agreed, there, taxing)}
    if doc.rate is not None:
        body["CurrencyRate"] = doc.rate
    return body


def _payments(told: Invoice) -> tuple[PaymentDoc, ...]:
    return _PAYMENTS.embedded(many(told.Payments, Payment), told.InvoiceID or "")


def _amounts(word: str) -> Amounts:
    if word not in AMOUNTS_BACK:
        raise Unreadable(f"LineAmountTypes {word!r}")
    return cast(Amounts, AMOUNTS_BACK[word])


def _state(word: str) -> State:
    if word.lower() not in STATES:
        raise Unreadable(f"Status {word!r}")
    return cast(State, word.lower())
