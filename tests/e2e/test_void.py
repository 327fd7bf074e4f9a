"""Voiding an invoice that was paid, and a date that Xero has locked."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import Watch, expect
from tests.e2e.tandem import Line, Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_paid_invoice_is_voided_with_its_payment_here_and_in_xero(olivia: Tandem, robin: Bookkeeper) -> None:
    number = olivia.synced_invoice(price="100.00")
    page, dialog = olivia.page, olivia.page.get_by_role("dialog")
    olivia.press_link("Record payment")
    dialog.get_by_label("Amount").fill("40.00")
    dialog.get_by_role("button", name="Record payment").click()
    expect(page.locator("#invoice-header")).to_contain_text("Part paid")
    olivia.sees_sync("synced")

    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Void", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(
        "The payment of NZ$40.00 is reversed, and deleted in Xero"
    )
    olivia.press("Reverse and void")

    olivia.sees_notice(f"{number} is voided.")
    expect(page.get_by_role("main")).to_contain_text("Reverse the payment of NZ$40.00")
    olivia.sees_sync("removed")
    robin.open_invoice(number)
    robin.sees(robin.payments, "removed")
    expect(robin.title).to_contain_text("Voided")


def test_invoice_in_a_locked_period_is_told_at_the_form_and_keeps_what_was_typed(
    olivia: Tandem, robin: Bookkeeper, watch: Watch
) -> None:
    watch.expect("422")
    robin.lock_until(dt.date(2026, 10, 31))
    olivia.open("settings/accounting/xero/")
    olivia.press("Read lists from Xero again")
    olivia.open("invoices/new/")
    olivia.choose_customer("Harbour Bakery")
    olivia.page.get_by_label("Issue date").fill("2026-10-31")
    olivia.page.get_by_label("Reference").fill("Order 7")

    olivia.type_lines([Line("A morning's work", "1", "100.00")])

    olivia.press("Save and approve")

    wrong = olivia.page.get_by_role("alert").filter(has_text="This is not right yet:")
    expect(wrong).to_contain_text("Issue date: Xero's books are locked up to 31 Oct 2026. Choose 1 Nov 2026")
    expect(olivia.page.get_by_label("Reference")).to_have_value("Order 7")
    robin.lock_until(None)
