"""Reads of payments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, QuerySet, Sum

from core.search import search_rows
from customers.models import Customer
from invoices.models import Invoice
from payments.models import Payment


def payments_of(invoice: Invoice) -> QuerySet[Payment]:
    """Every payment recorded on the invoice, reversed ones too, oldest first."""
    return Payment.objects.filter(invoice=invoice).order_by("date", "id")


class Shown(models.TextChoices):
    """Which payments a list shows."""

    ALL = "", "All"
    LIVE = "live", "Received"
    REVERSED = "reversed", "Reversed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of payments is narrowed to. `search` looks into reference, invoice number and customer; the days are
    those on which money was received."""

    shown: str = Shown.ALL
    search: str = ""
    customer: Customer | None = None
    since: dt.date | None = None
    until: dt.date | None = None


SORTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "date": ("Date", ["date"]),
    "invoice": ("Invoice", ["invoice__number"]),
    "customer": ("Customer", ["invoice__customer__name"]),
    "amount": ("Amount", ["invoice__currency", "amount"]),
}
"""What a list of payments can be sorted by."""


def list_payments(asked: Asked) -> QuerySet[Payment]:
    """The payments of the workspace that were asked for, each with its invoice and customer."""
    rows = search_rows(
        Payment.objects.select_related("invoice__customer"),
        asked.search,
        "reference",
        "invoice__number",
        "invoice__customer__name",
    )
    if asked.shown:
        rows = rows.filter(reversed_at__isnull=asked.shown == Shown.LIVE)
    if asked.customer:
        rows = rows.filter(invoice__customer=asked.customer)
    if asked.since:
        rows = rows.filter(date__gte=asked.since)
    return rows.filter(date__lte=asked.until) if asked.until else rows


def sums_received(payments: QuerySet[Payment]) -> list[dict[str, Any]]:
    """What these come to by currency, reversed ones left out: `currency` and `sum`."""
    live = payments.filter(reversed_at=None).order_by()
    rows = live.values(currency=F("invoice__currency")).annotate(sum=Sum("amount"))
    return list(rows.order_by("currency"))


def live_payments_of(invoice: Invoice) -> QuerySet[Payment]:
    """The payments that stand."""
    return payments_of(invoice).filter(reversed_at=None)


def get_payment(pk: UUID | str) -> Payment:
    """One payment with its invoice. Raises Payment.DoesNotExist."""
    return Payment.objects.select_related("invoice").get(pk=pk)


def lock_payment(pk: UUID | str) -> Payment:
    """One payment as it is now, locked until the transaction ends. Lock its invoice first."""
    return Payment.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=pk)
