"""How amounts, dates, times and quantities are written for people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import time_machine

from core.templatetags import display

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal("1234.5"), "NZD", "NZ$1,234.50"),
        (Decimal("1234.5"), "USD", "$1,234.50"),
        (Decimal("1234.5"), "", "1,234.50"),
        (Decimal("-12"), "EUR", "-€12.00"),
        (Decimal("1500"), "JPY", "¥1,500"),
        (Decimal("100.50"), "JPY", "¥100.50"),
        (Decimal("99.99"), "KWD", "KWD99.990"),
        (Decimal("0"), "", "0.00"),
        ("7", "", "7.00"),
        (None, "NZD", ""),
        ("", "NZD", ""),
        ("twelve", "NZD", ""),
    ],
)
def test_money_as_people_write_it(amount: object, currency: str, text: str) -> None:
    assert display.money(amount, currency) == text


def test_money_of_sixteen_digits_keeps_every_digit() -> None:
    assert display.money(Decimal("999999999999.99")) == "999,999,999,999.99"


def test_day_of_a_calendar_date() -> None:
    assert display.day(date(2026, 11, 20)) == "20 Nov 2026"


def test_day_of_an_instant_is_refused() -> None:
    with pytest.raises(TypeError, match="ago"):
        display.day(NOON)


def test_day_of_nothing_is_empty() -> None:
    assert display.day(None) == ""


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=-30), "just now"),
        (timedelta(seconds=44), "just now"),
        (timedelta(seconds=45), "1 minute ago"),
        (timedelta(minutes=3, seconds=59), "3 minutes ago"),
        (timedelta(minutes=60), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
        (timedelta(days=7), "13 Nov 2026"),
    ],
)
def test_ago_in_words(past: timedelta, words: str) -> None:
    with time_machine.travel(NOON, tick=False):
        assert f">{words}</time>" in display.ago(NOON - past)


def test_ago_tells_the_exact_instant_in_utc() -> None:
    auckland = timezone(timedelta(hours=13))
    with time_machine.travel(NOON, tick=False):
        text = display.ago(datetime(2026, 11, 21, 0, 30, tzinfo=auckland))
    assert text == (
        '<time datetime="2026-11-20T11:30:00Z" title="20 Nov 2026, 11:30 UTC">30 minutes ago</time>'
    )


def test_ago_of_nothing_is_empty() -> None:
    assert display.ago(None) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("2.5000"), "2.5"),
        (Decimal("12.0000"), "12"),
        (Decimal("1000"), "1,000"),
        (Decimal("0.0001"), "0.0001"),
        (None, ""),
    ],
)
def test_quantity_without_idle_zeros(value: object, text: str) -> None:
    assert display.quantity(value) == text
