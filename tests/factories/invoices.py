"""Invoices, without surprises. Call inside a workspace's scope."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, create_invoice, mark_sent, submit_invoice, void_invoice
from lines.enums import LineAmounts
from lines.totals import LineInput
from tests.factories.customers import make_customer
from workspaces.models import Workspace

ISSUED_ON = dt.date(2026, 3, 2)


def make_line(
    description: str = "Design",
    *,
    quantity: str = "1",
    unit_amount: str = "100",
    tax_rate: TaxRate | None = None,
    discount_percent: str = "0",
    **fields: Any,
) -> LineInput:
    """One line of 100.00 without tax, unless told otherwise."""
    return LineInput(
        description=description,
        quantity=Decimal(quantity),
        unit_amount=Decimal(unit_amount),
        tax_rate=tax_rate,
        discount_percent=Decimal(discount_percent),
        **fields,
    )


def make_invoice(workspace: Workspace, *, status: str = InvoiceStatus.DRAFT, **fields: Any) -> Invoice:
    """An invoice of one line of 100.00, brought to `status` through the services."""
    fields.setdefault("lines", [make_line()])
    fields.setdefault("issue_date", ISSUED_ON)
    fields.setdefault("due_date", fields["issue_date"] + dt.timedelta(days=14))
    if not any(line.tax_rate for line in fields["lines"]):
        fields.setdefault("amounts", LineAmounts.NO_TAX)  # a line that may be taxed needs a rate
    by = fields.pop("by", None)
    customer = fields.pop("customer", None) or make_customer(workspace)
    invoice = create_invoice(workspace=workspace, customer=customer, by=by, **fields)
    steps = {
        InvoiceStatus.DRAFT: [],
        InvoiceStatus.AWAITING_APPROVAL: [submit_invoice],
        InvoiceStatus.APPROVED: [approve_invoice],
        InvoiceStatus.SENT: [approve_invoice, mark_sent],
        InvoiceStatus.VOIDED: [approve_invoice, void_invoice],
    }
    for step in steps[InvoiceStatus(status)]:
        invoice = step(invoice=invoice, by=by)
    return invoice
