"""Onboarding: two books that have lived apart, compared, decided and joined in the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from config.demo.people import NORTHWIND
from tests.e2e import two_books
from tests.e2e.audit import faults_of
from tests.e2e.browser import Browser, Page, expect
from tests.e2e.running_demo import RunningDemo, running_demo
from tests.e2e.tandem import Tandem
from tests.e2e.walking import walk_to

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PATIENCE = 180_000
"""Milliseconds. The minute's calls may be used up on the way."""


@pytest.fixture
def apart() -> Iterator[RunningDemo]:
    """A demo of its own: what is joined here stays joined."""
    with running_demo() as running:
        yield running


def _counted(text: str, word: str) -> int:
    found = re.search(rf"([\d,]+) {word}", text)
    assert found, text
    return int(found[1].replace(",", ""))


def _put_off_by_keyboard(page: Page, width: int) -> None:
    """Two that need a person anyway are put off, by keyboard alone."""
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()  # without the notice of the last time
    with page.expect_navigation():
        walk_to(page.get_by_role("link", name="You decide"), press="Enter")
    boxes, everything = page.locator("td.check input"), page.get_by_label("All on this page")
    everything.check()
    expect(page.locator(".bar__count")).to_have_text(f"{boxes.count()} chosen:")
    everything.uncheck()
    expect(page.locator(".bar__count")).to_have_text("None chosen:")
    page.reload()
    walk_to(boxes.first, press="Space")
    walk_to(boxes.nth(1), press="Space")
    expect(page.locator(".bar__count")).to_have_text("2 chosen:")
    with page.expect_navigation():
        walk_to(page.get_by_role("button", name="Later"), press="Enter")
    expect(page.locator("#toasts")).to_contain_text("2 left for later.")
    expect(page.locator(".filter[aria-current]")).to_contain_text("You decide")


def test_counts_of_the_dry_run_are_what_then_happens(apart: RunningDemo, browser: Browser) -> None:
    nora = Tandem(browser.new_context().new_page(), apart.site, "northwind-design")
    page = nora.page
    nora.sign_in(NORTHWIND.super_user.email)
    two_books.run(apart, "here")
    nora.connect("Harbour Studio")
    nora.choose_accounts(rate="20% (VAT on Income)")
    before = two_books.run(apart, "there")

    nora.open("settings/accounting/never-sent/")
    nora.press_link("Compare with Xero first")
    nora.press("Compare with Xero")
    page.get_by_role("link", name="Show what was found").click(timeout=PATIENCE)
    told = page.get_by_role("main").inner_text()
    will_link, will_create = _counted(told, "will link"), _counted(told, "will be created")
    asked, stuck = _counted(told, "need you"), _counted(told, "cannot be sent")
    assert faults_of(page) == []
    links = len([n for n in two_books.SAME_NUMBER if n % two_books.OURS in two_books.SAME_NAME])
    assert will_link == len(two_books.SAME_NAME) + links
    assert asked >= len(two_books.SAME_EMAIL) + len(two_books.ALIKE)
    assert stuck >= len(two_books.EMPTY)

    for width in (1440, 360):
        _put_off_by_keyboard(page, width)

    nora.press("Confirm and begin")
    page.get_by_role("link", name="Show the report").click(timeout=PATIENCE)
    report = page.get_by_role("main").inner_text()
    after = two_books.run(apart, "count")

    assert (_counted(report, "linked"), _counted(report, "created")) == (will_link, will_create)
    made = after["contacts"] - before["contacts"] + after["invoices"] - before["invoices"]
    assert made == will_create
    assert (after["names"], after["numbers"]) == (after["contacts"], after["invoices"]), "created again"
    expect(page.get_by_role("button", name="Confirm and begin")).to_have_count(0)
