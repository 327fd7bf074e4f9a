"""Sales invoices, and what was paid and credited on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounting.enums import Kind, LinkState
from accounting.models import Link
from accounting.port.documents import InvoiceDoc
from accounting.port.exchange import RemoteRecord
from accounting.port.meanings import Fix
from accounting.resources.base import Intent
from accounting.resources.desk import Desk
from accounting.resources.lined import LinedResource
from accounting.resources.lined_refusals import Settled
from accounting.resources.lined_steps import Services
from accounting.resources.lined_writes import customer_to_admit
from accounting.resources.needs import Need
from accounting.resources.words import Words
from core.templatetags.display import money
from invoices.mending import book_lines, reissue_invoice
from invoices.models import Invoice
from invoices.queries import locked_invoices
from invoices.services import (
    approve_invoice,
    create_invoice,
    reopen_invoice,
    submit_invoice,
    take_credit,
    update_invoice,
    void_invoice,
)

HEADER = ("number", "reference", "issue_date", "due_date", "currency", "amounts")
PARTS = ("lines__tax_rate", "payments", "allocations")


class InvoiceResource(LinedResource):
    kind = Kind.INVOICE
    shape = InvoiceDoc
    page = "invoices:detail"
    words = Words(
        name="invoice",
        title="Invoice",
        removed="Voided",
        removed_there="Voided in Xero.",
        never_sent="Goes to Xero once it is approved.",
        taken="Another invoice in Xero has this number. Give this one another number, or link them.",
    )
    services = Services(
        name="invoice",
        update=update_invoice,
        submit=submit_invoice,
        approve=approve_invoice,
        reopen=reopen_invoice,
        void=void_invoice,
        book_lines=book_lines,
        reissue=reissue_invoice,
    )
    pages = {Fix.MEND: "invoices:edit", Fix.REVERSE_PAYMENTS: "payments:void"}
    fields_synced = frozenset({*HEADER, "customer", "status", "net", "tax", "total"})

    def rows(self) -> QuerySet[Invoice]:
        return Invoice.objects.all()

    def load(self, local_ids: Iterable[UUID]) -> dict[UUID, Invoice]:
        rows = Invoice.objects.filter(pk__in=list(local_ids)).select_related("customer")
        return {row.pk: row for row in rows.prefetch_related(*PARTS)}

    def lock(self, local_id: UUID) -> Invoice | None:
        return next(iter(locked_invoices().filter(pk=local_id).prefetch_related(*PARTS)), None)

    def needs(self, record: Invoice) -> Iterable[tuple[Kind, UUID]]:
        yield from super().needs(record)
        for payment in record.payments.all():
            yield Kind.PAYMENT, payment.pk
        for allocation in record.allocations.all():
            yield Kind.ALLOCATION, allocation.pk

    def first_need(self, record: Invoice, intent: Intent, desk: Desk) -> Need | None:
        """The customer before the invoice; the removal of what stood on it before its own."""
        if intent == "remove":
            for kind, row in _undone(record):
                if desk.remote_id(kind, row.pk):
                    return Need(kind, row.pk, f"the reversal of {row}", arrives=False)
        return super().first_need(record, intent, desk)

    def own_facts(self, record: Invoice, desk: Desk) -> dict[str, Any]:
        return {
            "due_date": record.due_date,
            "amount_credited": record.credited_elsewhere + _applied(record, self._linked_on(record, desk)),
            "marks_sent": desk.rules.marks_sent,
        }

    def new_record(self, doc: InvoiceDoc, desk: Desk) -> Invoice:
        return create_invoice(
            workspace=desk.connection.workspace, customer=customer_to_admit(doc, desk), lines=[], by=None,
            number=doc.number, issue_date=doc.issue_date, due_date=doc.due_date or doc.issue_date,
            currency=doc.currency, amounts=doc.amounts,
        )  # fmt: skip

    def settled_by_others(self, record: Invoice, theirs: InvoiceDoc, desk: Desk) -> Settled | None:
        leaving = [(kind, row) for kind, row in _undone(record) if desk.remote_id(kind, row.pk)]
        paid_back = sum((row.amount for kind, row in leaving if kind == Kind.PAYMENT), Decimal(0))
        uncredited = sum((row.amount for kind, row in leaving if kind == Kind.ALLOCATION), Decimal(0))
        if theirs.amount_paid - paid_back <= 0 and theirs.credit - uncredited <= 0:
            return None
        told = "In Xero there is a payment or credit on this invoice"
        return Settled(told, "take the payment or credit off in Xero")

    def take_facts(self, record: Invoice, theirs: RemoteRecord) -> str:
        """Credit applied there, from what is not here: what is comes with its own document. One that was taken off
        here counts until that is heard there."""
        rows = [row.pk for row in record.allocations.all()]
        linked = Link.objects.filter(kind=Kind.ALLOCATION, local_id__in=rows, state=LinkState.ACTIVE)
        known = set(linked.values_list("local_id", flat=True)) if rows else set()
        elsewhere = max(theirs.document.credit - _applied(record, known), Decimal(0))
        if elsewhere == record.credited_elsewhere:
            return ""
        take_credit(invoice=record, amount=elsewhere)
        if not elsewhere:
            return "The credit was taken off in Xero."
        return f"Credit applied in Xero: {money(elsewhere, record.currency)}."

    def _linked_on(self, record: Invoice, desk: Desk) -> Collection[UUID]:
        rows = (row.pk for row in record.allocations.all())
        return {pk for pk in rows if desk.remote_id(Kind.ALLOCATION, pk)}

    def settled_there(self, record: Invoice, desk: Desk) -> Decimal:
        linked = (row for row in record.payments.all() if desk.remote_id(Kind.PAYMENT, row.pk))
        return sum((row.amount for row in linked), Decimal(0))

    def page_to_reopen(self, record: Invoice) -> str:
        return "invoices:reopen" if record.is_issued and not record.amount_paid else ""


def _undone(record: Invoice) -> Iterator[tuple[Kind, Any]]:
    """What was taken off it here, whether or not it was there."""
    yield from ((Kind.PAYMENT, row) for row in record.payments.all() if row.is_reversed)
    yield from ((Kind.ALLOCATION, row) for row in record.allocations.all() if row.is_removed)


def _applied(record: Invoice, known: Collection[UUID]) -> Decimal:
    """What these of its allocations come to."""
    return sum((row.amount for row in record.allocations.all() if row.pk in known), Decimal(0))
