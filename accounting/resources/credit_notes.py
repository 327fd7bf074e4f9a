"""Credit notes, and where their credit went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounting.enums import Kind
from accounting.port.documents import CreditNoteDoc
from accounting.resources.base import Intent
from accounting.resources.desk import Desk
from accounting.resources.lined import LinedResource
from accounting.resources.lined_refusals import Settled
from accounting.resources.lined_steps import Services
from accounting.resources.lined_writes import customer_to_admit
from accounting.resources.needs import Need
from accounting.resources.words import Words
from credit.models import Allocation, CreditNote
from credit.queries import locked_credit_notes
from credit.services.notes import (
    approve_credit_note,
    create_credit_note,
    reopen_credit_note,
    submit_credit_note,
    update_credit_note,
    void_credit_note,
)
from invoices.queries import locked_invoices

PARTS = ("lines__tax_rate", "allocations", "refunds")


class CreditNoteResource(LinedResource):
    """What it is worth is owed to the customer. It stands in a row of its own, as what it comes to, like there."""

    kind = Kind.CREDIT_NOTE
    shape = CreditNoteDoc
    page = "credit:detail"
    words = Words(
        name="credit note",
        title="Credit note",
        removed="Voided",
        removed_there="Voided in Xero.",
        never_sent="Goes to Xero once it is approved.",
        taken="Another credit note in Xero has this number. Give this one another number, or link them.",
    )
    services = Services(
        name="credit_note",
        update=update_credit_note,
        submit=submit_credit_note,
        approve=approve_credit_note,
        reopen=reopen_credit_note,
        void=void_credit_note,
    )
    fields_synced = frozenset(
        {
            "number", "reference", "issue_date", "currency", "amounts", "customer", "status", "net", "tax",
            "total",
        }
    )  # fmt: skip

    def rows(self) -> QuerySet[CreditNote]:
        return CreditNote.objects.all()

    def load(self, local_ids: Iterable[UUID]) -> dict[UUID, CreditNote]:
        rows = CreditNote.objects.filter(pk__in=list(local_ids)).select_related("customer")
        return {row.pk: row for row in rows.prefetch_related(*PARTS)}

    def lock(self, local_id: UUID) -> CreditNote | None:
        """Then the invoices that it is applied to: what becomes of its allocations changes them."""
        note = next(iter(locked_credit_notes().filter(pk=local_id).prefetch_related(*PARTS)), None)
        if note is not None:
            applied_to = Allocation.objects.filter(credit_note=note, invoice__isnull=False)
            mine = locked_invoices().filter(pk__in=applied_to.values("invoice"))
            list(mine.order_by("pk").values_list("pk"))
        return note

    def needs(self, record: CreditNote) -> Iterable[tuple[Kind, UUID]]:
        yield from super().needs(record)
        for row in record.allocations.all():
            yield Kind.ALLOCATION, row.pk
        for row in record.refunds.all():
            yield Kind.REFUND, row.pk

    def first_need(self, record: CreditNote, intent: Intent, desk: Desk) -> Need | None:
        """The customer before it; what was taken off it here before its own removal."""
        if intent == "remove":
            for kind, row in _undone(record):
                if desk.remote_id(kind, row.pk):
                    return Need(kind, row.pk, f"the reversal of {row}", arrives=False)
        return super().first_need(record, intent, desk)

    def own_facts(self, record: CreditNote, desk: Desk) -> dict[str, Any]:
        return {}

    def new_record(self, doc: CreditNoteDoc, desk: Desk) -> CreditNote:
        return create_credit_note(
            workspace=desk.connection.workspace, customer=customer_to_admit(doc, desk), lines=[], by=None,
            number=doc.number, issue_date=doc.issue_date, currency=doc.currency, amounts=doc.amounts,
        )  # fmt: skip

    def settled_by_others(self, record: CreditNote, theirs: CreditNoteDoc, desk: Desk) -> Settled | None:
        leaving = {desk.remote_id(kind, row.pk) for kind, row in _undone(record)}
        off = sum((row.amount for row in theirs.settlements if row.remote_id in leaving), Decimal(0))
        if theirs.amount_used - off <= 0:
            return None
        told = "In Xero some of this credit note was applied or paid back"
        return Settled(told, "take that off it in Xero")

    def settled_there(self, record: CreditNote, desk: Desk) -> Decimal:
        mine = [(Kind.ALLOCATION, row) for row in record.allocations.all()]
        mine += [(Kind.REFUND, row) for row in record.refunds.all()]
        return sum((row.amount for kind, row in mine if desk.remote_id(kind, row.pk)), Decimal(0))

    def page_to_reopen(self, record: CreditNote) -> str:
        return "credit:reopen" if record.is_issued and not (record.applied or record.refunded) else ""


def _undone(record: CreditNote) -> Iterator[tuple[Kind, Any]]:
    """What was taken off it here, whether or not it was there."""
    yield from ((Kind.ALLOCATION, row) for row in record.allocations.all() if row.is_removed)
    yield from ((Kind.REFUND, row) for row in record.refunds.all() if row.is_reversed)
