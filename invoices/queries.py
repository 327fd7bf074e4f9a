"""Reads of invoices."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum

from core.money import ZERO
from customers.models import Customer
from invoices.enums import ISSUED, InvoiceStage, InvoiceStatus, LineAmounts
from invoices.models import Invoice, InvoiceLine, NumberSequence
from workspaces.models import Workspace

_STAGES: dict[str, Q] = {
    InvoiceStage.DRAFT: Q(status=InvoiceStatus.DRAFT),
    InvoiceStage.AWAITING_APPROVAL: Q(status=InvoiceStatus.AWAITING_APPROVAL),
    InvoiceStage.AWAITING_PAYMENT: Q(status__in=ISSUED, amount_paid__lt=F("total")),
    InvoiceStage.PAID: Q(status__in=ISSUED, amount_paid__gte=F("total")),
    InvoiceStage.VOIDED: Q(status=InvoiceStatus.VOIDED),
}


def list_invoices(
    workspace: Workspace, *, status: str = "", search: str = "", customer: Customer | None = None
) -> QuerySet[Invoice]:
    """The workspace's invoices with their customers, newest issue date first.

    `status` is an InvoiceStage or an InvoiceStatus ("" for all; anything else finds nothing); `search` looks
    into number, reference and customer name.
    """
    invoices = Invoice.objects.filter(workspace=workspace).select_related("customer")
    if status:
        invoices = invoices.filter(_STAGES.get(status, Q(status=status)))
    if customer is not None:
        invoices = invoices.filter(customer=customer)
    for word in search.split():
        invoices = invoices.filter(
            Q(number__icontains=word) | Q(reference__icontains=word) | Q(customer__name__icontains=word)
        )
    return invoices.order_by("-issue_date", "-id")


def count_by_stage(invoices: QuerySet[Invoice]) -> dict[str, int]:
    """How many of these invoices stand in each stage; the key "" counts all of them. One query."""
    counts = invoices.order_by().aggregate(
        all=Count("pk"), **{stage: Count("pk", filter=condition) for stage, condition in _STAGES.items()}
    )
    return {"": counts.pop("all"), **counts}


def sums_by_currency(invoices: QuerySet[Invoice], *, today: dt.date) -> list[dict[str, Any]]:
    """What a list adds up to, voided ones left out: `currency`, its `sum`, and of what is issued `due` and
    `overdue`. One row per currency."""
    unpaid = Q(status__in=ISSUED, amount_paid__lt=F("total"))
    left = F("total") - F("amount_paid")
    return list(
        invoices.exclude(status=InvoiceStatus.VOIDED)
        .order_by()
        .values("currency")
        .annotate(
            due=Sum(left, filter=unpaid, default=ZERO),
            overdue=Sum(left, filter=unpaid & Q(due_date__lt=today), default=ZERO),
            sum=Sum("total"),
        )
        .order_by("currency")
    )


def get_invoice(pk: UUID | str) -> Invoice:
    """One invoice with its customer and its lines in order. Raises Invoice.DoesNotExist."""
    return (
        Invoice.objects.select_related("customer", "workspace", "approved_by")
        .prefetch_related(Prefetch("lines", InvoiceLine.objects.select_related("tax_rate", "service")))
        .get(pk=pk)
    )


def payments_on(invoice: Invoice) -> QuerySet[Any]:
    """Every payment of the invoice, oldest first. Payments live upstairs: they are reached by the relation's name."""
    return invoice.payments.select_related("recorded_by").order_by("date", "id")


def tax_by_rate(invoice: Invoice) -> list[tuple[str, Decimal]]:
    """The tax of each rate on the invoice, by the rate's name, in the order of the lines. Reads no row anew."""
    sums: dict[str, Decimal] = {}
    for line in invoice.lines.all():
        if line.tax_rate:
            sums[line.tax_rate.name] = sums.get(line.tax_rate.name, ZERO) + line.tax_amount
    return [] if invoice.amounts == LineAmounts.NO_TAX else list(sums.items())


def lock_invoice(pk: UUID | str) -> Invoice:
    """One invoice as it is now, locked until the transaction ends."""
    return Invoice.objects.select_for_update(of=("self",)).select_related("customer").get(pk=pk)


def lines_of(invoice: Invoice) -> QuerySet[InvoiceLine]:
    """The invoice's lines in order, with their tax rates and services."""
    return invoice.lines.select_related("tax_rate", "service").order_by("position")


def next_number(sequence: NumberSequence) -> int:
    """The first number at or after the sequence's next one that no invoice has."""
    number = sequence.next_number
    while True:
        texts = {sequence.text(candidate): candidate for candidate in range(number, number + 50)}
        taken = set(
            Invoice.objects.filter(workspace_id=sequence.workspace_id, number__in=texts).values_list(
                "number", flat=True
            )
        )
        free = [candidate for text, candidate in texts.items() if text not in taken]
        if free:
            return free[0]
        number += 50


def upcoming_number(workspace: Workspace) -> str:
    """The number the next invoice will get, if nobody is faster. Takes nothing from the sequence."""
    sequence = NumberSequence.objects.filter(workspace=workspace).first() or NumberSequence(
        workspace=workspace
    )
    return sequence.text(next_number(sequence))
