"""Payments, both ways: recorded and taken back, in Xero and in Tandem."""

from __future__ import annotations

import pytest

from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import Watch, expect
from tests.e2e.tandem import Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_payment_in_xero_pays_the_open_invoice_and_its_removal_reverses_it(
    olivia: Tandem, robin: Bookkeeper
) -> None:
    number = olivia.synced_invoice(price="200.00")
    page, payments = olivia.page, olivia.page.locator("#payments")
    page.evaluate("window.stayed = true")

    robin.open_invoice(number)
    today = robin.today()
    robin.pay("230.00", "Cheque 4711")

    expect(page.locator("#invoice-header")).to_contain_text("Paid")
    expect(payments.get_by_role("listitem")).to_contain_text("NZ$230.00")
    expect(payments.get_by_role("listitem")).to_contain_text("Cheque 4711")
    expect(payments.get_by_role("listitem")).to_contain_text(today)
    expect(payments.get_by_role("listitem")).to_contain_text("from Xero")

    robin.open_invoice(number)
    robin.remove_payment()

    expect(payments.get_by_role("listitem")).to_contain_text("Reversed")
    expect(page.locator("#invoice-header")).not_to_contain_text("Paid")
    assert page.evaluate("window.stayed") is True


def test_payment_in_tandem_reaches_xero_and_its_reversal_deletes_it_there(
    olivia: Tandem, robin: Bookkeeper
) -> None:
    number = olivia.synced_invoice(price="100.00")
    page, payments = olivia.page, olivia.page.locator("#payments")

    olivia.press_link("Record payment")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("40.00")
    dialog.get_by_label("Reference").fill("Direct credit 12")
    dialog.get_by_role("button", name="Record payment").click()

    expect(page.locator("#invoice-header")).to_contain_text("Part paid")
    robin.open_invoice(number)
    robin.sees(robin.payments, "40.00", "Direct credit 12", "Business Bank Account")

    payments.get_by_role("link", name="Reverse the payment").click()
    dialog.get_by_role("button", name="Reverse payment").click()

    expect(payments.get_by_role("listitem")).to_contain_text("Reversed")
    robin.sees(robin.payments, "removed")


def test_refused_payment_keeps_what_was_typed(olivia: Tandem, watch: Watch) -> None:
    watch.expect("422")
    olivia.synced_invoice(price="10.00")

    olivia.press_link("Record payment")
    dialog = olivia.page.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("-3")
    dialog.get_by_label("Reference").fill("Half of it")
    with olivia.page.expect_response("**/record/") as answer:
        dialog.get_by_role("button", name="Record payment").click()

    assert answer.value.status == 422
    expect(dialog.get_by_label("Amount")).to_have_value("-3")
    expect(dialog.get_by_label("Reference")).to_have_value("Half of it")
    expect(dialog.get_by_role("alert")).to_be_visible()
