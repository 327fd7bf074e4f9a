"""What an address of a page names; what is not there is not found."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from credit.models import Allocation, CreditNote, Refund
from credit.queries import get_allocation, get_credit_note, get_refund
from customers.models import Customer
from customers.queries import get_customer
from invoices.models import Invoice
from invoices.queries import get_invoice


def the_note(pk: UUID) -> CreditNote:
    try:
        return get_credit_note(pk)
    except CreditNote.DoesNotExist as error:
        raise Http404 from error


def the_invoice(pk: UUID) -> Invoice:
    try:
        return get_invoice(pk)
    except Invoice.DoesNotExist as error:
        raise Http404 from error


def the_allocation(pk: UUID) -> Allocation:
    try:
        return get_allocation(pk)
    except Allocation.DoesNotExist as error:
        raise Http404 from error


def the_refund(pk: UUID) -> Refund:
    try:
        return get_refund(pk)
    except Refund.DoesNotExist as error:
        raise Http404 from error


def the_customer(pk: str) -> Customer | None:
    """The customer that a list is narrowed to; None where it is not."""
    try:
        return get_customer(UUID(pk)) if pk else None
    except (Customer.DoesNotExist, ValueError) as error:
        raise Http404 from error
