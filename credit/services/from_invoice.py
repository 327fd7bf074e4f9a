"""A credit note from an invoice: the lines that are picked, with their accounts and tax rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from core.money import ZERO
from core.refusals import Refused
from credit.models import CreditNote
from credit.services.notes import create_credit_note
from invoices.models import Invoice
from invoices.queries import get_invoice
from lines.models import Line
from lines.totals import LineInput
from workspaces.models import User
from workspaces.submissions import once

PRICE = Decimal("0.0001")


@transaction.atomic
@once
def credit_invoice(
    *, invoice: Invoice, quantities: Mapping[UUID, Decimal], issue_date: dt.date, by: User | None
) -> CreditNote:
    """A draft of these quantities of the invoice's lines, by their ids, at the prices that were invoiced.

    Raises Refused when nothing is picked, more of a line than was invoiced, an invoice that was not issued, and what
    `create_credit_note` does: more than is left of it to credit.
    """
    invoice = get_invoice(invoice.pk)
    if not invoice.is_issued:
        raise Refused(f"{invoice} is {invoice.get_status_display().lower()}, so there is nothing to credit.")
    lines = [
        _credited(line, quantities[line.pk])
        for line in invoice.lines.all()
        if quantities.get(line.pk, ZERO) > 0 and not line.is_text
    ]
    if not lines:
        raise Refused("Choose what is credited: at least one line with a quantity above zero.")
    return create_credit_note(
        workspace=invoice.workspace,
        customer=invoice.customer,
        invoice=invoice,
        lines=lines,
        issue_date=issue_date,
        currency=invoice.currency,
        amounts=invoice.amounts,
        reference=invoice.number,
        by=by,
    )


def _credited(line: Line, quantity: Decimal) -> LineInput:
    assert line.quantity is not None
    if quantity > line.quantity:
        raise Refused(f"Only {line.quantity.normalize():f} of “{line.description[:40]}” was invoiced.")
    whole = quantity == line.quantity
    return replace(
        line.as_input(),
        id=None,
        discount_percent=ZERO,
        discount_amount=None,
        **(_whole_price(line) if whole else {"quantity": quantity, "unit_amount": _price(line)}),
    )


def _price(line: Line) -> Decimal:
    """What one of it came to after its discount: a credit note has none of its own."""
    assert line.quantity
    assert line.unit_amount is not None
    if line.discount_percent or line.discount_amount:
        return (line.line_amount / line.quantity).quantize(PRICE)
    return line.unit_amount


def _whole_price(line: Line) -> dict[str, Decimal | None]:
    """So that it comes to the cent that was invoiced: by the price, or where that has no four decimals as one piece."""
    assert line.quantity
    price = _price(line)
    if (line.quantity * price).quantize(Decimal("0.01")) == line.line_amount:
        return {"quantity": line.quantity, "unit_amount": price}
    return {"quantity": Decimal(1), "unit_amount": line.line_amount}
