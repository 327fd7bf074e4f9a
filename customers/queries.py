"""Reads about customers, inside the workspace in scope."""

from __future__ import annotations

from uuid import UUID

from django.db.models import BigIntegerField, Max, QuerySet
from django.db.models.functions import Cast, Substr

from core.search import search_rows
from customers.models import Customer

REFERENCE_PREFIX = "C-"


def list_customers(*, search: str = "", archived: bool = False) -> QuerySet[Customer]:
    """Active or archived customers by name. Each word of `search` is in the name, reference, e-mail or contact."""
    customers = Customer.objects.filter(archived_at__isnull=not archived)
    found = search_rows(customers, search, "name", "reference", "email", "first_name", "last_name")
    return found.order_by("name", "pk")


def active_customers() -> QuerySet[Customer]:
    """The customers that can be invoiced, by name."""
    return list_customers()


def get_customer(pk: UUID) -> Customer:
    """The customer, archived or not. Raises Customer.DoesNotExist."""
    return Customer.objects.get(pk=pk)


def is_name_taken(customer: Customer) -> bool:
    """Whether another active customer has this one's name, whatever the case of its letters."""
    others = Customer.objects.exclude(pk=customer.pk)
    return others.filter(name__iexact=customer.name, archived_at=None).exists()


def is_reference_taken(customer: Customer) -> bool:
    """Whether another customer, archived or not, has this one's reference."""
    return Customer.objects.exclude(pk=customer.pk).filter(reference=customer.reference).exists()


def next_reference() -> str:
    """The reference after the highest of the form C-0001. Archived customers keep theirs."""
    digits = Cast(Substr("reference", len(REFERENCE_PREFIX) + 1), BigIntegerField())
    numbered = Customer.objects.filter(reference__regex=rf"^{REFERENCE_PREFIX}[0-9]{{1,15}}$")
    highest = numbered.aggregate(highest=Max(digits))["highest"] or 0
    return f"{REFERENCE_PREFIX}{highest + 1:04d}"
