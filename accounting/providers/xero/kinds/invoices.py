"""Sales invoices. Fields left out keep their value, lines are written all or none (Xero docs: Invoices)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from accounting.port.documents import Amounts, InvoiceDoc, InvoiceState, Outgoing
from accounting.providers.xero import wire
from accounting.providers.xero.kinds import lines, payments
from accounting.providers.xero.wire import Json, Source, Unreadable

ENVELOPE, ID_FIELD = "Invoices", "InvoiceID"
AMOUNTS: Mapping[str, str] = {"exclusive": "Exclusive", "inclusive": "Inclusive", "no_tax": "NoTax"}
AMOUNTS_BACK = {theirs: ours for ours, theirs in AMOUNTS.items()}
STATES = ("draft", "submitted", "authorised", "paid", "voided", "deleted")
RECOMPUTED_BY = {"lines", "amounts", "currency"}
"""A change of these is a change of lines: the tax of each depends on how amounts are meant."""

_HEAD: Mapping[str, Callable[[InvoiceDoc], Json]] = {
    "contact_id": lambda doc: {"Contact": {"ContactID": doc.contact_id}},
    "number": lambda doc: {"InvoiceNumber": doc.number},
    "reference": lambda doc: {"Reference": doc.reference},
    "issue_date": lambda doc: {"Date": doc.issue_date.isoformat()},
    "due_date": lambda doc: {"DueDate": doc.due_date.isoformat()} if doc.due_date else {},
    "currency": lambda doc: {"CurrencyCode": doc.currency},
    "amounts": lambda doc: {"LineAmountTypes": AMOUNTS[doc.amounts]},
}


def encode(element: Outgoing) -> Json:
    """A new invoice whole; of one that is there, what changed here."""
    doc = cast(InvoiceDoc, element.document)
    is_new = not element.remote_id
    body: Json = {"Type": "ACCREC"}
    for name, write in _HEAD.items():
        if is_new or name in element.changed:
            body |= write(doc)
    if is_new or element.changed & RECOMPUTED_BY:
        body |= _encode_lines(doc, element)
    if doc.state:
        body["Status"] = doc.state.upper()
    if is_new and doc.url:
        body["Url"] = doc.url
    return body


def _encode_lines(doc: InvoiceDoc, element: Outgoing) -> Json:
    """Lines without a rate would reset the rate of a foreign document (Xero docs: Invoices, "CurrencyRate")."""
    taxed = doc.amounts != "no_tax"
    if not element.remote_id:
        return {"LineItems": [lines.encode_new(line, taxed=taxed) for line in doc.lines]}
    agreed = cast(InvoiceDoc, element.agreed).lines if element.agreed else ()
    there = wire.objects(element.source, "LineItems")
    keeps_tax = "amounts" not in element.changed
    body: Json = {"LineItems": lines.encode_all(doc.lines, agreed, there, taxed=taxed, keeps_tax=keeps_tax)}
    if doc.rate is not None:
        body["CurrencyRate"] = wire.number(doc.rate)
    return body


def remove(element: Outgoing) -> Json:
    """Drafts are deleted, approved invoices voided: the wrong word is refused (Xero docs: Invoices, "Status codes")."""
    state = cast(InvoiceDoc, element.document).state
    return {"Status": "DELETED" if state in ("draft", "submitted") else "VOIDED"}


def decode(source: Source) -> InvoiceDoc:
    """One invoice. Raises Unreadable."""
    return InvoiceDoc(
        number=wire.text(source, "InvoiceNumber"),
        reference=wire.text(source, "Reference"),
        contact_id=wire.text(source.get("Contact") or {}, "ContactID"),
        issue_date=wire.date(source, "Date"),
        due_date=wire.date_or_none(source, "DueDate"),
        currency=wire.text(source, "CurrencyCode"),
        amounts=_amounts(source),
        lines=tuple(lines.decode(line) for line in wire.objects(source, "LineItems")),
        state=_state(source),
        net=wire.decimal(source, "SubTotal"),
        tax=wire.decimal(source, "TotalTax"),
        total=wire.decimal(source, "Total"),
        amount_paid=wire.decimal(source, "AmountPaid"),
        amount_credited=wire.decimal(source, "AmountCredited"),
        rate=wire.decimal(source, "CurrencyRate", "1"),
        payments=payments.decode_embedded(dict(source)),
        is_sale=wire.text(source, "Type") in ("ACCREC", ""),
    )


def _amounts(source: Source) -> Amounts:
    word = wire.text(source, "LineAmountTypes") or "Exclusive"
    if word not in AMOUNTS_BACK:
        raise Unreadable(f"LineAmountTypes {word!r}")
    return cast(Amounts, AMOUNTS_BACK[word])


def _state(source: Source) -> InvoiceState:
    word = wire.text(source, "Status").lower()
    if word not in STATES:
        raise Unreadable(f"Status {word!r}")
    return cast(InvoiceState, word)
