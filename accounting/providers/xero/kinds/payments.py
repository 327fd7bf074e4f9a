"""Payments: made and deleted, never changed (Xero docs: Payments)."""

from __future__ import annotations

from typing import cast

from accounting.port.documents import Outgoing, PaymentDoc
from accounting.providers.xero import wire
from accounting.providers.xero.wire import Json

ENVELOPE, ID_FIELD = "Payments", "PaymentID"


def encode(element: Outgoing) -> Json:
    """A new payment."""
    doc = cast(PaymentDoc, element.document)
    return {
        "Invoice": {"InvoiceID": doc.invoice_id},
        "Account": {"AccountID": doc.account_id},
        "Date": doc.date.isoformat(),
        "Amount": wire.number(doc.amount),
        "Reference": doc.reference,
    }


def remove(element: Outgoing) -> Json:
    """What deletes it."""
    return {"Status": "DELETED"}


def decode(source: Json) -> PaymentDoc:
    """One payment. Raises Unreadable."""
    return PaymentDoc(
        invoice_id=wire.text(source.get("Invoice") or {}, "InvoiceID"),
        amount=wire.decimal(source, "Amount"),
        date=wire.date(source, "Date"),
        reference=wire.text(source, "Reference"),
        account_id=wire.text(source.get("Account") or {}, "AccountID"),
        removed=wire.text(source, "Status") == "DELETED",
        remote_id=wire.text(source, "PaymentID"),
    )


def decode_embedded(invoice: Json) -> tuple[PaymentDoc, ...]:
    """The payments an invoice shows: live ones only, Xero leaves deleted ones out (Xero docs: Invoices, "Payments")."""
    target = {"InvoiceID": wire.text(invoice, "InvoiceID")}
    return tuple(decode({**item, "Invoice": target}) for item in wire.objects(invoice, "Payments"))
