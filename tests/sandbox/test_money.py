from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.conftest import Api, Desk, line
from xero_sandbox.rules.money import cents, line_tax


def figures(invoice: dict) -> tuple[float, float, float]:
    return invoice["SubTotal"], invoice["TotalTax"], invoice["Total"]


def test_tax_is_rounded_per_line_and_then_summed(desk: Desk) -> None:
    lines = [line(UnitAmount=0.10) for _ in range(3)]

    # 15 % of 0.10 is 0.015, 0.02 a line; on the sum it would have been 0.05
    assert figures(desk.invoice(LineItems=lines)) == (0.30, 0.06, 0.36)


def test_inclusive_tax_is_inside_the_amount(desk: Desk) -> None:
    invoice = desk.invoice(
        LineAmountTypes="Inclusive", LineItems=[line(UnitAmount=115), line(UnitAmount=9.99)]
    )

    assert figures(invoice) == (108.69, 16.30, 124.99)


def test_no_tax_has_none(desk: Desk) -> None:
    invoice = desk.invoice(LineAmountTypes="NoTax", LineItems=[line(TaxType="OUTPUT2")])

    assert figures(invoice) == (100, 0, 100)
    assert invoice["LineItems"][0]["TaxType"] == "NONE"


def test_amount_types_are_case_sensitive(desk: Desk, api: Api) -> None:
    assert api.put("Invoices", desk.sent_invoice(LineAmountTypes="exclusive")).status_code == 400


def test_zero_rated_line_has_no_tax(desk: Desk) -> None:
    assert figures(desk.invoice(LineItems=[line(TaxType="ZERORATED")])) == (100, 0, 100)


def test_discount_rate_lowers_the_line(desk: Desk) -> None:
    invoice = desk.invoice(LineItems=[line(Quantity=3, UnitAmount=19.99, DiscountRate=12.5)])

    assert invoice["LineItems"][0]["LineAmount"] == 52.47
    assert (invoice["IsDiscounted"], invoice["TotalDiscount"]) == (True, 7.5)


def test_discount_amount_lowers_the_line(desk: Desk) -> None:
    invoice = desk.invoice(LineItems=[line(Quantity=2, UnitAmount=50, DiscountAmount=7.5)])

    assert figures(invoice) == (92.50, 13.88, 106.38)


def test_unit_amount_keeps_two_places_unless_four_are_asked_for(desk: Desk, api: Api) -> None:
    sent = desk.sent_invoice(LineItems=[line(Quantity=1000, UnitAmount=0.1234)])

    two = api.one("PUT", "Invoices", sent)
    four = api.one("PUT", "Invoices?unitdp=4", sent)

    assert (two["SubTotal"], four["SubTotal"]) == (120, 123.40)
    assert four["LineItems"][0]["UnitAmount"] == 0.1234


def test_read_with_two_places_rounds_the_unit_amount_but_not_the_total(desk: Desk) -> None:
    invoice = desk.invoice(LineItems=[line(Quantity=1000, UnitAmount=0.1234)])

    two, four = desk.fresh(invoice), desk.fresh(invoice, "?unitdp=4")

    assert (two["LineItems"][0]["UnitAmount"], two["SubTotal"]) == (0.12, 123.40)
    assert four["LineItems"][0]["UnitAmount"] == 0.1234


def test_tax_amount_may_be_overridden(desk: Desk) -> None:
    assert figures(desk.invoice(LineItems=[line(TaxAmount=14.99)])) == (100, 14.99, 114.99)


def test_line_amount_alone_gives_the_unit_amount(desk: Desk) -> None:
    sent = {"Description": "Flat", "LineAmount": 80, "AccountCode": "200"}

    [item] = desk.invoice(LineItems=[sent])["LineItems"]

    assert (item["Quantity"], item["UnitAmount"], item["LineAmount"]) == (1, 80, 80)


def test_credit_line_lowers_the_total(desk: Desk) -> None:
    invoice = desk.invoice(LineItems=[line(), line(UnitAmount=-30)])

    assert figures(invoice) == (70, 10.50, 80.50)


def test_numbers_may_come_as_text(desk: Desk) -> None:
    assert desk.invoice(LineItems=[line(Quantity="2", UnitAmount="10.50")])["SubTotal"] == 21


def test_totals_that_are_sent_are_ignored(desk: Desk) -> None:
    assert desk.invoice(Total=1, SubTotal=1, TotalTax=0)["Total"] == 115


@pytest.mark.parametrize(
    ("amount", "types", "tax"),
    [
        ("0.03", "Exclusive", "0.00"),
        ("0.10", "Exclusive", "0.02"),
        ("-0.10", "Exclusive", "-0.02"),
        ("99.99", "Exclusive", "15.00"),
        ("100", "Inclusive", "13.04"),
        ("0.01", "Inclusive", "0.00"),
        ("-115", "Inclusive", "-15.00"),
        ("115", "NoTax", "0"),
    ],
)
def test_line_tax_rounds_half_away_from_zero(amount: str, types: str, tax: str) -> None:
    assert line_tax(Decimal(amount), Decimal(15), types) == Decimal(tax)


def test_cents_round_half_away_from_zero() -> None:
    assert [cents(Decimal(value)) for value in ("0.005", "0.015", "-0.005", "2.344")] == [
        Decimal(value) for value in ("0.01", "0.02", "-0.01", "2.34")
    ]
