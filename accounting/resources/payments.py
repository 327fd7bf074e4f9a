"""Payments, pushed one by one and pulled with their invoice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from django.db.models import F, QuerySet

from accounting.enums import Choice, Kind, LinkState
from accounting.models import Link
from accounting.port.documents import InvoiceDoc, PaymentDoc
from accounting.port.exchange import RemoteRecord
from accounting.resources.base import Intent, SettlementResource
from accounting.resources.desk import Desk
from accounting.resources.needs import Need
from accounting.resources.periods import parked_until_open
from accounting.resources.rules import Rules
from accounting.resources.words import Named, Words
from core.refusals import Refused
from core.templatetags.display import day as say_day
from core.templatetags.display import money
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.queries import lock_invoice
from payments.models import Payment
from payments.services import record_payment, reverse_payment, update_payment_from_remote
from workspaces.models import User

_REFUSED = {
    "paid": (
        "In Xero the invoice is already paid, so it takes no more payments. Reverse this one if it is the same money, "
        "or have the other removed in Xero."
    ),
    "voided": "In Xero the invoice is voided, so it takes no payment. Reverse this one.",
    "deleted": "In Xero the invoice is deleted, so it takes no payment. Reverse this one.",
}


class PaymentResource(SettlementResource):
    """A payment is created and deleted in Xero, never changed (Xero docs: Payments)."""

    kind = Kind.PAYMENT
    words = Words(
        name="payment",
        title="Payment",
        removed="Reversed",
        removed_there="Deleted in Xero.",
        never_sent="Reversed before it was ever sent to Xero.",
    )
    choices = frozenset({Choice.PAYMENT_ACCOUNT})
    parents = {"invoice": Kind.INVOICE, "invoice__customer": Kind.CUSTOMER}
    fields_synced = frozenset({"amount", "date", "reference", "bank_amount", "reversed_at"})

    def load(self, local_ids: Iterable[UUID]) -> dict[UUID, Payment]:
        rows = Payment.objects.filter(pk__in=list(local_ids)).select_related("invoice__customer")
        return {row.pk: row for row in rows}

    def lock(self, local_id: UUID) -> Payment | None:
        """The invoice first: whoever changes a payment holds that."""
        row = Payment.objects.filter(pk=local_id).first()
        if row is None:
            return None
        lock_invoice(row.invoice_id)
        return self.load([local_id]).get(local_id)

    def intent(self, record: Payment, link: Link | None, rules: Rules) -> Intent:
        if not record.is_reversed:
            return "upsert" if link is None and rules.sends_payments else "hold"
        return "remove" if link and link.state != LinkState.TOMBSTONED else "hold"

    def candidates(self, rules: Rules) -> QuerySet[Payment]:
        return Payment.objects.filter(reversed_at=None) if rules.sends_payments else Payment.objects.none()

    def kept_here(self, record: Payment, rules: Rules) -> str:
        if record.is_reversed or rules.sends_payments:
            return self.words.never_sent
        return "Payments do not go to Xero, as chosen in Settings > Accounting."

    def comes(self, rules: Rules) -> bool:
        return rules.takes_payments

    def worth(self) -> QuerySet[Payment]:
        return Payment.objects.annotate(worth=F("amount"), worth_in=F("invoice__currency"))

    def currency(self, record: Payment) -> str:
        return record.invoice.currency

    def needs(self, record: Payment) -> Iterable[tuple[Kind, UUID]]:
        yield Kind.INVOICE, record.invoice_id

    def first_need(self, record: Payment, intent: Intent, desk: Desk) -> Need | None:
        """The invoice, and its approval: Xero takes no payment on a draft."""
        if intent == "upsert" and not desk.remote_id(Kind.INVOICE, record.invoice_id):
            name, day = f"invoice {record.invoice.number}", record.invoice.issue_date
            return Need(Kind.INVOICE, record.invoice_id, name, day=day, over=_over(record.invoice))
        if intent == "upsert" and _is_unapproved(desk.link(Kind.INVOICE, record.invoice_id)):
            return Need(Kind.INVOICE, record.invoice_id, "the invoice", approval=True)
        return None

    def parked(self, record: Payment, link: Link | None, desk: Desk) -> str:
        return parked_until_open(desk, record.date)

    def to_document(self, record: Payment, desk: Desk) -> PaymentDoc:
        link = desk.link(Kind.PAYMENT, record.pk)
        if link:
            account = link.base.get("account_id", "")
        else:
            account = desk.require_payment_account(record.invoice.currency).account_id
        return PaymentDoc(
            invoice_id=desk.remote_id(Kind.INVOICE, record.invoice_id),
            amount=record.amount,
            date=record.date,
            reference=record.reference,
            account_id=account,
            bank_amount=record.bank_amount,
            removed=record.is_reversed,
        )

    def apply_remote(self, record: Payment, theirs: RemoteRecord, desk: Desk) -> Payment:
        document = cast(PaymentDoc, theirs.document)
        if document.removed:
            return reverse_payment(payment=record, by=None)
        return self.change(record, document)

    def redate(self, record: Payment, day: dt.date, by: User) -> str:
        """Nobody changes a payment, so it is taken back and recorded under the other day."""
        if record.date >= day or record.is_reversed:
            return ""
        if Link.objects.filter(kind=Kind.PAYMENT, local_id=record.pk).exists():
            raise Refused("Xero has this payment already, so its date stays.")
        reverse_payment(payment=record, by=by)
        record_payment(
            invoice=record.invoice,
            amount=record.amount,
            date=day,
            reference=record.reference,
            bank_amount=record.bank_amount,
            by=by,
        )
        return f"{say_day(record.date)} becomes {say_day(day)}"

    def label(self, record: Payment) -> str:
        return f"payment of {record.amount} on invoice {record.invoice.number}"

    def named(self, local_ids: Iterable[UUID]) -> Iterable[Named]:
        for payment in Payment.objects.filter(pk__in=list(local_ids)).select_related("invoice"):
            name = f"Payment of {_amount(payment)} on {payment.invoice.number}"
            yield Named(payment.pk, name, "invoices:detail", payment.invoice_id)

    def against(self, parent_id: UUID) -> QuerySet[Payment]:
        rows = Payment.objects.filter(invoice=parent_id).select_related("invoice")
        return rows.order_by("date", "id")

    def is_reversed(self, record: Payment) -> bool:
        return record.is_reversed

    def record(self, parent: Invoice, document: PaymentDoc) -> Payment:
        if parent.status == InvoiceStatus.VOIDED:
            raise Refused(_on_voided(parent, document))
        return record_payment(
            invoice=parent,
            amount=document.amount,
            date=document.date,
            reference=document.reference,
            rate=document.rate,
            by=None,
        )

    def differs(self, record: Payment, document: PaymentDoc) -> bool:
        theirs = document.amount, document.date, document.reference, document.rate
        return (record.amount, record.date, record.reference, record.rate) != theirs

    def change(self, record: Payment, document: PaymentDoc) -> Payment:
        return update_payment_from_remote(
            payment=record,
            amount=document.amount,
            date=document.date,
            reference=document.reference,
            rate=document.rate,
        )

    def reverse(self, record: Payment) -> None:
        reverse_payment(payment=record, by=None)

    def twins(self, ours: Iterable[Payment], document: PaymentDoc) -> Iterable[Payment]:  # type: ignore[override]
        """The same amount of the same day, or of another day where there is no room for both."""
        alive = [payment for payment in ours if not payment.is_reversed]
        crowded = _is_more_than_due(alive, document)
        alike = (payment for payment in alive if payment.amount == document.amount)
        return [payment for payment in alike if crowded or payment.date == document.date]

    def document_like(self, record: Payment, document: PaymentDoc) -> PaymentDoc:
        return PaymentDoc(
            invoice_id=document.invoice_id,
            amount=record.amount,
            date=record.date,
            reference=record.reference,
            account_id=document.account_id,
        )

    def say_new(self, record: Payment) -> str:
        return f"Payment of {_amount(record)} recorded in Xero."

    def say_found(self, record: Payment) -> str:
        return "The same payment was found in Xero and linked."

    def say_gone(self, record: Payment) -> str:
        return f"The payment of {_amount(record)} was deleted in Xero."

    def kept_there(self, agreed: PaymentDoc) -> str:
        if not agreed.batch_id:
            return ""
        return "In Xero it is part of a batch payment, and is only taken back there, with the whole batch."

    def refused_by(self, standing: str) -> str:
        return _REFUSED.get(standing, "")


def _amount(payment: Payment) -> str:
    return money(payment.amount, payment.invoice.currency)


def _over(invoice: Invoice) -> str:
    if invoice.status != InvoiceStatus.VOIDED:
        return ""
    return f"Invoice {invoice.number} is voided. Reverse the payment: a voided invoice takes none."


def _on_voided(invoice: Invoice, document: PaymentDoc) -> str:
    amount = money(document.amount, invoice.currency)
    return (
        f"a payment of {amount} stands on it there, and {invoice.number} is voided here. "
        "Have the payment removed in Xero, or take Xero's version."
    )


def _is_more_than_due(alive: Sequence[Payment], document: PaymentDoc) -> bool:
    """Whether what we have and this one would come to more than the invoice: then one of them is told twice."""
    if not alive:
        return False
    invoice = alive[0].invoice
    return sum((payment.amount for payment in alive), document.amount) > invoice.total - invoice.credited


def _is_unapproved(link: Link | None) -> bool:
    return link is not None and link.base.get(InvoiceDoc.standing_field) in ("draft", "submitted")
