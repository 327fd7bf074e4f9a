"""What lines and documents come to. Pure: the arithmetic both sides of the books must agree on to the cent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalogue.models import Service, TaxRate
from core.money import HUNDRED, ZERO, cents, unit_price
from lines.enums import LineAmounts


def line_amount(quantity: Decimal, unit_amount: Decimal, discount_percent: Decimal) -> Decimal:
    """What a line comes to, in cents: quantity x unit price less discount, halves away from zero."""
    return cents(quantity * unit_amount * (HUNDRED - discount_percent) / HUNDRED)


def line_tax(amount: Decimal, percent: Decimal, amounts: str) -> Decimal:
    """The tax on one line's amount, in cents; the part of the amount that is tax when amounts are inclusive."""
    if amounts == LineAmounts.NO_TAX:
        return ZERO
    if amounts == LineAmounts.INCLUSIVE:
        return cents(amount - amount / (1 + percent / HUNDRED))
    return cents(amount * percent / HUNDRED)


@dataclass(frozen=True, slots=True)
class LineInput:
    """A line as somebody wants it. `id` names the existing line to keep; without it the line is new.

    A line that is only text has neither quantity nor price (None). A discount is a percentage or, where
    `discount_amount` is given, an amount. `account` is the id of one that the rooms above offer, blank for the usual
    one. `given` is what the other side of the books has computed for it; without it the line is computed here.
    """

    description: str
    quantity: Decimal | None
    unit_amount: Decimal | None
    tax_rate: TaxRate | None = None
    discount_percent: Decimal = ZERO
    discount_amount: Decimal | None = None
    service: Service | None = None
    account: str = ""
    id: UUID | None = None
    given: LineTotals | None = None

    @property
    def is_text(self) -> bool:
        return self.quantity is None and self.unit_amount is None

    @property
    def tax_percent(self) -> Decimal:
        return self.tax_rate.percent if self.tax_rate else ZERO

    @property
    def pk(self) -> str:
        """What tells this line from every other: its columns, and whose line it is."""
        return repr([self.id, *(getattr(value, "pk", value) for value in self.columns().values())])

    def told(self) -> str:
        """The line in few words."""
        if self.quantity is None or self.unit_amount is None:
            return self.description
        price = f"{self.quantity.normalize():f} × {self.unit_amount.normalize():f}"
        tax = f", {self.tax_rate}" if self.tax_rate else ""
        return f"{self.description}: {price}{self._less()}{tax}"

    def _less(self) -> str:
        if self.discount_amount is not None:
            return f", less {self.discount_amount:f}"
        return f", less {self.discount_percent.normalize():f}%" if self.discount_percent else ""

    def columns(self) -> dict[str, Any]:
        """Its values as the columns of `lines.models.Line` keep them."""
        return {
            "service": self.service,
            "description": self.description,
            "quantity": None if self.quantity is None else unit_price(self.quantity),
            "unit_amount": None if self.unit_amount is None else unit_price(self.unit_amount),
            "discount_percent": cents(self.discount_percent),
            "discount_amount": None if self.discount_amount is None else cents(self.discount_amount),
            "tax_rate": self.tax_rate,
            "tax_percent": self.tax_percent,
            "account": self.account,
        }


@dataclass(frozen=True, slots=True)
class LineTotals:
    """What one line comes to."""

    line_amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """What the other side of the books has computed for a whole document."""

    net: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document comes to, and each of its lines in the order given."""

    net: Decimal
    tax: Decimal
    total: Decimal
    lines: tuple[LineTotals, ...]


def compute_totals(lines: Iterable[LineInput], amounts: str) -> Totals:
    """The totals as Xero computes them: tax per line, each rounded to the cent, then summed. Pure."""
    computed = tuple(_line_totals(line, amounts) for line in lines)
    amount = sum((line.line_amount for line in computed), ZERO)
    tax = sum((line.tax_amount for line in computed), ZERO)
    net = amount - tax if amounts == LineAmounts.INCLUSIVE else amount
    return Totals(net=net, tax=tax, total=net + tax, lines=computed)


def _line_totals(line: LineInput, amounts: str) -> LineTotals:
    if line.given is not None:
        return line.given
    if line.is_text:
        return LineTotals(ZERO, ZERO)
    quantity, price = unit_price(line.quantity or ZERO), unit_price(line.unit_amount or ZERO)
    if line.discount_amount is not None:
        amount = cents(quantity * price - cents(line.discount_amount))
    else:
        amount = line_amount(quantity, price, cents(line.discount_percent))
    return LineTotals(amount, line_tax(amount, line.tax_percent, amounts))
