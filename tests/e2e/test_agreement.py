"""Both sides are compared: what is apart is named, leads to its decision, and is told to be settled."""

from __future__ import annotations

import pytest

from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import expect
from tests.e2e.tandem import Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def _compare(olivia: Tandem) -> None:
    """Have a statement made and wait for its page."""
    olivia.open("settings/accounting/agreement/")
    olivia.page.get_by_role("button", name="Compare").click()
    banner = olivia.page.get_by_text("A new statement is being made")
    expect(banner).to_have_count(0)


def test_what_is_apart_is_named_and_settled_from_the_statement(olivia: Tandem, robin: Bookkeeper) -> None:
    number = olivia.synced_invoice()
    invoice = olivia.page.url
    robin.pause_webhooks()
    robin.open_invoice(number)
    robin.change_due_date("2031-03-01")
    olivia.open_address(invoice)
    olivia.change_due_date("2031-05-09")
    olivia.sees_sync("out_of_sync")
    robin.resume_webhooks()

    _compare(olivia)
    row = olivia.page.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text("Due date: 9 May 2031 here, 1 Mar 2031 in Xero")
    row.get_by_role("link", name="Decide").click()
    olivia.press("Keep ours")
    olivia.press("Send ours to Xero")
    olivia.sees_sync("synced")

    olivia.open("settings/accounting/agreement/")
    expect(olivia.page.get_by_role("row").filter(has_text=number)).to_contain_text("Settled since")
    _compare(olivia)
    expect(olivia.page.get_by_role("row").filter(has_text=number)).to_have_count(0)
