"""Reads about customers, inside the workspace in scope."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, Case, Count, Max, QuerySet, Value, When
from django.db.models.functions import Cast, Substr

from core.search import search_rows
from customers.enums import CUSTOMERS, SUPPLIERS, Side
from customers.models import Customer
from workspaces.models import Workspace

REFERENCE_PREFIX = "C-"
SUGGESTIONS = 8
"""How many customers are offered to somebody who types."""


def list_customers(*, search: str = "", archived: bool = False, side: Side = CUSTOMERS) -> QuerySet[Customer]:
    """Active or archived customers, or suppliers, by name. Each word of `search` is in the name, reference, e-mail or
    contact."""
    customers = Customer.objects.filter(archived_at__isnull=not archived, **{side.flag: True})
    found = search_rows(customers, search, "name", "reference", "email", "first_name", "last_name")
    return found.order_by("name", "pk")


def active_customers() -> QuerySet[Customer]:
    """The customers that can be invoiced, by name."""
    return list_customers()


def active_suppliers() -> QuerySet[Customer]:
    """The suppliers that bills can be of, by name."""
    return list_customers(side=SUPPLIERS)


def suggest_customers(text: str, *, most: int = SUGGESTIONS, side: Side = CUSTOMERS) -> list[Customer]:
    """Customers to invoice, or suppliers that bills can be of, that match `text`: at most so many, in one query.

    First those whose name begins with it, then those with a word that does, then by reference, then by e-mail.
    """
    rank = Case(
        When(name__istartswith=text, then=Value(0)),
        When(name__icontains=f" {text}", then=Value(1)),
        When(reference__istartswith=text, then=Value(2)),
        When(email__istartswith=text, then=Value(3)),
        default=Value(4),
    )
    return list(list_customers(search=text, side=side).order_by(rank, "name", "pk")[:most])


def suggest_suppliers(text: str, *, most: int = SUGGESTIONS) -> list[Customer]:
    """Like `suggest_customers`, of suppliers."""
    return suggest_customers(text, most=most, side=SUPPLIERS)


def find_invoiceable(pk: str) -> Customer | None:
    """The customer with this id if it can be invoiced; None for any other text."""
    return _found_in(active_customers(), pk)


def find_supplier(pk: str) -> Customer | None:
    """The supplier with this id if bills can be of it; None for any other text."""
    return _found_in(active_suppliers(), pk)


def _found_in(rows: QuerySet[Customer], pk: str) -> Customer | None:
    try:
        return rows.get(pk=pk)
    except (Customer.DoesNotExist, ValidationError):
        return None


def invoicing_facts(customer: Customer) -> dict[str, str | int]:
    """What a new invoice takes from its customer, for the page's scripts."""
    return {"terms": customer.payment_terms_days, "currency": customer.currency}


def get_customer(pk: UUID) -> Customer:
    """The customer, archived or not. Raises Customer.DoesNotExist."""
    return Customer.objects.get(pk=pk)


def id_of_namesake(customer: Customer) -> UUID | None:
    """The other active customer that has this one's name, whatever the case of its letters."""
    others = Customer.objects.exclude(pk=customer.pk).filter(name__iexact=customer.name, archived_at=None)
    return others.values_list("pk", flat=True).first()


def is_reference_taken(customer: Customer) -> bool:
    """Whether another customer, archived or not, has this one's reference."""
    return Customer.objects.exclude(pk=customer.pk).filter(reference=customer.reference).exists()


def next_reference() -> str:
    """The reference after the highest of the form C-0001. Archived customers keep theirs."""
    digits = Cast(Substr("reference", len(REFERENCE_PREFIX) + 1), BigIntegerField())
    numbered = Customer.objects.filter(reference__regex=rf"^{REFERENCE_PREFIX}[0-9]{{1,15}}$")
    highest = numbered.aggregate(highest=Max(digits))["highest"] or 0
    return f"{REFERENCE_PREFIX}{highest + 1:04d}"


def currencies_in_use() -> list[str]:
    """The currencies of the workspace's customers, the most used first."""
    rows = Customer.objects.order_by().values("currency").annotate(count=Count("pk"))
    return [row["currency"] for row in rows.order_by("-count", "currency")]


def lock_names(workspace_id: UUID) -> None:
    """Names and references of a workspace are given under this lock, so that asking "is it free?" stays true."""
    Workspace.objects.select_for_update(of=("self",), no_key=True).get(pk=workspace_id)


def lock_customer(workspace_id: UUID, pk: UUID) -> Customer:
    """The customer as it is now, locked until the transaction ends, under the lock of names: always in this order.

    Raises Customer.DoesNotExist.
    """
    lock_names(workspace_id)
    return Customer.objects.select_for_update(of=("self",)).get(pk=pk)
