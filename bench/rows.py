"""Customers and invoices by the thousand, written in bulk, and their operations recorded by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounting.enums import Kind, Priority
from accounting.sync import outbox
from catalogue.models import TaxRate
from core.changes import caused_by
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice, InvoiceLine
from lines.totals import LineInput, compute_totals
from workspaces.models import Workspace

ISSUED_ON = dt.date(2026, 3, 2)
AT_ONCE = 1000
_serial = count(1)


def make_customers(workspace: Workspace, number: int) -> list[Customer]:
    """New customers; nothing is captured."""
    rows = []
    for _ in range(number):
        serial = next(_serial)
        row = Customer(
            workspace=workspace,
            reference=f"B{serial}",
            name=f"Bench Customer {serial}",
            email=f"c{serial}@example.com",
            city="Wellington",
            country="New Zealand",
            currency="NZD",
        )
        rows.append(row)
    with transaction.atomic(), caused_by("backfill"):
        return Customer.objects.bulk_create(rows, batch_size=AT_ONCE)


def line_inputs(rate: TaxRate | None, number: int) -> list[LineInput]:
    """Lines with thirds of a dollar and a discount, so that rounding has to be right."""
    return [
        LineInput(f"Work {n}", Decimal(n + 1), Decimal("33.3333"), rate, Decimal("12.5"))
        for n in range(number)
    ]


def make_invoices(
    customers: Sequence[Customer], number: int, rate: TaxRate, *, lines: int = 2, reference: str = ""
) -> list[Invoice]:
    """Approved invoices, spread over the customers; nothing is captured."""
    inputs = line_inputs(rate, lines)
    totals = compute_totals(inputs, "exclusive")
    sums = {"net": totals.net, "tax": totals.tax, "total": totals.total}
    made = [_invoice(customers[n % len(customers)], reference, sums) for n in range(number)]
    amounts = [{"line_amount": line.line_amount, "tax_amount": line.tax_amount} for line in totals.lines]
    rows = [
        InvoiceLine(
            workspace_id=invoice.workspace_id, invoice=invoice, position=n + 1, **line.columns(), **amounts[n]
        )
        for invoice in made
        for n, line in enumerate(inputs)
    ]
    with transaction.atomic(), caused_by("backfill"):
        Invoice.objects.bulk_create(made, batch_size=AT_ONCE)
        InvoiceLine.objects.bulk_create(rows, batch_size=AT_ONCE)
    return made


def _invoice(customer: Customer, reference: str, sums: dict[str, Decimal]) -> Invoice:
    now = timezone.now()
    facts: dict[str, Any] = {"status": InvoiceStatus.APPROVED, "approved_at": now, "issued_at": now}
    return Invoice(
        workspace_id=customer.workspace_id,
        number=f"BENCH-{next(_serial):07d}",
        reference=reference,
        customer=customer,
        issue_date=ISSUED_ON,
        due_date=ISSUED_ON + dt.timedelta(days=14),
        currency="NZD",
        **facts,
        **sums,
    )


def record(kind: Kind, rows: Sequence[Any], *, priority: Priority = Priority.USER) -> None:
    """Record that these rows must be pushed, a thousand in a statement."""
    ids: list[UUID] = [row.pk for row in rows]
    for start in range(0, len(ids), AT_ONCE):
        with transaction.atomic():
            outbox.record_many(
                workspace_id=rows[0].workspace_id,
                kind=kind,
                local_ids=ids[start : start + AT_ONCE],
                priority=priority,
            )
