"""Currencies by name, and one made-up day's rates."""

from __future__ import annotations

from decimal import Decimal

NAMES = {
    "AUD": "Australian Dollar",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "EUR": "Euro",
    "GBP": "British Pound",
    "JPY": "Japanese Yen",
    "NZD": "New Zealand Dollar",
    "SGD": "Singapore Dollar",
    "USD": "United States Dollar",
    "ZAR": "South African Rand",
}
_PER_US_DOLLAR = {
    "AUD": "1.5312",
    "CAD": "1.3987",
    "CHF": "0.8051",
    "EUR": "0.8674",
    "GBP": "0.7588",
    "JPY": "154.62",
    "NZD": "1.7655",
    "SGD": "1.3017",
    "USD": "1",
    "ZAR": "17.168",
}


def day_rate(base: str, foreign: str) -> Decimal:
    """Foreign units for one unit of the base currency, six places (Xero docs, "CurrencyRate")."""
    if base not in _PER_US_DOLLAR or foreign not in _PER_US_DOLLAR:
        return Decimal(1)
    return (Decimal(_PER_US_DOLLAR[foreign]) / Decimal(_PER_US_DOLLAR[base])).quantize(Decimal("0.000001"))
