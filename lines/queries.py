"""Reads of lines."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import QuerySet

from core.money import ZERO
from lines.enums import LineAmounts
from lines.models import Header, Line


def lines_of(header: Header) -> QuerySet[Line]:
    """The document's lines in order, with their tax rates and services."""
    return header.lines.select_related("tax_rate", "service").order_by("position")


def tax_by_rate(header: Header) -> list[tuple[str, Decimal]]:
    """The tax summary: the tax of each rate on the document, by the rate's name, in the order of the lines. Reads no
    row anew."""
    sums: dict[str, Decimal] = {}
    for line in header.lines.all():
        if line.tax_rate:
            sums[line.tax_rate.name] = sums.get(line.tax_rate.name, ZERO) + line.tax_amount
    return [] if header.amounts == LineAmounts.NO_TAX else list(sums.items())
