"""Rounding and tax: per line, half up, then summed (Xero docs, "Invoices: tax calculations")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from xero_sandbox.documents import ONE, ZERO, Line

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
LARGEST_LINE = Decimal("9999999999.99")


@dataclass(frozen=True, slots=True)
class Totals:
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    total_discount: Decimal


def cents(amount: Decimal) -> Decimal:
    """Two places, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def unit_price(amount: Decimal, decimals: int) -> Decimal:
    """A unit amount keeps two places unless the caller says unitdp=4 (Xero docs, "Rounding")."""
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def line_amount(quantity: Decimal, unit: Decimal, rate: Decimal | None, discount: Decimal | None) -> Decimal:
    """Quantity times unit amount, less a rate in per cent or an amount."""
    gross = quantity * unit
    if rate:
        return cents(gross * (HUNDRED - rate) / HUNDRED)
    return cents(gross - (discount or ZERO))


def line_tax(amount: Decimal, rate: Decimal, amount_types: str) -> Decimal:
    """The tax on top of an exclusive amount, or inside an inclusive one."""
    share = rate / HUNDRED
    if amount_types == "Exclusive":
        return cents(amount * share)
    if amount_types == "Inclusive":
        return cents(amount - amount / (ONE + share))
    return ZERO


def line_discount(line: Line) -> Decimal:
    if line.quantity is None or line.unit_amount is None:
        return ZERO
    return cents(line.quantity * line.unit_amount) - line.line_amount


def add_up(lines: Iterable[Line], amount_types: str) -> Totals:
    """The document's totals from its lines."""
    lines = list(lines)
    amount = sum((line.line_amount for line in lines), ZERO)
    tax = sum((line.tax_amount for line in lines), ZERO)
    discount = sum(
        (line_discount(line) for line in lines if line.discount_rate or line.discount_amount), ZERO
    )
    sub_total = amount - tax if amount_types == "Inclusive" else amount
    return Totals(sub_total, tax, sub_total + tax, discount)
