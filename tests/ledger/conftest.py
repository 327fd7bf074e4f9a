"""A customer who was invoiced, credited and refunded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from credit.enums import CreditNoteStatus
from credit.models import Allocation, CreditNote, Refund
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from tests.factories.payments import make_payment
from workspaces.audit import actor
from workspaces.models import Workspace

FIRST = dt.date(2026, 3, 1)


@transaction.atomic
def note(customer: Customer, total: str, *, day: int = 0, **fields: Any) -> CreditNote:
    """A credit note of this total, issued so many days after the first."""
    amount, now = Decimal(total), timezone.now()
    stamps = {"approved_at": now, "issued_at": now, "status": CreditNoteStatus.APPROVED} | fields
    return CreditNote.objects.create(
        workspace_id=customer.workspace_id,
        customer=customer,
        number=f"CN-{CreditNote.objects.count() + 1:04d}",
        issue_date=FIRST + dt.timedelta(days=day),
        currency="NZD",
        net=amount,
        total=amount,
        **stamps,
    )


@transaction.atomic
def apply(given: CreditNote, amount: str, *, invoice: Invoice | None = None) -> Allocation:
    """So much of a note on an invoice; without one, on an invoice that is not here."""
    elsewhere = {} if invoice else {"elsewhere": "INV-X"}
    made = Allocation.objects.create(
        workspace_id=given.workspace_id,
        credit_note=given,
        invoice=invoice,
        amount=Decimal(amount),
        date=given.issue_date,
        **elsewhere,
        **actor(None),
    )
    given.applied += made.amount
    given.save()
    if invoice:
        invoice.credited += made.amount
        invoice.save()
    return made


@transaction.atomic
def refund(given: CreditNote, amount: str) -> Refund:
    made = Refund.objects.create(
        workspace_id=given.workspace_id,
        credit_note=given,
        amount=Decimal(amount),
        date=given.issue_date,
        **actor(None),
    )
    given.refunded += made.amount
    given.save()
    return made


@pytest.fixture
def kea(in_workspace: Workspace) -> Customer:
    """Invoiced 100 and 100 (30 credited in Xero); paid 40; credited 70: 20 on the first invoice, 10 on one that is not
    here, 5 paid back. A draft, a voided note and a reversed payment move nothing."""
    customer = make_customer(in_workspace, name="Kea")
    approved = {"customer": customer, "status": InvoiceStatus.APPROVED}
    first = make_invoice(in_workspace, issue_date=FIRST, due_date=FIRST, **approved)
    second = make_invoice(in_workspace, issue_date=FIRST + dt.timedelta(days=1), **approved)
    Invoice.objects.filter(pk=second.pk).update(credited=30, credited_elsewhere=30)
    make_invoice(in_workspace, customer=customer)
    make_payment(in_workspace, invoice=first, date=FIRST + dt.timedelta(days=2))
    make_payment(in_workspace, invoice=second, reversed_=True)
    given = note(customer, "70", day=3)
    first.refresh_from_db()
    apply(given, "20", invoice=first)
    apply(given, "10")
    refund(given, "5")
    note(customer, "9", status=CreditNoteStatus.VOIDED, voided_at=timezone.now())
    note(customer, "8", status=CreditNoteStatus.DRAFT, approved_at=None, issued_at=None)
    return customer
