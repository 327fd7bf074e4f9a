"""Reads of invoices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Prefetch, Q, QuerySet, Sum

from core.money import ZERO
from core.search import search_rows
from customers.models import Customer
from invoices.enums import ISSUED, InvoiceStage, InvoiceStatus
from invoices.models import Invoice, InvoiceLine
from workspaces.models import Workspace

SETTLED = F("amount_paid") + F("credited")
"""`Invoice.settled` in a query."""

_STAGES: dict[str, Q] = {
    InvoiceStage.DRAFT: Q(status=InvoiceStatus.DRAFT),
    InvoiceStage.AWAITING_APPROVAL: Q(status=InvoiceStatus.AWAITING_APPROVAL),
    InvoiceStage.AWAITING_PAYMENT: Q(status__in=ISSUED, total__gt=SETTLED),
    InvoiceStage.PAID: Q(status__in=ISSUED, total__lte=SETTLED),
    InvoiceStage.VOIDED: Q(status=InvoiceStatus.VOIDED),
}


def _where(status: str, today: dt.date) -> Q:
    if status == InvoiceStage.OVERDUE:
        return _STAGES[InvoiceStage.AWAITING_PAYMENT] & Q(due_date__lt=today)
    return _STAGES.get(status, Q(status=status))


def list_invoices(
    workspace: Workspace,
    *,
    today: dt.date,
    status: str = "",
    search: str = "",
    customer: Customer | None = None,
) -> QuerySet[Invoice]:
    """The workspace's invoices with their customers, newest issue date first.

    `status` is an InvoiceStage on the day `today`, or an InvoiceStatus ("" for all; anything else finds nothing);
    `search` looks into number, reference and customer name.
    """
    invoices = Invoice.objects.filter(workspace=workspace).select_related("customer")
    if status:
        invoices = invoices.filter(_where(status, today))
    if customer is not None:
        invoices = invoices.filter(customer=customer)
    found = search_rows(invoices, search, "number", "reference", "customer__name")
    return found.order_by("-issue_date", "-id")


@dataclass(frozen=True, slots=True)
class Portion:
    """What a list holds of one currency, status, paid or not, due date over or not: how many, their totals, and
    what is left to pay."""

    currency: str
    status: str
    is_paid: bool
    is_past: bool
    count: int
    total: Decimal
    left: Decimal

    @property
    def stage(self) -> str:
        if self.status in ISSUED:
            return InvoiceStage.PAID if self.is_paid else InvoiceStage.AWAITING_PAYMENT
        return self.status

    @property
    def stages(self) -> list[str]:
        """Every stage in whose list it is."""
        is_late = self.is_past and self.stage == InvoiceStage.AWAITING_PAYMENT
        return [self.stage, *([InvoiceStage.OVERDUE] if is_late else [])]


def portions_of(invoices: QuerySet[Invoice], *, today: dt.date) -> list[Portion]:
    """Everything a page tells of a list beside its rows, in one reading of it: see the functions below."""
    is_paid = ExpressionWrapper(Q(total__lte=SETTLED), output_field=BooleanField())
    is_past = ExpressionWrapper(Q(due_date__lt=today), output_field=BooleanField())
    left = F("total") - SETTLED
    rows = (
        invoices.order_by()
        .annotate(is_paid=is_paid, is_past=is_past)
        .values("currency", "status", "is_paid", "is_past")
        .annotate(count=Count("pk"), sum=Sum("total"), left=Sum(left))
        .values_list("currency", "status", "is_paid", "is_past", "count", "sum", "left")
    )
    return [Portion(*row) for row in rows]


def portions_at(portions: Iterable[Portion], status: str) -> list[Portion]:
    """Those that `list_invoices` would list for this `status`."""
    return [portion for portion in portions if status in ("", portion.status, *portion.stages)]


def count_by_stage(portions: Iterable[Portion]) -> dict[str, int]:
    """How many invoices stand in each stage, overdue ones in both of theirs; the key "" counts each once."""
    counts = dict.fromkeys(["", *InvoiceStage.values], 0)
    for portion in portions:
        for stage in ("", *portion.stages):
            counts[stage] += portion.count
    return counts


def sums_by_currency(portions: Iterable[Portion]) -> list[dict[str, Any]]:
    """What a list adds up to, voided ones left out: `currency`, its `sum`, and of what is issued `due` and
    `overdue`. One row per currency."""
    sums: dict[str, dict[str, Any]] = {}
    for portion in portions:
        if portion.status == InvoiceStatus.VOIDED:
            continue
        row = sums.setdefault(portion.currency, {"sum": ZERO, "due": ZERO, "overdue": ZERO})
        row["sum"] += portion.total
        if portion.stage == InvoiceStage.AWAITING_PAYMENT:
            row["due"] += portion.left
        if InvoiceStage.OVERDUE in portion.stages:
            row["overdue"] += portion.left
    return [{"currency": currency, **row} for currency, row in sorted(sums.items())]


def get_invoice(pk: UUID | str) -> Invoice:
    """One invoice with its customer and its lines in order. Raises Invoice.DoesNotExist."""
    return (
        Invoice.objects.select_related("customer", "workspace", "approved_by")
        .prefetch_related(Prefetch("lines", InvoiceLine.objects.select_related("tax_rate", "service")))
        .get(pk=pk)
    )


def payments_on(invoice: Invoice) -> QuerySet[Any]:
    """Every payment of the invoice, oldest first. Payments live upstairs: they are reached by the relation's name."""
    return invoice.payments.order_by("date", "id")


def lock_invoice(pk: UUID | str) -> Invoice:
    """One invoice as it is now, locked until the transaction ends."""
    return locked_invoices().get(pk=pk)


def locked_invoices() -> QuerySet[Invoice]:
    """Invoices as they are now, to be locked until the transaction ends when they are read."""
    return Invoice.objects.select_for_update(of=("self",)).select_related("customer")
