"""Payments, without surprises. Call inside a workspace's scope."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from payments.services import record_payment, reverse_payment
from tests.factories.invoices import make_invoice
from workspaces.models import Workspace

PAID_ON = dt.date(2026, 3, 10)


def make_payment(
    workspace: Workspace,
    *,
    invoice: Invoice | None = None,
    amount: str = "40.00",
    reversed_: bool = False,
    **fields: Any,
) -> Payment:
    """A payment of 40.00 on an approved invoice (of 100.00, unless one is given)."""
    invoice = invoice or make_invoice(workspace, status=InvoiceStatus.APPROVED)
    fields.setdefault("date", PAID_ON)
    fields.setdefault("by", None)
    payment = record_payment(invoice=invoice, amount=Decimal(amount), **fields)
    return reverse_payment(payment=payment, by=None) if reversed_ else payment
