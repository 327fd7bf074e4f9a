"""Credit that was paid back, pushed one by one and pulled with its note."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from accounting.enums import Choice, Kind
from accounting.port.documents import RefundDoc
from accounting.resources.desk import Desk
from accounting.resources.used_credit import UsedCreditResource
from accounting.resources.words import Named, Words
from core.templatetags.display import money
from credit.models import CreditNote, Refund
from credit.queries import lock_credit_note
from credit.services.refunds import refund, reverse_refund, update_refund_from_remote


class RefundResource(UsedCreditResource):
    kind = Kind.REFUND
    words = Words(
        name="refund",
        title="Refund",
        removed="Reversed",
        removed_there="Deleted in Xero.",
        never_sent="Reversed before it was ever sent to Xero.",
    )
    choices = frozenset({Choice.PAYMENT_ACCOUNT})
    undone_field = "reversed_at"
    fields_synced = frozenset({"amount", "date", "reference", "reversed_at"})

    def rows(self) -> QuerySet[Refund]:
        return Refund.objects.select_related("credit_note__customer")

    def lock(self, local_id: UUID) -> Refund | None:
        """The note first: whoever changes a refund holds that."""
        row = Refund.objects.filter(pk=local_id).first()
        if row is None:
            return None
        lock_credit_note(row.credit_note_id)
        return self.load([local_id]).get(local_id)

    def undo(self, record: Refund) -> Refund:
        return reverse_refund(refund=record, by=None)

    def to_document(self, record: Refund, desk: Desk) -> RefundDoc:
        link, currency = desk.link(Kind.REFUND, record.pk), record.credit_note.currency
        chosen = link.base.get("account_id", "") if link else ""
        return RefundDoc(
            credit_note_id=desk.remote_id(Kind.CREDIT_NOTE, record.credit_note_id),
            amount=record.amount,
            date=record.date,
            reference=record.reference,
            account_id=chosen if link else desk.require_payment_account(currency).account_id,
            removed=record.is_reversed,
        )

    def label(self, record: Refund) -> str:
        return f"refund of {record.amount} of credit note {record.credit_note.number}"

    def named(self, local_ids: Iterable[UUID]) -> Iterable[Named]:
        for row in self.load(local_ids).values():
            name = f"Refund of {_amount(row)} of {row.credit_note.number}"
            yield Named(row.pk, name, "credit:detail", row.credit_note_id)

    def record(self, parent: CreditNote, document: RefundDoc) -> Refund:
        self.check_stands(parent, document.amount)
        return refund(
            credit_note=parent, amount=document.amount, date=document.date, reference=document.reference, by=None
        )  # fmt: skip

    def differs(self, record: Refund, document: RefundDoc) -> bool:
        theirs = document.amount, document.date, document.reference
        return (record.amount, record.date, record.reference) != theirs

    def change(self, record: Refund, document: RefundDoc) -> Refund:
        return update_refund_from_remote(
            refund=record, amount=document.amount, date=document.date, reference=document.reference
        )

    def twins(self, ours: Iterable[Refund], document: RefundDoc) -> Iterable[Refund]:  # type: ignore[override]
        """The same amount of the same day."""
        alive = (row for row in ours if not row.is_reversed)
        return [row for row in alive if (row.amount, row.date) == (document.amount, document.date)]

    def document_like(self, record: Refund, document: RefundDoc) -> RefundDoc:
        return RefundDoc(
            credit_note_id=document.credit_note_id,
            amount=record.amount,
            date=record.date,
            reference=record.reference,
            account_id=document.account_id,
        )

    def say_new(self, record: Refund) -> str:
        return f"Refund of {_amount(record)} recorded in Xero."

    def say_gone(self, record: Refund) -> str:
        return f"The refund of {_amount(record)} was deleted in Xero."


def _amount(row: Refund) -> str:
    return money(row.amount, row.credit_note.currency)
