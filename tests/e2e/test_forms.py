"""Wrong input keeps what was typed, and other people's workspaces do not exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.demo.people import ACME, NORTHWIND, Person
from tests.e2e.browser import Watch, expect
from tests.e2e.tandem import Line, Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_refused_customer_keeps_what_was_typed(olivia: Tandem, watch: Watch) -> None:
    page = olivia.page
    watch.expect("422")
    olivia.open("customers/new/")
    page.get_by_label("Name", exact=True).fill("Ōtaki Ceramics")
    page.get_by_label("E-mail").fill("not an address")
    page.get_by_label("City").fill("Ōtaki")

    with page.expect_navigation() as answer:
        olivia.press("Add customer")

    assert answer.value.status == 422
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ōtaki Ceramics")
    expect(page.get_by_label("E-mail")).to_have_value("not an address")
    expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("City")).to_have_value("Ōtaki")


def test_refused_invoice_keeps_what_was_typed(olivia: Tandem, watch: Watch) -> None:
    page = olivia.page
    watch.expect("422")
    olivia.open("invoices/new/")
    olivia.type_lines([Line("Thinking", "two", "100.00"), Line("Doing", "1", "250.00")])
    page.get_by_label("Reference").fill("PO 77")

    with page.expect_navigation() as answer:
        olivia.press("Save draft")

    assert answer.value.status == 422
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Reference")).to_have_value("PO 77")
    rows = page.locator("tr[data-line]")
    expect(rows).to_have_count(2)
    expect(rows.nth(0).get_by_label("Quantity")).to_have_value("two")
    expect(rows.nth(1).get_by_label("Description")).to_have_value("Doing")
    expect(rows.nth(1).get_by_label("Price")).to_have_value("250.00")


def test_stranger_meets_404(olivia: Tandem, person: Callable[[Person], Tandem], watch: Watch) -> None:
    olivia.synced_invoice()
    nora = person(NORTHWIND.super_user)
    watch.expect("404")

    answers = [
        nora.page.goto(url) for url in (olivia.page.url, olivia.address("customers/"), olivia.address())
    ]

    assert [answer and answer.status for answer in answers] == [404, 404, 404]


def test_price_with_five_decimals_is_told_by_the_field_and_the_total_stays(
    person: Callable[[Person], Tandem],
) -> None:
    sam = person(ACME.staff)
    page = sam.page
    sam.open("invoices/new/")
    sam.type_lines([Line("Thinking", "2", "100.00")])
    total = page.locator("[data-totals]")
    expect(total).to_contain_text("200.00")
    price = page.locator("tr[data-line]").first.get_by_label("Price")

    price.fill("100.00005")

    expect(page.get_by_text("Use at most 4 decimals.")).to_be_visible()
    expect(price).to_have_attribute("aria-invalid", "true")
    expect(total).to_contain_text("200.00")
    price.fill("100.5")
    expect(page.get_by_text("Use at most 4 decimals.")).to_have_count(0)
    expect(total).to_contain_text("201.00")
