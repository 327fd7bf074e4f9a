"""Payments: made and deleted, never changed (Xero docs: Payments)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, cast

from msgspec.structs import replace

from accounting.port.documents import PaymentDoc
from accounting.port.exchange import Encoded, FrozenRequest, Outgoing, Verb
from accounting.providers.xero import wire
from accounting.providers.xero.kinds.base import Call, Codec
from accounting.providers.xero.shapes import Element, Number, Shape, Text, amount, amount_or_none, shaped
from accounting.providers.xero.wire import Json, Told

_REMOVAL: Json = {"Status": "DELETED"}


class Paid(Shape):
    """What it pays."""

    InvoiceID: Text = None


class PaidInto(Shape):
    """Where the money went."""

    AccountID: Text = None


class Batch(Shape):
    """The payment of many at once that it is part of."""

    BatchPaymentID: Text = None


class Refunded(Shape):
    """What it pays back."""

    CreditNoteID: Text = None


class Payment(Element):
    """A payment as Xero writes it; on a document without its target."""

    PaymentID: Text = None
    Invoice: Paid | None = None
    CreditNote: Refunded | None = None
    Account: PaidInto | None = None
    Amount: Number = None
    Date: Text = None
    DateString: Text = None
    Reference: Text = None
    CurrencyRate: Number = None
    Status: Text = None
    BankAmount: Number = None
    BatchPaymentID: Text = None
    BatchPayment: Batch | None = None


class MoneyCodec(Codec):
    """Xero's side of money that is a payment there, whatever it settles."""

    envelope = "Payments"
    id_field = "PaymentID"
    shape = Payment
    category = None  # what its events say, those of what it settles say too, and that one shows it
    scope = "accounting.payments"
    deep_link = "/Bank/ViewTransaction.aspx?bankTransactionID={id}"
    writers = {"create": "create_payments", "remove": "delete_payment"}
    lister = "get_payments"

    @abstractmethod
    def target(self, document: Any) -> Json:
        """What it settles, as Xero names it."""

    def encode(self, element: Outgoing) -> Json:
        doc = cast(Any, element.document)
        return {
            **self.target(doc),
            "Account": {"AccountID": doc.account_id},
            "Date": doc.date,
            "Amount": doc.amount,
            "Reference": doc.reference,
        }

    def remove(self, element: Outgoing) -> Json:
        return {**_REMOVAL}

    def common(self, told: Payment) -> dict[str, Any]:
        """What every such document says, whatever it settles. Raises Unreadable."""
        return {
            "amount": amount(told.Amount),
            "date": wire.date(told, "Date"),
            "reference": told.Reference or "",
            "account_id": (told.Account or PaidInto()).AccountID or "",
            "removed": told.Status == "DELETED",
            "remote_id": told.PaymentID or "",
        }

    def batch_size(self, verb: Verb) -> int:
        """They are deleted one by one: the endpoint takes a single id (Xero docs: Payments)."""
        return 1 if verb == "remove" else super().batch_size(verb)

    def freeze(self, verb: Verb, elements: Sequence[Encoded], key: str) -> FrozenRequest:
        if verb != "remove":
            return super().freeze(verb, elements, key)
        (one,) = elements
        path = f"/{self.envelope}/{one.remote_id}"
        return FrozenRequest(self.kind, verb, "POST", path, wire.dump(_REMOVAL), key, 1)

    def writing(self, request: FrozenRequest) -> Call:
        if request.verb != "remove":
            return super().writing(request)
        return Call(self.writers["remove"], ids=(request.path.rsplit("/", 1)[1],))

    def reading(self, remote_ids: Sequence[str]) -> Sequence[Call]:
        """There is no IDs= filter; OR on PaymentId is an optimised one (Xero docs: Payments)."""
        return [self.listing(where=any_of("PaymentId", remote_ids))]


class PaymentCodec(MoneyCodec):
    kind = "payment"

    def target(self, document: PaymentDoc) -> Json:
        return {"Invoice": {"InvoiceID": document.invoice_id}}

    def encode(self, element: Outgoing) -> Json:
        body, banked = super().encode(element), cast(PaymentDoc, element.document).bank_amount
        return body if banked is None else {**body, "BankAmount": banked}

    def decode(self, source: Told) -> PaymentDoc:
        told = shaped(source, Payment)
        return PaymentDoc(
            **self.common(told),
            invoice_id=(told.Invoice or Paid()).InvoiceID or "",
            bank_amount=amount_or_none(told.BankAmount),
            rate=_rate(told),
            batch_id=told.BatchPaymentID or (told.BatchPayment or Batch()).BatchPaymentID or "",
        )

    def embedded(self, payments: Iterable[Payment], invoice_id: str) -> tuple[PaymentDoc, ...]:
        """The payments an invoice shows: live ones only, Xero leaves deleted ones out (Xero docs: Invoices,
        "Payments"). Raises Unreadable."""
        return tuple(replace(self.decode(payment), invoice_id=invoice_id) for payment in payments)

    def look_up(self, elements: Sequence[Outgoing]) -> Sequence[Call]:
        invoices = dict.fromkeys(cast(PaymentDoc, element.document).invoice_id for element in elements)
        return [self.listing(where=any_of("Invoice.InvoiceId", invoices))]


def _rate(told: Payment) -> Decimal | None:
    """Xero writes a rate of 1 where there is none to tell (Xero docs: Payments, "CurrencyRate")."""
    rate = amount_or_none(told.CurrencyRate)
    return None if rate == 1 else rate


def any_of(field: str, ids: Iterable[str]) -> str:
    """The records in which this field is one of these ids."""
    return " OR ".join(f'{field}==guid("{remote_id}")' for remote_id in ids)
