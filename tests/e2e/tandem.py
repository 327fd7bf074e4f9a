"""What people do in Tandem, in their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlsplit

from config.demo.people import ADMINISTRATOR, PASSWORD
from tests.e2e.browser import Locator, Page, expect

REVENUE, BANK = "200 Sales", "090 Business Bank Account"


class Line(NamedTuple):
    """A line as it is typed."""

    description: str
    quantity: str
    price: str
    discount: str = ""


class Figures(NamedTuple):
    """An invoice's numbers as a page shows them: the lines' amounts, net, tax, total."""

    lines: tuple[Decimal, ...]
    net: Decimal
    tax: Decimal
    total: Decimal


def decimal(text: str) -> Decimal:
    """The number in `NZ$1,234.50`."""
    return Decimal(re.sub(r"[^\d.-]", "", text))


class Tandem:
    """One person in one workspace, in one tab."""

    def __init__(self, page: Page, site: str, slug: str) -> None:
        self.page, self.site, self.slug = page, site, slug

    def address(self, path: str = "") -> str:
        """The address of a page of the workspace."""
        return f"{self.site}/w/{self.slug}/{path}"

    def open(self, path: str = "") -> None:
        self.page.goto(self.address(path))

    def open_address(self, url: str) -> None:
        self.page.goto(url)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def press_link(self, name: str) -> None:
        """A link that looks like a button."""
        self.page.get_by_role("link", name=name, exact=True).click()

    def sees_notice(self, text: str) -> None:
        expect(self.page.locator("#toasts")).to_contain_text(text)

    def sees_in_the_end(self, text: str) -> None:
        """Of a page that does not follow by itself: what it says once a worker was there."""
        for _ in range(40):
            if text in self.page.get_by_role("main").inner_text():
                return
            self.page.wait_for_timeout(250)
            self.page.reload()
        expect(self.page.get_by_role("main")).to_contain_text(text)

    # -- signing in and connecting

    def sign_in(self, email: str) -> None:
        """From the sign-in page to the workspace."""
        self.page.goto(f"{self.site}/accounts/login/")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Sign in")
        expect(self.page.get_by_role("heading", level=1)).not_to_have_text("Sign in")
        if email == ADMINISTRATOR:
            self._enter_the_code_on_the_desk()

    def _enter_the_code_on_the_desk(self) -> None:
        desk = self.page.context.new_page()
        desk.goto(f"{self.site}/demo/")
        code = desk.locator("strong.tabular").inner_text()
        desk.close()
        self.page.get_by_label("Code").fill(code)
        self.press("Sign in")
        expect(self.page.get_by_role("heading", level=1)).not_to_have_text("One more step")

    def prove(self) -> None:
        """Say the password again, as what gives the books away asks for when one signed in a while ago."""
        self.page.goto(f"{self.site}/accounts/reauthenticate/?next=/accounts/")
        self.page.get_by_label("Your password").fill(PASSWORD)
        self.press("Confirm")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Your account")

    def invite(self, email: str) -> str:
        """Settings > Members: invite the address; answers the link."""
        self.prove()
        self.open("settings/members/")
        self.page.get_by_label("E-mail address").fill(email)
        self.press("Send the invitation")
        return self.page.locator("code").inner_text()

    def connect(self, organisation: str) -> None:
        """Settings > Accounting > Connect to Xero, the consent page, and back."""
        self.ask_for_access(organisation)
        self.confirm(organisation)

    def ask_for_access(self, organisation: str) -> None:
        """To Xero's page and back, up to the question whether it is this one."""
        self.prove()
        self.open("settings/accounting/")
        self.press("Connect to Xero")
        self.consent(organisation)
        title = self.page.get_by_role("heading", level=1)
        expect(title).to_have_text(re.compile("Which organisation|Is this the organisation"))

    def confirm(self, organisation: str) -> None:
        """It is this one."""
        offered = self.page.get_by_role("radio", name=organisation)
        if offered.count():  # this Xero user let Tandem into another one before
            offered.check()
        self.press("Connect")
        self.sees_notice(f"Connected to {organisation}")

    def consent(self, organisation: str) -> None:
        """On Xero's page: let Tandem into one of the two organisations."""
        expect(self.page.get_by_role("radio")).to_have_count(2)
        self.page.get_by_role("radio", name=organisation).check()
        self.press("Allow access")

    def put_on_plan(self, workspace: str, plan: str) -> None:
        """An administrator puts a workspace on another plan, without an end."""
        self.page.goto(f"{self.site}/admin/plans/subscription/")
        self.press_link(workspace)
        self.page.get_by_label("Plan:").select_option(label=plan)
        self.press("Save")
        expect(self.page.get_by_text("was changed successfully")).to_be_visible()

    def choose_accounts(self, *, rate: str, status: str = "Awaiting payment") -> None:
        """Make the choices of the page that is open, from what the organisation's lists offer."""
        self.page.get_by_label("Default revenue account").select_option(label=REVENUE)
        self.page.get_by_label("Payment account").select_option(label=BANK)
        self.page.get_by_label("Default tax rate").select_option(label=rate)
        for select in (
            self.page.get_by_role("group", name="Your tax rates in Xero").get_by_role("combobox").all()
        ):
            select.select_option(index=1)
        self.page.get_by_role("radio", name=f"{status}:").check()
        self._save_choices()

    def choose_rule(self, rule: str) -> None:
        """Settings > Accounting > Manage: when invoices go to Xero."""
        self.open("settings/accounting/xero/")
        self.page.get_by_role("radio", name=f"{rule}:").check()
        self._save_choices()

    def list_what_is_born_in_xero(self) -> None:
        """Have what is made in Xero listed, and wait until it is."""
        self.open("settings/accounting/xero/")
        self.page.get_by_label("List it under Sync").check()
        self._save_choices()
        self.open("settings/accounting/born-in-xero/")
        expect(self.page.get_by_role("link", name="To decide")).not_to_contain_text("0")

    def _save_choices(self) -> None:
        """Save, and agree to what that does to records, where it does something."""
        with self.page.expect_navigation():  # a notice of the page before would do for one of this
            self.press("Save choices")
        asked = self.page.get_by_role("heading", name="Save these choices?")
        expect(asked.or_(self.page.locator(".toast__text").first)).to_be_visible()
        if asked.is_visible():
            self.press("Save choices")
        self.sees_notice("Saved.")

    # -- invoices

    def type_lines(self, lines: Sequence[Line]) -> None:
        """Fill the rows of the editor, adding those that are missing."""
        for row, line in enumerate(lines):
            if row:
                self.press("Add a line")
            self.fill_line(row, line)

    def fill_line(self, row: int, line: Line) -> None:
        place = self.page.locator("tr[data-line]").nth(row)
        place.get_by_label("Description").fill(line.description)
        place.get_by_label("Quantity").fill(line.quantity)
        place.get_by_label("Price").fill(line.price)
        place.get_by_label("Discount").fill(line.discount)

    def choose_tax(self, rate: str) -> None:
        """Of the first line in the open editor."""
        self.page.locator("tr[data-line]").first.get_by_label("Tax").select_option(label=rate)

    def create_invoice(self, customer: str, lines: Sequence[Line], *, press: str = "Save and approve") -> str:
        """A new invoice through the editor; answers its number and leaves its page open."""
        self.open("invoices/new/")
        self.choose_customer(customer)
        self.type_lines(lines)
        self.press(press)
        return self.number()

    @property
    def offered(self) -> Locator:
        """The options of the open combobox."""
        return self.page.get_by_role("listbox").get_by_role("option")

    def choose_customer(self, name: str) -> None:
        """Find the customer in the open editor by all of the name."""
        box = self.page.get_by_role("combobox", name="Customer")
        box.fill(name)
        self.offered.filter(has_text=name).first.click()
        expect(box).to_have_value(name)

    def synced_invoice(self, customer: str = "Harbour Bakery", price: str = "100.00") -> str:
        """An approved invoice of one line that stands in Xero; answers its number and leaves its page open."""
        number = self.create_invoice(customer, [Line("A morning's work", "1", price)])
        self.sees_sync("synced")
        return number

    def number(self) -> str:
        """The number of the invoice whose page is open."""
        expect(self.page.locator(".paper")).to_be_visible()
        return self.page.get_by_role("heading", level=1).inner_text()

    def figures(self) -> Figures:
        """The numbers of the invoice whose page is open."""
        paper = self.page.locator(".paper")
        amounts = [decimal(text) for text in paper.locator("td.paper__amount").all_inner_texts()]
        sums = [decimal(text) for text in paper.locator(".paper__totals dd").all_inner_texts()]
        names = paper.locator(".paper__totals dt").all_inner_texts()
        total = next(number for number, name in enumerate(names) if name.startswith("Total"))
        return Figures(tuple(amounts), sums[0], sum(sums[1:total], Decimal()), sums[total])

    def do_more(self, action: str) -> None:
        """Something of the menu of the invoice whose page is open."""
        self.press("More actions")
        self.press(action)

    @property
    def state(self) -> Locator:
        """The badge beside the number of the invoice whose page is open."""
        return self.page.locator(".page-header .badge").first

    def void(self) -> None:
        """Void the invoice whose page is open."""
        self.press("More actions")
        self.press("Void")
        self.press("Void invoice")

    def change_due_date(self, day: str) -> None:
        """Change the due date of the issued invoice whose page is open."""
        self.press("More actions")
        self.page.get_by_role("link", name="Edit reference, due date, notes").click()
        self.page.get_by_label("Due date").fill(day)
        self.press("Save")
        expect(self.page.locator(".paper")).to_be_visible()

    @property
    def panel(self) -> Locator:
        """The card that tells how the open page's record stands with Xero."""
        return self.page.locator("#sync-panel")

    def sees_sync(self, code: str) -> None:
        expect(self.panel).to_have_attribute("data-sync", code)

    def xero_id(self) -> str:
        """The id in Xero of the record whose page is open, from its link to Xero."""
        link = self.panel.get_by_role("link", name="View in Xero").get_attribute("href")
        found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", link or "")
        assert found, link
        return found[0]

    def path(self) -> str:
        return urlsplit(self.page.url).path
