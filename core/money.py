"""Money is Decimal. Amounts have two places, unit prices up to four; halves round away from zero, as Xero rounds."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
UNIT = Decimal("0.0001")
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)


def cents(amount: Decimal) -> Decimal:
    """The amount to two places, halves away from zero. Nothing is never "-0.00"."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP) + ZERO


def unit_price(amount: Decimal) -> Decimal:
    """A unit price to four places (Xero keeps four when asked with unitdp=4)."""
    return amount.quantize(UNIT, rounding=ROUND_HALF_UP)
