"""Changed on both sides: shown, held, decided; and everything else goes on meanwhile."""

from __future__ import annotations

import pytest

from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import expect
from tests.e2e.tandem import Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

OURS, THEIRS = ("2031-03-01", "1 Mar 2031"), ("2031-05-09", "9 May 2031")


@pytest.fixture
def conflict(olivia: Tandem, robin: Bookkeeper) -> str:
    """The number of an invoice whose due date was changed here and in Xero; its page is open."""
    number = olivia.synced_invoice()
    invoice = olivia.page.url
    robin.pause_webhooks()
    robin.open_invoice(number)
    robin.change_due_date(THEIRS[0])
    olivia.open_address(invoice)
    olivia.change_due_date(OURS[0])
    olivia.sees_sync("out_of_sync")
    robin.resume_webhooks()
    return number


def _row_of_due_date(olivia: Tandem) -> list[str]:
    row = olivia.page.get_by_role("row").filter(has=olivia.page.get_by_role("rowheader", name="Due"))
    return [text.replace("(changed)", "").strip() for text in row.get_by_role("cell").all_inner_texts()]


def test_conflict_shows_three_versions_pauses_only_itself_and_keep_ours_settles_it(
    olivia: Tandem, robin: Bookkeeper, conflict: str
) -> None:
    expect(olivia.panel).to_contain_text("Changed here and in Xero")
    invoice = olivia.page.url
    olivia.synced_invoice("Kererū Books")

    olivia.open_address(invoice)
    olivia.panel.get_by_role("link", name="Compare and decide").click()
    agreed, ours, theirs, _ = _row_of_due_date(olivia)
    assert (ours, theirs) == (OURS[1], THEIRS[1])
    assert agreed not in (ours, theirs)

    olivia.press("Keep ours")
    olivia.press("Send ours to Xero")

    olivia.sees_sync("synced")
    robin.open_invoice(conflict)
    robin.sees(robin.document, OURS[1])


def test_take_xeros_version_settles_a_conflict(olivia: Tandem, robin: Bookkeeper, conflict: str) -> None:
    olivia.panel.get_by_role("link", name="Compare and decide").click()

    olivia.press("Take Xero's")
    olivia.press("Overwrite ours")

    olivia.sees_sync("synced")
    expect(olivia.page.locator(".paper__facts")).to_contain_text(THEIRS[1])
    robin.open_invoice(conflict)
    robin.sees(robin.document, THEIRS[1])


@pytest.mark.parametrize("width", [1440, 360])
def test_conflict_is_put_together_by_keyboard_alone(olivia: Tandem, robin: Bookkeeper, width: int) -> None:
    """Our due date, and Xero's line: o and t pick, j and k walk, the totals follow, Enter settles."""
    number = olivia.synced_invoice()
    invoice = olivia.page.url
    robin.pause_webhooks()
    robin.open_invoice(number)
    robin.change_due_date(THEIRS[0])
    robin.change_lines("Design, as agreed on the telephone", "250.00")
    olivia.open_address(invoice)
    olivia.change_due_date(OURS[0])
    olivia.sees_sync("out_of_sync")
    robin.resume_webhooks()
    olivia.panel.get_by_role("link", name="Compare and decide").click()
    olivia.page.set_viewport_size({"width": width, "height": 900})
    olivia.page.wait_for_load_state()  # the keys are at hand
    total, keys = olivia.page.locator("#conflict-total"), olivia.page.keyboard
    expect(total).to_contain_text("Pick a side for 1 more.")

    keys.press("j")  # the due date
    keys.press("o")
    expect(total).to_contain_text("NZ$287.50")
    keys.press("j")
    keys.press("j")  # the price
    keys.press("o")
    expect(total).to_contain_text("NZ$115.00")
    keys.press("t")
    expect(total).to_contain_text("NZ$287.50")
    keys.press("k")  # the description
    keys.press("o")
    results = olivia.page.locator(".diff__result")
    expect(results.filter(has_text=OURS[1])).to_be_visible()
    expect(results.filter(has_text="A morning's work")).to_be_visible()
    with olivia.page.expect_navigation():
        keys.press("Enter")

    olivia.sees_notice("Settled. The result was written here")
    olivia.open_address(invoice)
    olivia.sees_sync("synced")
    expect(olivia.page.locator(".paper__facts")).to_contain_text(OURS[1])
    robin.open_invoice(number)
    robin.sees(robin.document, OURS[1], "287.50")
