"""The arithmetic, against an independent computation in fractions and known answers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.models import TaxRate
from lines.enums import LineAmounts
from lines.totals import LineInput, compute_totals

quantities = st.decimals("-9999", "9999", places=4)
prices = st.decimals("-99999", "99999", places=4)
percents = st.decimals(0, 100, places=2)
rates = st.none() | st.builds(TaxRate, percent=st.decimals(0, 100, places=4))
lines = st.lists(
    st.builds(
        LineInput,
        description=st.just("x"),
        quantity=quantities,
        unit_amount=prices,
        discount_percent=percents,
        tax_rate=rates,
        service=st.none(),
        id=st.none(),
    ),
    max_size=6,
)


def _line(quantity: str, unit_amount: str, percent: str = "0", discount: str = "0") -> LineInput:
    rate = TaxRate(percent=Decimal(percent))
    return LineInput("x", Decimal(quantity), Decimal(unit_amount), rate, Decimal(discount))


def _half_up(value: Fraction) -> Fraction:
    """To cents, halves away from zero."""
    cents = Fraction(floor(abs(value) * 100 + Fraction(1, 2)), 100)
    return cents if value >= 0 else -cents


def _amount(line: LineInput) -> Fraction:
    kept = (100 - Fraction(line.discount_percent)) / 100
    return _half_up(Fraction(line.quantity) * Fraction(line.unit_amount) * kept)


@given(lines)
def test_exclusive_tax_is_rounded_on_each_line_then_summed(inputs: list[LineInput]) -> None:
    totals = compute_totals(inputs, LineAmounts.EXCLUSIVE)

    net = sum((_amount(line) for line in inputs), Fraction())
    tax = sum((_half_up(_amount(line) * Fraction(line.tax_percent) / 100) for line in inputs), Fraction())
    assert (Fraction(totals.net), Fraction(totals.tax), Fraction(totals.total)) == (net, tax, net + tax)


@given(lines)
def test_inclusive_total_is_the_sum_of_the_lines(inputs: list[LineInput]) -> None:
    totals = compute_totals(inputs, LineAmounts.INCLUSIVE)

    amounts = [_amount(line) for line in inputs]
    taxes = [
        _half_up(amount - amount / (1 + Fraction(line.tax_percent) / 100))
        for amount, line in zip(amounts, inputs, strict=True)
    ]
    assert Fraction(totals.total) == sum(amounts, Fraction())
    assert Fraction(totals.tax) == sum(taxes, Fraction())


@given(lines)
def test_no_tax_has_none_whatever_the_rates(inputs: list[LineInput]) -> None:
    totals = compute_totals(inputs, LineAmounts.NO_TAX)

    assert totals.tax == 0
    assert totals.total == totals.net == sum((line.line_amount for line in totals.lines), Decimal(0))


@given(lines, st.sampled_from(list(LineAmounts)))
def test_total_is_net_plus_tax_in_cents(inputs: list[LineInput], amounts: LineAmounts) -> None:
    totals = compute_totals(inputs, amounts)

    assert totals.total == totals.net + totals.tax
    assert [value.as_tuple().exponent for value in (totals.net, totals.tax, totals.total)] == [-2, -2, -2]
    assert len(totals.lines) == len(inputs)


@given(lines, st.sampled_from(list(LineAmounts)))
def test_totals_do_not_depend_on_the_order_of_lines(inputs: list[LineInput], amounts: LineAmounts) -> None:
    forwards, backwards = compute_totals(inputs, amounts), compute_totals(inputs[::-1], amounts)

    assert (forwards.net, forwards.tax) == (backwards.net, backwards.tax)


@pytest.mark.parametrize(
    ("line", "amounts", "expected"),
    [
        (_line("1", "100", "15"), LineAmounts.EXCLUSIVE, ("100.00", "15.00", "115.00")),
        (_line("1", "115", "15"), LineAmounts.INCLUSIVE, ("100.00", "15.00", "115.00")),
        (_line("1", "100", "15"), LineAmounts.NO_TAX, ("100.00", "0.00", "100.00")),
        (_line("3", "33.3333"), LineAmounts.EXCLUSIVE, ("100.00", "0.00", "100.00")),
        (_line("1", "0.005"), LineAmounts.EXCLUSIVE, ("0.01", "0.00", "0.01")),
        (_line("1", "-0.005"), LineAmounts.EXCLUSIVE, ("-0.01", "0.00", "-0.01")),
        (_line("1", "0.10", "5"), LineAmounts.EXCLUSIVE, ("0.10", "0.01", "0.11")),
        (_line("2", "50", "10", "12.5"), LineAmounts.EXCLUSIVE, ("87.50", "8.75", "96.25")),
        (_line("1", "80", "15", "100"), LineAmounts.EXCLUSIVE, ("0.00", "0.00", "0.00")),
        (_line("1", "-20", "15"), LineAmounts.EXCLUSIVE, ("-20.00", "-3.00", "-23.00")),
        (_line("1", "-80", "15", "100"), LineAmounts.EXCLUSIVE, ("0.00", "0.00", "0.00")),
        (_line("1", "-0.004", "15"), LineAmounts.INCLUSIVE, ("0.00", "0.00", "0.00")),
        (_line("1", "10", "17.5"), LineAmounts.INCLUSIVE, ("8.51", "1.49", "10.00")),
    ],
)
def test_totals_of_one_line(line: LineInput, amounts: str, expected: tuple[str, str, str]) -> None:
    totals = compute_totals([line], amounts)

    assert tuple(map(str, (totals.net, totals.tax, totals.total))) == expected
    assert "-0.00" not in map(str, (totals.lines[0].line_amount, totals.lines[0].tax_amount))


def test_tax_of_three_small_lines_is_not_the_tax_of_their_sum() -> None:
    totals = compute_totals([_line("1", "0.10", "5")] * 3, LineAmounts.EXCLUSIVE)

    assert str(totals.tax) == "0.03"


def test_totals_of_no_lines_are_zero() -> None:
    totals = compute_totals([], LineAmounts.INCLUSIVE)

    assert (totals.net, totals.tax, totals.total, totals.lines) == (0, 0, 0, ())
