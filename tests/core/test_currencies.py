"""The list of currencies."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from core.currencies import CurrencyField, current_currencies


def test_currencies_are_those_paid_with_today() -> None:
    known = current_currencies()

    assert (known["NZD"], known["EUR"]) == ("New Zealand Dollar", "Euro")
    assert {"DEM", "ZZZ", "XAU"} & set(known) == set()


def test_currency_field_offers_what_is_in_use_first_and_each_once() -> None:
    field = CurrencyField(blank="As the customer")
    field.prefer(["AUD", "DEM", "", "AUD"])

    blank, used, rest = field.choices

    assert blank == ("", "As the customer")
    assert used == ("In use here", [("AUD", "AUD – Australian Dollar"), ("DEM", "DEM – German Mark")])
    assert "AUD" not in dict(rest[1])


def test_currency_field_offers_a_group_first_and_in_it_what_is_in_use() -> None:
    field = CurrencyField()
    field.prefer(["AUD", "EUR"], [("Enabled", ["NZD", "EUR", "DEM"])])

    assert [(label, [code for code, _ in codes[:3]]) for label, codes in field.choices] == [
        ("Enabled", ["EUR", "NZD", "DEM"]),
        ("In use here", ["AUD"]),
        ("All currencies", ["AED", "AFN", "ALL"]),
    ]
    everything = [code for _, codes in field.choices for code, _ in codes]
    assert len(everything) == len(set(everything))
    assert field.clean("DEM") == "DEM"


@pytest.mark.parametrize(("typed", "code"), [("nzd", "NZD"), (" USD ", "USD")])
def test_currency_field_takes_a_code_in_any_case(typed: str, code: str) -> None:
    assert CurrencyField().clean(typed) == code


@pytest.mark.parametrize("typed", ["ZZZ", "dollars", "DEM"])
def test_currency_field_refuses_what_is_not_in_the_list(typed: str) -> None:
    with pytest.raises(ValidationError, match="Choose a currency from the list"):
        CurrencyField().clean(typed)
