"""Credit applied to invoices, pushed one by one and pulled with its note."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from msgspec.structs import replace

from accounting.enums import Choice, Kind, LinkState
from accounting.models import Link
from accounting.port.documents import AllocationDoc
from accounting.resources.base import Intent
from accounting.resources.desk import Desk
from accounting.resources.needs import Need
from accounting.resources.rules import Rules
from accounting.resources.used_credit import UsedCreditResource, approved_first
from accounting.resources.words import Named, Words
from core.templatetags.display import money
from credit.models import Allocation, CreditNote
from credit.queries import lock_credit_note
from credit.services.allocations import (
    remove_allocation,
    take_allocation_from_remote,
    update_allocation_from_remote,
)
from invoices.models import Invoice
from invoices.queries import lock_invoice
from invoices.services import refresh_credited


class AllocationResource(UsedCreditResource):
    """One of an invoice that is not here says so until that invoice is: the next read of its note attaches it."""

    kind = Kind.ALLOCATION
    words = Words(
        name="applied credit",
        title="Applied credit",
        removed="Taken off",
        removed_there="Taken off in Xero.",
        never_sent="Taken off before it was ever sent to Xero.",
    )
    choices = frozenset({Choice.LISTS})
    undone_field = "removed_at"
    fields_synced = frozenset({"amount", "date", "removed_at"})

    def rows(self) -> QuerySet[Allocation]:
        return Allocation.objects.select_related("credit_note__customer", "invoice")

    def lock(self, local_id: UUID) -> Allocation | None:
        """The note first, then the invoice: whoever changes an allocation holds both."""
        row = Allocation.objects.filter(pk=local_id).first()
        if row is None:
            return None
        lock_credit_note(row.credit_note_id)
        if row.invoice_id:
            lock_invoice(row.invoice_id)
        return self.load([local_id]).get(local_id)

    def intent(self, record: Allocation, link: Link | None, rules: Rules) -> Intent:
        wanted = super().intent(record, link, rules)
        return "hold" if wanted == "upsert" and record.invoice is None else wanted

    def candidates(self, rules: Rules) -> QuerySet[Allocation]:
        return super().candidates(rules).filter(invoice__isnull=False)

    def undo(self, record: Allocation) -> Allocation:
        return remove_allocation(allocation=record, by=None)

    def needs(self, record: Allocation) -> Iterable[tuple[Kind, UUID]]:
        yield from super().needs(record)
        if record.invoice_id:
            yield Kind.INVOICE, record.invoice_id

    def first_need(self, record: Allocation, intent: Intent, desk: Desk) -> Need | None:
        """The note and the invoice, and that both are approved there."""
        need = super().first_need(record, intent, desk)
        if need or intent != "upsert" or record.invoice is None:
            return need
        return approved_first(Kind.INVOICE, record.invoice, desk)

    def to_document(self, record: Allocation, desk: Desk) -> AllocationDoc:
        invoice = desk.remote_id(Kind.INVOICE, record.invoice_id) if record.invoice_id else ""
        return AllocationDoc(
            source_kind=Kind.CREDIT_NOTE,
            source_id=desk.remote_id(Kind.CREDIT_NOTE, record.credit_note_id),
            invoice_id=invoice,
            amount=record.amount,
            date=record.date,
            removed=record.is_removed,
        )

    def label(self, record: Allocation) -> str:
        return f"{record.amount} of credit note {record.credit_note.number} on {_applied_to(record)}"

    def named(self, local_ids: Iterable[UUID]) -> Iterable[Named]:
        for row in self.load(local_ids).values():
            name = f"Credit of {_amount(row)} of {row.credit_note.number} on {_applied_to(row)}"
            yield Named(row.pk, name, "credit:detail", row.credit_note_id)

    def record(self, parent: CreditNote, document: AllocationDoc) -> Allocation:
        self.check_stands(parent, document.amount)
        return take_allocation_from_remote(
            credit_note=parent,
            invoice=_invoice_there(document),
            elsewhere=document.invoice_number or document.invoice_id,
            amount=document.amount,
            date=document.date,
        )

    def differs(self, record: Allocation, document: AllocationDoc) -> bool:
        if (record.amount, record.date) != (document.amount, document.date):
            return True
        return record.invoice is None and _invoice_there(document) is not None

    def change(self, record: Allocation, document: AllocationDoc) -> Allocation:
        """What was recorded on both sides may have been told with the invoice before: it is not counted twice."""
        if record.invoice and not Link.objects.filter(kind=Kind.ALLOCATION, local_id=record.pk).exists():
            refresh_credited(invoice=record.invoice, from_elsewhere=record.amount)
        return update_allocation_from_remote(
            allocation=record,
            invoice=record.invoice or _invoice_there(document),
            elsewhere=record.elsewhere,
            amount=document.amount,
            date=document.date,
        )

    def twins(self, ours: Iterable[Allocation], document: AllocationDoc) -> Iterable[Allocation]:  # type: ignore[override]
        """The same amount on the same invoice; its day is Xero's to choose."""
        invoice = _invoice_there(document)
        alive = (row for row in ours if not row.is_removed)
        return [
            row for row in alive if invoice and (row.invoice_id, row.amount) == (invoice.pk, document.amount)
        ]

    def document_like(self, record: Allocation, document: AllocationDoc) -> AllocationDoc:
        return replace(document, amount=record.amount)

    def say_new(self, record: Allocation) -> str:
        return f"{_amount(record)} was applied to {_applied_to(record)} in Xero."

    def say_gone(self, record: Allocation) -> str:
        return f"{_amount(record)} was taken off {_applied_to(record)} in Xero."


def _invoice_there(document: AllocationDoc) -> Invoice | None:
    """Our invoice that it is applied to there."""
    links = Link.objects.filter(kind=Kind.INVOICE, remote_id=document.invoice_id)
    link = links.exclude(state=LinkState.TOMBSTONED).first()
    return Invoice.objects.filter(pk=link.local_id).first() if link else None


def _applied_to(row: Allocation) -> str:
    return str(row.invoice or row.elsewhere)


def _amount(row: Allocation) -> str:
    return money(row.amount, row.credit_note.currency)
