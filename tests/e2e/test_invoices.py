"""An invoice from the keyboard to the bookkeeper's page, and what happens to it afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import Page, expect
from tests.e2e.tandem import Figures, Line, Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TYPED = [
    Line("Discovery workshop", "1.5", "1150.00"),
    Line("Care plan", "3", "249.50", "10"),
    Line("Small changes", "7", "31.2525"),
]


def _type_line(page: Page, line: Line) -> None:
    """From the description to the discount with the Tab key, over the service and the account between them."""
    keyboard = page.keyboard
    for number, text in enumerate(line):
        if number:
            keyboard.press("Tab")
        while page.evaluate("document.activeElement.matches('.line__more select')"):
            keyboard.press("Tab")
        keyboard.press("ControlOrMeta+a")
        keyboard.type(text)


def _make_a_customer(tandem: Tandem, name: str) -> None:
    page, keyboard = tandem.page, tandem.page.keyboard
    tandem.open("customers/new/")
    page.get_by_label("Name", exact=True).focus()
    keyboard.type(name)
    keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def _type_an_invoice(tandem: Tandem, customer: str) -> str:
    """Its lines with one too many, which goes again, without a reload; then it is saved. Its number."""
    page, keyboard = tandem.page, tandem.page.keyboard
    tandem.open("invoices/new/")
    page.evaluate("window.stayed = true")
    expect(page.get_by_role("combobox", name="Customer")).to_be_focused()
    keyboard.type(customer.split()[0])
    keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Customer")).to_have_value(customer)
    page.get_by_label("Description").first.focus()
    _type_line(page, TYPED[0])
    keyboard.press("Enter")
    expect(page.locator("tr[data-line]").nth(1).get_by_label("Description")).to_be_focused()
    _type_line(page, Line("A line too many", "9", "9"))
    keyboard.press("Enter")
    _type_line(page, TYPED[1])
    totals = page.locator("[data-totals]")
    expect(totals).to_contain_text("2,479.65")
    page.locator("tr[data-line]").nth(1).get_by_label("Description").focus()
    keyboard.press("Alt+Backspace")
    expect(page.locator("tr[data-line]")).to_have_count(2)
    expect(totals).to_contain_text("2,398.65")
    page.get_by_role("button", name="Add a line").focus()
    keyboard.press("Enter")
    _type_line(page, TYPED[2])
    expect(totals).to_contain_text("3,010.04")
    assert page.evaluate("window.stayed") is True
    keyboard.press("Control+Enter")
    return tandem.number()


def _approve(tandem: Tandem, number: str) -> None:
    """By keyboard; what is said of the sync follows without a reload."""
    page = tandem.page
    tandem.sees_sync("not_sent")
    page.get_by_role("button", name="Approve", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    page.evaluate("window.stayed = true")
    tandem.sees_sync("synced")
    assert page.evaluate("window.stayed") is True


def test_invoice_made_by_keyboard_arrives_to_the_cent_follows_edits_and_is_voided(
    olivia: Tandem, robin: Bookkeeper
) -> None:
    _make_a_customer(olivia, "Quay Street Gallery")
    number = _type_an_invoice(olivia, "Quay Street Gallery")
    _approve(olivia, number)
    ours = olivia.figures()
    assert ours == Figures(
        (Decimal("1725.00"), Decimal("673.65"), Decimal("218.77")),
        Decimal("2617.42"),
        Decimal("392.62"),
        Decimal("3010.04"),
    )
    robin.open_invoice(number)
    robin.sees(robin.title, "Awaiting payment")
    assert robin.figures() == ours

    olivia.change_due_date("2030-01-31")
    olivia.sees_sync("synced")
    robin.open_invoice(number)
    robin.sees(robin.document, "31 Jan 2030")

    olivia.void()
    olivia.sees_sync("removed")
    robin.open_invoice(number)
    robin.sees(robin.title, "Voided")


def test_badge_in_the_list_follows_without_a_reload(olivia: Tandem, robin: Bookkeeper) -> None:
    number = olivia.create_invoice("Kererū Books", [Line("Cover", "1", "640.00")])

    olivia.open(f"invoices/?q={number}")

    row = olivia.page.get_by_role("row").filter(has_text=number)
    expect(row.locator("[data-sync]")).to_have_attribute("data-sync", "synced")


def test_edited_lines_of_a_reopened_invoice_follow(olivia: Tandem, robin: Bookkeeper) -> None:
    number = olivia.synced_invoice(price="80.00")

    olivia.press("More actions")
    olivia.press("Reopen as a draft")
    olivia.page.get_by_role("link", name="Edit", exact=True).click()
    olivia.fill_line(0, Line("A day's work", "2", "90.00"))
    olivia.press("Save and approve")
    expect(olivia.page.locator(".paper__totals")).to_contain_text("207.00")
    olivia.sees_sync("synced")

    robin.open_invoice(number)
    assert robin.figures() == olivia.figures()


NEWS_ARRIVED = """new Promise((done) => {
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt.id === "invoice-header") requestAnimationFrame(() => requestAnimationFrame(done));
  });
  htmx.trigger(document.body, "recordChanged");
})"""


def test_open_menu_stays_when_news_arrive_and_they_are_shown_when_it_closes(olivia: Tandem) -> None:
    olivia.synced_invoice(price="80.00")
    header = olivia.page.locator("#invoice-header")
    header.evaluate("(element) => { element.dataset.old = 1; }")

    olivia.press("More actions")
    olivia.page.evaluate(NEWS_ARRIVED)

    expect(olivia.page.get_by_role("button", name="Reopen as a draft")).to_be_visible()
    expect(header).to_have_attribute("data-old", "1")
    olivia.page.keyboard.press("Escape")
    expect(header).not_to_have_attribute("data-old", "1")
    expect(header.get_by_role("heading", level=1)).to_be_visible()


def test_chosen_tab_is_in_view_on_a_narrow_screen(olivia: Tandem) -> None:
    olivia.create_invoice("Kererū Books", [Line("Cover", "1", "640.00")], press="Save draft")

    olivia.page.set_viewport_size({"width": 360, "height": 740})
    olivia.open("invoices/?status=paid")

    tab = olivia.page.locator(".tabs [aria-current]")
    expect(tab).to_contain_text("Paid")
    expect(tab).to_be_in_viewport(ratio=0.99)


REACH = (
    "[...document.querySelectorAll('.tabs a')]"
    ".map(tab => tab.offsetLeft - tab.closest('.tabs').offsetLeft + tab.offsetWidth)"
)


def test_tabs_begin_at_the_first_where_the_chosen_one_is_in_view_anyway(olivia: Tandem) -> None:
    olivia.page.set_viewport_size({"width": 430, "height": 740})
    olivia.open("invoices/")
    room = olivia.page.evaluate("document.querySelector('.tabs').clientWidth")
    near = [number for number, end in enumerate(olivia.page.evaluate(REACH)) if end < room]
    assert len(near) > 2
    for number in near:
        olivia.page.locator(".tabs a").nth(number).click()
        expect(olivia.page.locator(".tabs a").nth(number)).to_have_attribute("aria-current", "page")
        expect(olivia.page.locator(".tabs a").first).to_be_in_viewport(ratio=0.99)
