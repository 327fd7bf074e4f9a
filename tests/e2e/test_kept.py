"""What is typed outlives a lost session, a dead line and a refusal, and is gone when the server has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.demo.people import ACME, Person
from tests.e2e.browser import Page, Watch, expect
from tests.e2e.tandem import Line, Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('tandem.kept.')).length"
LINES = [Line("Thinking", "2", "100.00"), Line("Doing", "1", "250.00")]


@pytest.fixture
def sam(person: Callable[[Person], Tandem]) -> Tandem:
    return person(ACME.staff)


def _type_invoice(who: Tandem) -> None:
    who.open("invoices/new/")
    who.type_lines(LINES)
    who.page.get_by_label("Reference").fill("PO 77")
    _wait_until_kept(who.page)


def _wait_until_kept(page: Page) -> None:
    for _ in range(50):  # the content policy forbids wait_for_function
        if page.evaluate(KEPT):
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing was kept")


def _offer(page: Page) -> object:
    return page.get_by_text("You typed something here that was not saved")


def _shows_what_was_typed(page: Page) -> None:
    expect(page.get_by_label("Reference")).to_have_value("PO 77")
    rows = page.locator("tr[data-line]")
    expect(rows).to_have_count(2)
    expect(rows.nth(1).get_by_label("Description")).to_have_value("Doing")
    expect(rows.nth(1).get_by_label("Price")).to_have_value("250.00")


def test_typed_invoice_is_offered_again_after_the_session_ended(sam: Tandem, watch: Watch) -> None:
    page = sam.page
    watch.expect("ERR_FAILED")  # the totals ask as well
    _type_invoice(sam)
    page.context.clear_cookies()

    sam.press("Save draft")

    expect(page.get_by_role("alert")).to_contain_text("Not saved: you are signed out")
    _shows_what_was_typed(page)
    page.on("dialog", lambda dialog: dialog.accept())
    sam.sign_in(ACME.staff.email)
    sam.open("invoices/new/")
    expect(_offer(page)).to_be_visible()
    expect(page.get_by_label("Reference")).to_have_value("")
    sam.press("Put it back")
    _shows_what_was_typed(page)
    expect(page.locator("[data-totals]")).to_contain_text("450.00")


def test_typed_invoice_is_saved_after_signing_in_again_in_another_tab(sam: Tandem, watch: Watch) -> None:
    page = sam.page
    watch.expect("422")
    watch.expect("ERR_FAILED")
    _type_invoice(sam)
    page.context.clear_cookies()
    sam.press("Save draft")
    expect(page.get_by_role("alert")).to_contain_text("Not saved: you are signed out")
    other = page.context.new_page()
    Tandem(other, sam.site, sam.slug).sign_in(ACME.staff.email)

    with page.expect_navigation() as answer:
        sam.press("Save draft")

    assert (
        answer.value.status == 422
    )  # no customer was chosen: the server has read it, which a bad token forbids
    _shows_what_was_typed(page)


def test_save_without_a_line_says_so_and_keeps_everything(sam: Tandem, watch: Watch) -> None:
    page = sam.page
    watch.expect("ERR_INTERNET_DISCONNECTED")
    sam.open("customers/new/")
    page.get_by_label("Name", exact=True).fill("Ōtaki Offline")
    page.context.set_offline(True)

    sam.press("Add customer")

    expect(page.get_by_role("alert")).to_contain_text("Tandem cannot be reached")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ōtaki Offline")
    page.context.set_offline(False)
    sam.press("Add customer")
    sam.sees_notice("Ōtaki Offline was added.")
    assert page.evaluate(KEPT) == 0
    sam.open("customers/new/")
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    expect(_offer(page)).to_have_count(0)


def test_refused_save_still_asks_before_it_is_left(sam: Tandem, watch: Watch) -> None:
    page = sam.page
    watch.expect("422")
    asked: list[str] = []
    sam.open("customers/new/")
    page.get_by_label("City").fill("Ōtaki")
    sam.press("Add customer")
    expect(page.get_by_role("alert")).to_be_visible()
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.locator("h1").click()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/customers/")

    assert asked == ["beforeunload"]


def test_typed_text_is_thrown_away_when_asked_to(sam: Tandem) -> None:
    page = sam.page
    page.on("dialog", lambda dialog: dialog.accept())
    _type_invoice(sam)
    sam.open("invoices/new/")

    sam.press("Throw it away")

    expect(_offer(page)).to_have_count(0)
    assert page.evaluate(KEPT) == 0


def test_save_that_leads_back_to_its_own_page_is_not_offered_again(sam: Tandem) -> None:
    page = sam.page
    page.goto(f"{sam.site}/accounts/")
    page.get_by_label("Name", exact=True).fill(f"{ACME.staff.name}  ")  # stored without the blanks

    with page.expect_navigation():
        sam.press("Save")

    expect(page.get_by_label("Name", exact=True)).to_have_value(ACME.staff.name)
    assert page.evaluate(KEPT) == 0
    expect(_offer(page)).to_have_count(0)


def test_signing_out_forgets_what_was_typed(new_tab: Callable[..., Page], sam: Tandem, watch: Watch) -> None:
    watch.expect("ERR_FAILED")  # the totals may ask when the session is gone
    page = new_tab()
    own = Tandem(page, sam.site, sam.slug)
    own.sign_in(ACME.staff.email)
    page.on("dialog", lambda dialog: dialog.accept())
    _type_invoice(own)

    page.get_by_role("button", name="Account and theme").click()
    own.press("Sign out")

    page.wait_for_url("**/accounts/**")
    assert page.evaluate(KEPT) == 0
