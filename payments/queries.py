"""Reads of payments."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from invoices.models import Invoice
from payments.models import Payment


def payments_of(invoice: Invoice) -> QuerySet[Payment]:
    """Every payment recorded on the invoice, reversed ones too, oldest first."""
    return Payment.objects.filter(invoice=invoice).order_by("date", "id")


def live_payments_of(invoice: Invoice) -> QuerySet[Payment]:
    """The payments that stand."""
    return payments_of(invoice).filter(reversed_at=None)


def get_payment(pk: UUID | str) -> Payment:
    """One payment with its invoice. Raises Payment.DoesNotExist."""
    return Payment.objects.select_related("invoice").get(pk=pk)


def lock_payment(pk: UUID | str) -> Payment:
    """One payment as it is now, locked until the transaction ends. Lock its invoice first."""
    return Payment.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=pk)
