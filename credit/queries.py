"""Reads of credit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.db.models import F, Prefetch, Q, QuerySet

from core.search import search_rows
from credit.enums import CreditNoteStatus
from credit.models import Allocation, CreditNote, CreditNoteLine, Refund
from customers.models import Customer
from invoices.enums import ISSUED
from invoices.models import Invoice
from invoices.queries import SETTLED, lock_invoice


class Stage(models.TextChoices):
    """Where a credit note stands for people: its status, and once approved, whether credit is left of it."""

    ALL = "", "All"
    DRAFT = "draft", "Draft"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    OPEN = "open", "Credit left"
    USED = "used", "Used up"
    VOIDED = "voided", "Voided"


USED = F("applied") + F("refunded")
"""What was used of a note, in a query."""

_STAGES: Mapping[str, Q] = {
    Stage.DRAFT: Q(status=CreditNoteStatus.DRAFT),
    Stage.AWAITING_APPROVAL: Q(status=CreditNoteStatus.AWAITING_APPROVAL),
    Stage.OPEN: Q(status=CreditNoteStatus.APPROVED, total__gt=USED),
    Stage.USED: Q(status=CreditNoteStatus.APPROVED, total__lte=USED),
    Stage.VOIDED: Q(status=CreditNoteStatus.VOIDED),
}
SORTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "number": ("Number", ["number"]),
    "customer": ("Customer", ["customer__name"]),
    "issued": ("Issued", ["issue_date"]),
    "total": ("Total", ["currency", "total"]),
}
"""What a list of credit notes can be sorted by."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of credit notes is narrowed to. `search` looks into number, reference and customer."""

    stage: str = Stage.ALL
    search: str = ""
    customer: Customer | None = None
    since: dt.date | None = None
    until: dt.date | None = None


def list_credit_notes(asked: Asked) -> QuerySet[CreditNote]:
    """The credit notes of the workspace that were asked for, each with its customer."""
    rows = CreditNote.objects.select_related("customer")
    rows = search_rows(rows, asked.search, "number", "reference", "customer__name")
    if asked.stage:
        rows = rows.filter(_STAGES[asked.stage])
    if asked.customer:
        rows = rows.filter(customer=asked.customer)
    if asked.since:
        rows = rows.filter(issue_date__gte=asked.since)
    return rows.filter(issue_date__lte=asked.until) if asked.until else rows


def notes_for(invoice: Invoice) -> QuerySet[CreditNote]:
    """The notes whose credit can be applied to this invoice, the oldest first."""
    mine = CreditNote.objects.filter(customer=invoice.customer_id, currency=invoice.currency)
    return mine.filter(_STAGES[Stage.OPEN]).order_by("issue_date", "pk")


def invoices_for(credit_note: CreditNote) -> QuerySet[Invoice]:
    """The invoices that credit of this note can be applied to, the longest due first."""
    mine = Invoice.objects.filter(customer=credit_note.customer_id, currency=credit_note.currency)
    return mine.filter(status__in=ISSUED, total__gt=SETTLED).order_by("due_date", "pk")


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


def allocations_on(invoice: Invoice) -> QuerySet[Allocation]:
    """Every allocation of the invoice, those that were taken off too, oldest first."""
    return invoice.allocations.select_related("invoice", "credit_note").order_by("date", "id")


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
