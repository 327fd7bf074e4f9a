"""Payments, pushed one by one and pulled with their invoice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from django.db.models import QuerySet

from accounting.enums import Kind, LinkState
from accounting.models import Link
from accounting.port.documents import PaymentDoc, RemoteRecord
from accounting.resources.base import Desk, Intent, Need
from invoices.queries import lock_invoice
from payments.models import Payment
from payments.services import reverse_payment, update_payment_from_remote


class PaymentResource:
    """A payment is created and deleted in Xero, never changed (Xero docs: Payments)."""

    kind = Kind.PAYMENT
    fields_synced = frozenset({"amount", "date", "reference", "reversed_at"})

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

    def intent(self, record: Payment, link: Link | None) -> Intent:
        if not record.is_reversed:
            return "upsert" if link is None else "hold"
        return "remove" if link and link.state != LinkState.TOMBSTONED else "hold"

    def candidates(self) -> QuerySet[Payment]:
        return Payment.objects.filter(reversed_at=None)

    def held_back(self, record: Payment) -> str:
        return ""

    def needs(self, record: Payment) -> Iterable[tuple[Kind, UUID]]:
        yield Kind.INVOICE, record.invoice_id

    def first_need(self, record: Payment, intent: Intent, desk: Desk) -> Need | None:
        """The invoice, and its approval: Xero takes no payment on a draft."""
        if intent == "upsert" and not desk.remote_id(Kind.INVOICE, record.invoice_id):
            return Need(Kind.INVOICE, record.invoice_id, f"invoice {record.invoice.number}")
        if intent == "upsert" and _is_unapproved(desk.link(Kind.INVOICE, record.invoice_id)):
            return Need(Kind.INVOICE, record.invoice_id, "the invoice", approval=True)
        return None

    def to_document(self, record: Payment, desk: Desk) -> PaymentDoc:
        link = desk.link(Kind.PAYMENT, record.pk)
        account = link.base.get("account_id", "") if link else desk.require_payment_account().account_id
        return PaymentDoc(
            invoice_id=desk.remote_id(Kind.INVOICE, record.invoice_id),
            amount=record.amount,
            date=record.date,
            reference=record.reference,
            account_id=account,
            removed=record.is_reversed,
        )

    def apply_remote(self, record: Payment, theirs: RemoteRecord, desk: Desk) -> Payment:
        doc = cast(PaymentDoc, theirs.document)
        if doc.removed:
            return reverse_payment(payment=record, by=None)
        return update_payment_from_remote(
            payment=record, amount=doc.amount, date=doc.date, reference=doc.reference
        )

    def take_facts(self, record: Payment, theirs: RemoteRecord) -> str:
        return ""

    def label(self, record: Payment) -> str:
        return f"payment of {record.amount} on invoice {record.invoice.number}"


def _is_unapproved(link: Link | None) -> bool:
    return link is not None and link.base.get("state") in ("draft", "submitted")
