"""Both sides are compared at a press, and the page says what was found."""

from __future__ import annotations

import pytest

from tests.e2e.browser import expect
from tests.e2e.tandem import Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_a_press_compares_both_sides_and_todays_square_says_so(olivia: Tandem) -> None:
    olivia.synced_invoice()
    olivia.open("settings/accounting/agreement/")
    olivia.page.get_by_role("button", name="Compare").click()
    expect(olivia.page.get_by_text("A new statement is being made")).to_have_count(0)

    expect(olivia.page.get_by_text("it cost no call")).to_be_visible()
    row = olivia.page.get_by_role("row").filter(has_text="Invoices NZD")
    amounts = row.get_by_role("cell").all_inner_texts()
    assert amounts[1] == amounts[2] != "0.00"
    expect(olivia.page.locator(".days [aria-current]")).to_contain_text("agreed")
