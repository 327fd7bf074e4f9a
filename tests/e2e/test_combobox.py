"""Choosing a customer: by keyboard after the WAI-ARIA pattern, made in passing, and without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.demo.people import ACME, Person
from tests.e2e.browser import Browser, Locator, expect
from tests.e2e.running_demo import RunningDemo
from tests.e2e.tandem import Line, Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def _box(person: Tandem) -> Locator:
    return person.page.get_by_role("combobox", name="Customer")


def _active(person: Tandem) -> Locator:
    """The option the screen reader reads: what aria-activedescendant names."""
    option = _box(person).get_attribute("aria-activedescendant")
    assert option
    return person.page.locator(f"#{option}")


def test_customer_is_chosen_by_keyboard(olivia: Tandem) -> None:
    keyboard, box, options = olivia.page.keyboard, _box(olivia), olivia.offered
    olivia.open("invoices/new/")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")

    keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(_active(olivia)).to_have_attribute("aria-selected", "true")
    first = _active(olivia).get_attribute("data-label")
    keyboard.press("ArrowUp")
    last = _active(olivia).get_attribute("data-label")
    assert last == options.last.get_attribute("data-label") != first
    keyboard.press("Home")
    assert _active(olivia).get_attribute("data-label") == first
    keyboard.press("End")
    assert _active(olivia).get_attribute("data-label") == last
    expect(olivia.page.locator("[data-combobox-status]")).to_contain_text("customers")

    keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(options).to_have_count(0)
    keyboard.type("bakery")
    keyboard.press("Enter")
    expect(box).to_have_value("Harbour Bakery")
    expect(olivia.page.get_by_label("Currency")).to_have_value("NZD")
    expect(olivia.page.get_by_label("Due date")).not_to_have_value("")

    keyboard.type("x")
    keyboard.press("Escape")
    keyboard.press("Escape")
    expect(box).to_have_value("Harbour Bakery")
    keyboard.press("ControlOrMeta+a")
    keyboard.type("kerer")
    expect(options.first).to_contain_text("Kererū Books")
    keyboard.press("Tab")
    expect(box).to_have_value("Kererū Books")


def test_customer_is_made_in_passing_and_chosen(olivia: Tandem) -> None:
    page, keyboard = olivia.page, olivia.page.keyboard
    olivia.open("invoices/new/")
    page.get_by_label("Reference").fill("PO 12")
    _box(olivia).focus()
    keyboard.type("Wharf Kiosk")
    expect(olivia.offered).to_have_text("Create “Wharf Kiosk”")
    keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("E-mail")).to_be_focused()
    keyboard.type("kiosk@example.com")
    keyboard.press("Enter")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(_box(olivia)).to_have_value("Wharf Kiosk")
    expect(_box(olivia)).to_be_focused()
    expect(page.get_by_label("Reference")).to_have_value("PO 12")
    olivia.type_lines([Line("Coffee", "1", "4.50")])
    olivia.press("Save draft")
    expect(page.locator(".paper__to")).to_contain_text("Wharf Kiosk")


def test_customer_is_chosen_without_script(
    demo: RunningDemo, browser: Browser, sessions: Callable[[Person], dict], books: str
) -> None:
    with browser.new_context(storage_state=sessions(ACME.super_user), java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{demo.site}/w/acme-studio/invoices/new/")
        page.get_by_label("Customer").fill("harbour")
        page.get_by_label("Description").fill("Bread")
        page.get_by_label("Price").fill("12")
        page.get_by_role("button", name="Save draft").last.click()
        expect(page.get_by_role("alert")).to_contain_text("No customer is called exactly “harbour”")

        page.get_by_role("radio", name="Harbour Bakery").check()
        page.get_by_role("button", name="Save draft").last.click()

        expect(page.locator(".paper__to")).to_contain_text("Harbour Bakery")
