"""Which kind is which resource, and which model's change concerns which record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model

from accounting.enums import Kind
from accounting.resources.base import Resource
from accounting.resources.customers import CustomerResource
from accounting.resources.invoices import InvoiceResource
from accounting.resources.payments import PaymentResource
from customers.models import Customer
from invoices.models import Invoice, InvoiceLine
from payments.models import Payment

RESOURCES: dict[str, Resource] = {
    Kind.CUSTOMER: CustomerResource(),
    Kind.INVOICE: InvoiceResource(),
    Kind.PAYMENT: PaymentResource(),
}
PUSH_ORDER = (Kind.CUSTOMER, Kind.INVOICE, Kind.PAYMENT)
"""Contacts before invoices before payments: an invoice names its contact's id, a payment its invoice's."""


def get_resource(kind: str) -> Resource:
    """The resource of this kind. Raises KeyError for an unknown one."""
    return RESOURCES[kind]


@dataclass(frozen=True, slots=True)
class Observed:
    """A model whose changes are captured, and the record a row of it belongs to (its aggregate root)."""

    kind: Kind
    root_of: Callable[[Any], UUID]
    root_field: str
    is_root: bool = True


OBSERVED: dict[type[Model], Observed] = {
    Customer: Observed(Kind.CUSTOMER, lambda row: row.pk, "pk"),
    Invoice: Observed(Kind.INVOICE, lambda row: row.pk, "pk"),
    InvoiceLine: Observed(Kind.INVOICE, lambda row: row.invoice_id, "invoice_id", is_root=False),
    Payment: Observed(Kind.PAYMENT, lambda row: row.pk, "pk"),
}
