"""Which kind is which resource, and which model's change concerns which record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import Model

from accounting.enums import Kind
from accounting.port.documents import Document, UnknownKind, shape_of
from accounting.resources.allocations import AllocationResource
from accounting.resources.base import Resource, SettlementResource
from accounting.resources.credit_notes import CreditNoteResource
from accounting.resources.customers import CustomerResource
from accounting.resources.invoices import InvoiceResource
from accounting.resources.payments import PaymentResource
from accounting.resources.refunds import RefundResource
from credit.models import Allocation, CreditNote, CreditNoteLine, Refund
from customers.models import Customer
from invoices.models import Invoice, InvoiceLine
from payments.models import Payment

RESOURCES: dict[str, Resource] = {
    resource.kind: resource
    for resource in (
        CustomerResource(),
        InvoiceResource(),
        CreditNoteResource(),
        PaymentResource(),
        AllocationResource(),
        RefundResource(),
    )
}
"""In the order in which they go out: an invoice names its contact's remote id, a payment its invoice's."""


def get_resource(kind: str) -> Resource:
    """The resource of this kind. Raises UnknownKind."""
    try:
        return RESOURCES[kind]
    except KeyError:
        raise UnknownKind(f"no resource is registered for {kind!r}") from None


def push_order() -> tuple[str, ...]:
    """All kinds, each behind those that its records refer to."""
    return tuple(RESOURCES)


def kinds_read_by_themselves() -> tuple[str, ...]:
    """The kinds that have a time of change of their own there; settlements come with what they settle."""
    return tuple(kind for kind in RESOURCES if not shape_of(kind).is_settlement)


def kinds_that_own() -> frozenset[str]:
    """The kinds that records of others belong to."""
    return frozenset(
        owner for kind in kinds_read_by_themselves() for owner in get_resource(kind).parents.values()
    )


def settlements_of(document: Document | type[Document]) -> Iterable[SettlementResource]:
    """The resources of the settlements that a document shows."""
    return (cast(SettlementResource, get_resource(kind)) for kind in document.settled_by)


def settlement_resources() -> tuple[SettlementResource, ...]:
    """The resources of all kinds of settlements."""
    return tuple(resource for resource in RESOURCES.values() if isinstance(resource, SettlementResource))


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
    CreditNote: Observed(Kind.CREDIT_NOTE, lambda row: row.pk, "pk"),
    CreditNoteLine: Observed(
        Kind.CREDIT_NOTE, lambda row: row.credit_note_id, "credit_note_id", is_root=False
    ),
    Allocation: Observed(Kind.ALLOCATION, lambda row: row.pk, "pk"),
    Refund: Observed(Kind.REFUND, lambda row: row.pk, "pk"),
}
