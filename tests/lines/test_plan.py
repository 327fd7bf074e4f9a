"""How one gets from the lines that are there to those wanted."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.refusals import Refused
from invoices.models import Invoice
from lines.plan import plan_lines
from lines.totals import LineInput


def test_line_with_two_discounts_is_refused() -> None:
    line = LineInput(
        "Work", Decimal(1), Decimal(100), discount_percent=Decimal(10), discount_amount=Decimal(5)
    )
    with pytest.raises(Refused, match="Line 1 has its discount twice"):
        plan_lines(Invoice(currency="NZD", amounts="exclusive"), [line], [])
