"""A customer who was invoiced, credited and refunded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from core.changes import caused_by
from credit.enums import CreditNoteStatus
from credit.services.allocations import take_allocation_from_remote
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.services import take_credit
from tests.factories.credit import make_allocation, make_credit_note, make_refund
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from workspaces.models import Workspace

FIRST = dt.date(2026, 3, 1)


@pytest.fixture
def kea(in_workspace: Workspace) -> Customer:
    """Invoiced 100 and 100 (30 credited in Xero); paid 40; credited 70: 20 on the first invoice, 10 on one that is not
    here, 5 paid back. A draft, a voided note and a reversed payment move nothing."""
    customer = make_customer(in_workspace, name="Kea")
    approved = {"customer": customer, "status": InvoiceStatus.APPROVED}
    first = make_invoice(in_workspace, issue_date=FIRST, due_date=FIRST, **approved)
    second = make_invoice(in_workspace, issue_date=FIRST + dt.timedelta(days=1), **approved)
    make_invoice(in_workspace, customer=customer)
    make_payment(in_workspace, invoice=first, date=FIRST + dt.timedelta(days=2))
    make_payment(in_workspace, invoice=second, reversed_=True)
    noted = FIRST + dt.timedelta(days=3)
    given = make_credit_note(
        in_workspace, customer=customer, issue_date=noted, lines=[make_line(unit_amount="70")]
    )
    make_allocation(given, first, "20", date=noted)
    make_refund(given, "5", date=noted)
    make_credit_note(in_workspace, customer=customer, status=CreditNoteStatus.VOIDED)
    make_credit_note(in_workspace, customer=customer, status=CreditNoteStatus.DRAFT)
    with caused_by("remote"):
        take_credit(invoice=second, amount=Decimal(30))
        take_allocation_from_remote(
            credit_note=given, invoice=None, elsewhere="INV-X", amount=Decimal(10), date=noted
        )
    return customer
