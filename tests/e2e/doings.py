"""What is done on a page before one looks at it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from tests.e2e.browser import Page, expect


def press(name: str, *, role: Literal["button", "link"] = "button") -> Callable[[Page], None]:
    """Press it."""
    return lambda page: page.get_by_role(role, name=name).first.click()


def then_dialog(press_it: Callable[[Page], None]) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        press_it(page)
        expect(page.get_by_role("dialog")).to_be_visible()

    return do


def refused_sign_in(page: Page) -> None:
    page.get_by_label("E-mail address").fill("nobody@example.com")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _is_asked_for_proof(page: Page) -> bool:
    return page.get_by_role("heading", level=1).inner_text() == "Confirm that it is you"


def prove(page: Page) -> None:
    """Who signed in a while ago is asked again before this page opens."""
    if _is_asked_for_proof(page):
        page.get_by_label("Your password").fill("tandem-demo")
        page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def prove_by_code(page: Page) -> None:
    if _is_asked_for_proof(page):
        desk = page.context.new_page()
        desk.goto(page.url.partition("/accounts/")[0] + "/demo/")
        code = desk.locator("strong.tabular").inner_text()
        desk.close()
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def refused_address(page: Page) -> None:
    page.get_by_label("New e-mail address").fill("olivia@new.example")
    page.get_by_label("Your password").fill("not this")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("alert")).to_be_visible()


def refused_password(page: Page) -> None:
    page.get_by_label("Current password").fill("tandem-demo")
    page.get_by_label("New password", exact=True).fill("Xero12345678")
    page.get_by_label("New password again").fill("Xero1234567")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_be_visible()


def refused_customer(page: Page) -> None:
    page.get_by_label("E-mail").fill("not an address")
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("alert")).to_be_visible()


def refused_invoice(page: Page) -> None:
    page.get_by_label("Quantity").fill("two")
    page.get_by_role("button", name="Add a line").click()
    page.get_by_label("Price").last.fill("12")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert")).to_be_visible()


def refused_payment(page: Page) -> None:
    page.get_by_label("Amount").fill("-1")
    page.get_by_role("button", name="Record payment").click()
    expect(page.get_by_role("alert")).to_be_visible()


def void_paid(page: Page) -> None:
    """To the page that says what voiding an invoice with payments does."""
    page.get_by_role("button", name="More actions").click()
    page.locator(".menu__item", has_text="Void").click()
    expect(page.get_by_role("button", name="Reverse and void")).to_be_visible()


def void(page: Page) -> None:
    press("More actions")(page)
    page.get_by_role("button", name="Void", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def editor_lines(page: Page) -> None:
    page.get_by_role("combobox", name="Customer").press("ArrowDown")
    page.locator("[data-combobox-list] [role=option]").first.click()
    for row in range(2):
        if row:
            page.get_by_role("button", name="Add a line").click()
        page.get_by_label("Description").nth(row).fill("Discovery workshop with everybody who has a say")
        page.get_by_label("Price").nth(row).fill("1150.00")
    expect(page.locator("[data-totals]")).to_contain_text("2,645.00")


def customers_offered(page: Page) -> None:
    page.get_by_role("combobox", name="Customer").press("ArrowDown")
    expect(page.locator("[data-combobox-list] [role=option]").first).to_be_visible()


def customer_made_here(page: Page) -> None:
    page.get_by_role("combobox", name="Customer").fill("Quay Street Gallery and Framing")
    page.get_by_role("option", name="Create").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def refused_document(page: Page) -> None:
    page.get_by_label("Unit price").fill("lots")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()


def changed_meanwhile(page: Page) -> None:
    """In another tab the same invoice is saved; then this one is."""
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Reference").fill(f"Order {time.time():.0f}")
    other.get_by_label("Description").first.fill("Design day, with the sign writer")
    other.get_by_role("button", name="Save", exact=True).last.click()
    expect(other.locator(".paper")).to_be_visible()
    other.close()
    page.get_by_label("Reference").fill("Our own order 4471")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("alert")).to_be_visible()


def typed_and_left(page: Page) -> None:
    """In another tab something is typed and lost."""
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("City").fill("Ōtaki")
    for _ in range(50):  # the content policy forbids wait_for_function
        if other.evaluate("Object.keys(localStorage).some((key) => key.startsWith('tandem.kept.'))"):
            break
        other.wait_for_timeout(100)
    other.close()
    page.reload()
    expect(page.get_by_text("You typed something here")).to_be_visible()


def invite(page: Page) -> None:
    page.get_by_label("E-mail").last.fill("moana@harbourbakery.example")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("is invited")).to_be_visible()


def refused_invitation(page: Page) -> None:
    page.get_by_label("Name").fill("Inés")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def _first_row(page: Page) -> None:
    page.locator(".row-link").first.click()


def menu(page: Page) -> None:
    """On a narrow screen the sidebar is behind a button."""
    button = page.get_by_role("button", name="Menu", exact=True)
    if button.is_visible():
        button.click()
