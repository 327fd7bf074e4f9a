"""Sales invoices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from accounting.port.documents import InvoiceDoc, PaymentDoc
from accounting.port.exchange import Outgoing
from accounting.providers.xero import wire
from accounting.providers.xero.kinds.base import Call
from accounting.providers.xero.kinds.lined import Customer, LinedCodec
from accounting.providers.xero.kinds.lines import Line
from accounting.providers.xero.kinds.payments import Payment, PaymentCodec
from accounting.providers.xero.shapes import Element, Many, Number, Text, amount, many, shaped
from accounting.providers.xero.wire import Json, Told

APPROVED = ("authorised", "paid")
LONGEST_LIST = 4000
"""Characters of numbers that one address may carry; Xero takes about 8,000 of it in all."""

_PAYMENTS = PaymentCodec()


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


class InvoiceCodec(LinedCodec):
    kind = "invoice"
    envelope = "Invoices"
    id_field = "InvoiceID"
    number_field = "InvoiceNumber"
    sales_type = "ACCREC"
    shape = Invoice
    category = "INVOICE"
    deep_link = "/AccountsReceivable/Edit.aspx?InvoiceID={id}"
    writers = {
        "create": "create_invoices",
        "update": "update_or_create_invoices",
        "remove": "update_or_create_invoices",
    }
    lister = "get_invoices"
    list_options = {"include_archived": "true", "unitdp": 4}  # else those of archived contacts are left out
    names_per_call = 100
    untold = frozenset({"lines", "payments"})

    def encode(self, element: Outgoing) -> Json:
        doc, body = cast(InvoiceDoc, element.document), super().encode(element)
        if doc.marks_sent and _is_approved_by(element):
            body["SentToContact"] = True
        if doc.url and not element.remote_id:
            body["Url"] = doc.url
        return body

    def decode(self, source: Told) -> InvoiceDoc:
        told = shaped(source, Invoice)
        return InvoiceDoc(
            **self.common(told),
            due_date=wire.date_or_none(told, "DueDate"),
            amount_paid=amount(told.AmountPaid),
            amount_credited=amount(told.AmountCredited),
            payments=_payments(told) if told.Payments else (),
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


def _payments(told: Invoice) -> tuple[PaymentDoc, ...]:
    return _PAYMENTS.embedded(many(told.Payments, Payment), told.InvoiceID or "")
