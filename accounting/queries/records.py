"""What our records are called, for lists of several kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounting.enums import Kind
from core.templatetags.display import money
from customers.models import Customer
from invoices.models import Invoice
from payments.models import Payment

Key = tuple[str, UUID | None]


@dataclass(frozen=True, slots=True)
class Record:
    """A record's name, and the page that shows it: a payment is shown on its invoice's."""

    kind: str
    local_id: UUID
    name: str
    page: str = ""
    page_id: UUID | None = None


def records_named(keys: Iterable[Key]) -> dict[Key, Record]:
    """The names of these records, one query a kind. What is deleted here keeps its kind as its name."""
    by_kind: dict[str, set[UUID]] = {}
    for kind, local_id in keys:
        if kind and local_id:
            by_kind.setdefault(kind, set()).add(local_id)
    named: dict[Key, Record] = {}
    for kind, ids in by_kind.items():
        named.update({(kind, pk): Record(kind, pk, f"Deleted {Kind(kind).label.lower()}") for pk in ids})
        named.update({(kind, row.local_id): row for row in _READERS[Kind(kind)](ids)})
    return named


def _customers(ids: set[UUID]) -> Iterable[Record]:
    for pk, name in Customer.objects.filter(pk__in=ids).values_list("pk", "name"):
        yield Record(Kind.CUSTOMER, pk, name, "customers:detail", pk)


def _invoices(ids: set[UUID]) -> Iterable[Record]:
    for pk, number in Invoice.objects.filter(pk__in=ids).values_list("pk", "number"):
        yield Record(Kind.INVOICE, pk, f"Invoice {number}", "invoices:detail", pk)


def _payments(ids: set[UUID]) -> Iterable[Record]:
    for payment in Payment.objects.filter(pk__in=ids).select_related("invoice"):
        name = f"Payment of {money(payment.amount, payment.invoice.currency)} on {payment.invoice.number}"
        yield Record(Kind.PAYMENT, payment.pk, name, "invoices:detail", payment.invoice_id)


_MODELS: dict[str, Any] = {Kind.CUSTOMER: Customer, Kind.INVOICE: Invoice, Kind.PAYMENT: Payment}


def load_record(kind: str, local_id: UUID) -> Any:
    """The record itself, or None when there is none of this kind here."""
    model = _MODELS.get(kind)
    return model.objects.filter(pk=local_id).first() if model else None


_READERS = {Kind.CUSTOMER: _customers, Kind.INVOICE: _invoices, Kind.PAYMENT: _payments}
