"""Credit notes and what became of them, without surprises. Call inside a workspace's scope."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from credit.enums import CreditNoteStatus
from credit.models import Allocation, CreditNote, Refund
from credit.services.allocations import allocate
from credit.services.notes import (
    approve_credit_note,
    create_credit_note,
    submit_credit_note,
    void_credit_note,
)
from credit.services.refunds import refund
from invoices.models import Invoice
from lines.enums import LineAmounts
from tests.factories.customers import make_customer
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from workspaces.models import Workspace

APPLIED_ON = dt.date(2026, 3, 10)
STEPS: dict[str, list[Any]] = {
    CreditNoteStatus.DRAFT: [],
    CreditNoteStatus.AWAITING_APPROVAL: [submit_credit_note],
    CreditNoteStatus.APPROVED: [approve_credit_note],
    CreditNoteStatus.VOIDED: [approve_credit_note, void_credit_note],
}


def make_credit_note(
    workspace: Workspace, *, status: str = CreditNoteStatus.APPROVED, **fields: Any
) -> CreditNote:
    """A credit note of one line of 100.00, brought to `status` through the services."""
    fields.setdefault("lines", [make_line()])
    fields.setdefault("issue_date", ISSUED_ON)
    if not any(line.tax_rate for line in fields["lines"]):
        fields.setdefault("amounts", LineAmounts.NO_TAX)  # a line that may be taxed needs a rate
    by = fields.pop("by", None)
    customer = fields.pop("customer", None) or make_customer(workspace)
    note = create_credit_note(workspace=workspace, customer=customer, by=by, **fields)
    for step in STEPS[CreditNoteStatus(status)]:
        note = step(credit_note=note, by=by)
    return note


def make_pair(workspace: Workspace, **fields: Any) -> tuple[CreditNote, Invoice]:
    """A credit note and an invoice of one customer, 100.00 each, both approved."""
    note = make_credit_note(workspace, **fields)
    return note, make_invoice(workspace, customer=note.customer, currency=note.currency, status="approved")


def make_allocation(note: CreditNote, invoice: Invoice, amount: str = "30", **fields: Any) -> Allocation:
    """30.00 of the note applied to the invoice."""
    fields = {"date": APPLIED_ON, "by": None, **fields}
    return allocate(credit_note=note, invoice=invoice, amount=Decimal(amount), **fields)


def make_refund(note: CreditNote, amount: str = "20", **fields: Any) -> Refund:
    """20.00 of the note paid back."""
    fields = {"date": APPLIED_ON, "by": None, **fields}
    return refund(credit_note=note, amount=Decimal(amount), **fields)
