"""How amounts, dates, times and quantities are written for people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.clock import day_in

LOCALE = "en"
SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
WEEK = 7 * SECONDS["day"]

register = template.Library()


@register.filter
def money(amount: object, currency: str = "") -> str:
    """An amount as people write it: `1,234.50`, or with its currency `NZ$1,234.50`. Nothing for nothing.

    No cent is rounded away: an amount that is finer than its currency shows two decimals (`¥100.50`).
    """
    value = _decimal(amount)
    if value is None:
        return ""
    if currency:
        is_whole = value == round(value, get_currency_precision(currency))
        return format_currency(value, currency, locale=LOCALE, currency_digits=is_whole)
    return format_decimal(value, format="#,##0.00", locale=LOCALE)


@register.filter
def day(value: object) -> str:
    """A calendar date as `20 Nov 2026`. An instant is refused: which day it is depends on where one stands."""
    if not isinstance(value, date):
        return ""
    if isinstance(value, datetime):
        raise TypeError("|day is for calendar dates; write an instant with |ago")
    return format_date(value, "d MMM y", locale=LOCALE)


@register.filter
def ago(instant: object) -> str | SafeString:
    """A past instant in words, in a `<time>` that tells the exact time: `3 minutes ago`, later `20 Nov 2026`, the day
    where the workspace is."""
    if not isinstance(instant, datetime):
        return ""
    moment = instant.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"{format_date(moment, 'd MMM y', locale=LOCALE)}, {moment:%H:%M} UTC",
        _in_words(moment),
    )


@register.filter
def moment(instant: object) -> str | SafeString:
    """An instant to come, where the workspace is: `14:05`, `14:05 tomorrow`, `14:05 on 20 Nov 2026`, in a `<time>`."""
    if not isinstance(instant, datetime):
        return ""
    zone = timezone.get_current_timezone()
    there = instant.astimezone(zone)
    days = (day_in(zone, instant) - day_in(zone)).days
    told = {0: "", 1: " tomorrow"}.get(days, f" on {format_date(there, 'd MMM y', locale=LOCALE)}")
    exact = instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return format_html('<time datetime="{}">{}{}</time>', exact, f"{there:%H:%M}", told)


@register.filter
def quantity(value: object) -> str:
    """A quantity or rate without idle zeros: `1.5`, `12`, `1,000`."""
    number = _decimal(value)
    return "" if number is None else format_decimal(number, format="#,##0.####", locale=LOCALE)


@register.filter
def unit_price(value: object) -> str:
    """A price of one unit: two decimals, up to four where it has them: `150.00`, `0.0825`."""
    number = _decimal(value)
    return "" if number is None else format_decimal(number, format="#,##0.00##", locale=LOCALE)


def _in_words(moment: datetime) -> str:
    seconds = int((timezone.now() - moment).total_seconds())
    if seconds < 45:
        return "just now"
    if seconds >= WEEK:
        return format_date(timezone.localtime(moment), "d MMM y", locale=LOCALE)
    unit = next(name for name in ("day", "hour", "minute") if seconds >= SECONDS[name] or name == "minute")
    count = max(1, seconds // SECONDS[unit])
    return f"{count} {unit}{'' if count == 1 else 's'} ago"


def _decimal(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
