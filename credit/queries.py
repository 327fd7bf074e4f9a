"""Reads of credit."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from credit.models import Allocation, CreditNote, CreditNoteLine, Refund
from invoices.models import Invoice
from invoices.queries import lock_invoice


def get_credit_note(pk: UUID | str) -> CreditNote:
    """One credit note with its customer and its lines in order. Raises CreditNote.DoesNotExist."""
    return (
        CreditNote.objects.select_related("customer", "workspace", "invoice", "approved_by")
        .prefetch_related(Prefetch("lines", CreditNoteLine.objects.select_related("tax_rate", "service")))
        .get(pk=pk)
    )


def lock_credit_note(pk: UUID | str) -> CreditNote:
    """One credit note as it is now, locked until the transaction ends."""
    return locked_credit_notes().get(pk=pk)


def locked_credit_notes() -> QuerySet[CreditNote]:
    """Credit notes as they are now, to be locked until the transaction ends when they are read: by id, so that two who
    need several do not wait for each other."""
    notes = CreditNote.objects.select_for_update(of=("self",)).select_related("customer", "invoice")
    return notes.order_by("pk")


def lock_with_its_notes(invoice: Invoice) -> Invoice:
    """The invoice as it is now, locked behind the credit notes that are applied to it: the order for whoever takes
    their credit off it."""
    standing = Allocation.objects.filter(invoice=invoice, removed_at=None)
    list(locked_credit_notes().filter(pk__in=standing.values_list("credit_note_id", flat=True)))
    return lock_invoice(invoice.pk)


def allocations_of(credit_note: CreditNote) -> QuerySet[Allocation]:
    """Every allocation of the note, those that were taken off too, oldest first."""
    return credit_note.allocations.select_related("invoice", "credit_note").order_by("date", "id")


def live_allocations_on(invoices: Collection[Invoice]) -> QuerySet[Allocation]:
    """The allocations that stand on these invoices, oldest first."""
    standing = Allocation.objects.filter(invoice__in=invoices, removed_at=None)
    return standing.select_related("invoice", "credit_note").order_by("date", "id")


def get_allocation(pk: UUID | str) -> Allocation:
    """One allocation with its note and its invoice. Raises Allocation.DoesNotExist."""
    return Allocation.objects.select_related("credit_note", "invoice").get(pk=pk)


def lock_allocation(pk: UUID | str) -> Allocation:
    """One allocation as it is now, locked until the transaction ends. Lock its note and its invoice first."""
    rows = Allocation.objects.select_for_update(of=("self",)).select_related("credit_note", "invoice")
    return rows.get(pk=pk)


def refunds_of(credit_note: CreditNote) -> QuerySet[Refund]:
    """Every refund of the note, reversed ones too, oldest first."""
    return credit_note.refunds.select_related("credit_note").order_by("date", "id")


def get_refund(pk: UUID | str) -> Refund:
    """One refund with its note. Raises Refund.DoesNotExist."""
    return Refund.objects.select_related("credit_note").get(pk=pk)


def lock_refund(pk: UUID | str) -> Refund:
    """One refund as it is now, locked until the transaction ends. Lock its note first."""
    return Refund.objects.select_for_update(of=("self",)).select_related("credit_note").get(pk=pk)
