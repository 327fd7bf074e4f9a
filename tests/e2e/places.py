"""Every page there is, in the states worth looking at."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.e2e.browser import Page, expect
from tests.e2e.world import World

Who = Literal["nobody", "olivia", "sam", "nora", "admin"]
BOOKS = "/o/maple-florist/"
NORTH = "/w/northwind-design/settings/accounting/"


@dataclass(frozen=True, slots=True)
class Place:
    """A page: who opens it, where, and what they do there before one looks.

    `path` starts at Tandem, or with `sandbox:` at the sandbox. In braces stands a name of the world: the address of
    that record's page.
    """

    name: str
    path: str
    who: Who = "olivia"
    do: Callable[[Page], None] | None = None
    status: int = 200

    def address(self, site: str, sandbox: str, world: World) -> str:
        """Where it is."""
        before, _, rest = self.path.partition("{")
        if rest:
            name, _, after = rest.partition("}")
            return world[name] + after
        return sandbox + before.removeprefix("sandbox:") if self.is_sandbox else site + before

    @property
    def is_sandbox(self) -> bool:
        return self.path.startswith(("sandbox:", "{xero:"))

    def open(self, page: Page, site: str, sandbox: str, world: World) -> None:
        """Go there and do what is to be done."""
        answer = page.goto(self.address(site, sandbox, world))
        assert answer is None or answer.status == self.status, (self.name, answer.status)
        if self.do:
            self.do(page)


def press(name: str, *, role: Literal["button", "link"] = "button") -> Callable[[Page], None]:
    """Press it."""
    return lambda page: page.get_by_role(role, name=name).first.click()


def _then_dialog(press_it: Callable[[Page], None]) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        press_it(page)
        expect(page.get_by_role("dialog")).to_be_visible()

    return do


def _refused_sign_in(page: Page) -> None:
    page.get_by_label("E-mail address").fill("nobody@example.com")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _is_asked_for_proof(page: Page) -> bool:
    return page.get_by_role("heading", level=1).inner_text() == "Confirm that it is you"


def _prove(page: Page) -> None:
    """Who signed in a while ago is asked again before this page opens."""
    if _is_asked_for_proof(page):
        page.get_by_label("Your password").fill("tandem-demo")
        page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def _prove_by_code(page: Page) -> None:
    if _is_asked_for_proof(page):
        desk = page.context.new_page()
        desk.goto(page.url.partition("/accounts/")[0] + "/demo/")
        code = desk.locator("strong.tabular").inner_text()
        desk.close()
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def _refused_address(page: Page) -> None:
    page.get_by_label("New e-mail address").fill("olivia@new.example")
    page.get_by_label("Your password").fill("not this")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _refused_password(page: Page) -> None:
    page.get_by_label("Current password").fill("tandem-demo")
    page.get_by_label("New password", exact=True).fill("Xero12345678")
    page.get_by_label("New password again").fill("Xero1234567")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _refused_customer(page: Page) -> None:
    page.get_by_label("E-mail").fill("not an address")
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _refused_invoice(page: Page) -> None:
    page.get_by_label("Quantity").fill("two")
    page.get_by_role("button", name="Add a line").click()
    page.get_by_label("Price").last.fill("12")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _refused_payment(page: Page) -> None:
    page.get_by_label("Amount").fill("-1")
    page.get_by_role("button", name="Record payment").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _void(page: Page) -> None:
    press("More actions")(page)
    page.get_by_role("button", name="Void", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _editor_lines(page: Page) -> None:
    page.get_by_role("combobox", name="Customer").press("ArrowDown")
    page.locator("[data-combobox-list] [role=option]").first.click()
    for row in range(2):
        if row:
            page.get_by_role("button", name="Add a line").click()
        page.get_by_label("Description").nth(row).fill("Discovery workshop with everybody who has a say")
        page.get_by_label("Price").nth(row).fill("1150.00")
    expect(page.locator("[data-totals]")).to_contain_text("2,645.00")


def _customers_offered(page: Page) -> None:
    page.get_by_role("combobox", name="Customer").press("ArrowDown")
    expect(page.locator("[data-combobox-list] [role=option]").first).to_be_visible()


def _customer_made_here(page: Page) -> None:
    page.get_by_role("combobox", name="Customer").fill("Quay Street Gallery and Framing")
    page.get_by_role("option", name="Create").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _refused_document(page: Page) -> None:
    page.get_by_label("Unit price").fill("lots")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _changed_meanwhile(page: Page) -> None:
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


def _typed_and_left(page: Page) -> None:
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


def _invite(page: Page) -> None:
    page.get_by_label("E-mail").last.fill("moana@harbourbakery.example")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("is invited")).to_be_visible()


def _refused_invitation(page: Page) -> None:
    page.get_by_label("Name").fill("Inés")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def _first_row(page: Page) -> None:
    page.locator(".row-link").first.click()


def _menu(page: Page) -> None:
    """On a narrow screen the sidebar is behind a button."""
    button = page.get_by_role("button", name="Menu", exact=True)
    if button.is_visible():
        button.click()


ACCOUNTS = [
    Place("sign in", "/accounts/login/", "nobody"),
    Place("sign in refused", "/accounts/login/", "nobody", _refused_sign_in),
    Place("sign up", "/accounts/signup/", "nobody"),
    Place("password reset", "/accounts/password/reset/", "nobody"),
    Place("password reset sent", "/accounts/password/reset/done/", "nobody"),
    Place("password reset link broken", "/accounts/password/reset/key/1-gone/", "nobody"),
    Place("password reset done", "/accounts/password/reset/key/done/", "nobody"),
    Place("account inactive", "/accounts/inactive/", "nobody"),
    Place("account", "/accounts/"),
    Place("account address", "/accounts/address/"),
    Place("account address refused", "/accounts/address/", do=_refused_address),
    Place("account address link broken", "/accounts/address/confirm/gone/", "nobody", status=410),
    Place("account password", "/accounts/password/change/"),
    Place("account password refused", "/accounts/password/change/", do=_refused_password),
    Place("account two-factor off", "/accounts/two-factor/"),
    Place("account two-factor turn on", "/accounts/two-factor/on/", do=_prove),
    Place("account two-factor on", "/accounts/two-factor/", "admin"),
    Place("account two-factor turn off", "/accounts/two-factor/off/", "admin", _prove_by_code),
    Place("account recovery codes", "/accounts/two-factor/codes/", "admin", _prove_by_code),
    Place("account recovery codes new", "/accounts/two-factor/codes/new/", "admin", _prove_by_code),
    Place("account sessions", "/accounts/sessions/"),
    Place("sign out", "/accounts/logout/"),
    Place("confirm access", "/accounts/reauthenticate/"),
    Place("confirm access by code", "/accounts/two-factor/again/", "admin"),
    Place("demo desk", "/demo/", "nobody"),
    Place("workspaces", "/?all"),
    Place("no workspace", "/?all", "admin"),
    Place("not found", "/w/somebody-else/", status=404),
    Place("forbidden", "/w/acme-studio/settings/accounting/", "sam", status=403),
    Place("workspace", "/w/acme-studio/settings/workspace/"),
    Place("members", "/w/acme-studio/settings/members/"),
    Place("members for staff", "/w/acme-studio/settings/members/", "sam"),
    Place("leave the workspace", "/w/acme-studio/settings/members/leave/"),
    Place("member to remove", "/w/acme-studio/settings/members/", do=press("Remove Sam Tane", role="link")),
    Place("invitation to join", "{invitation}", "nobody"),
    Place("invitation of somebody else", "{invitation}", "sam"),
    Place("invitation that no longer works", "/invited/"),
    Place("sidebar on narrow screens", "/w/acme-studio/customers/", do=_menu),
]
CUSTOMERS = [
    Place("customers", "/w/acme-studio/customers/"),
    Place("customers archived", "/w/acme-studio/customers/?show=archived"),
    Place("customers none found", "/w/acme-studio/customers/?q=zzz"),
    Place("customer new", "/w/acme-studio/customers/new/"),
    Place("customer refused", "/w/acme-studio/customers/new/", do=_refused_customer),
    Place("customer", "{long customer}"),
    Place("customer unbroken", "{unbroken customer}"),
    Place("customer gone", "{archived customer}"),
    Place("customer edit", "{long customer}edit/"),
    Place("customer archive", "{long customer}archive/"),
    Place("customer archive dialog", "{unbroken customer}", do=_then_dialog(press("Archive", role="link"))),
    Place("services", "/w/acme-studio/services/"),
    Place("service new", "/w/acme-studio/services/new/"),
    Place("tax rate new", "/w/acme-studio/services/tax-rates/new/"),
    *(
        Place(name, f"{{{name}}}")
        for name in ("service edit", "service archive", "tax rate edit", "tax rate archive")
    ),
    Place("service dialog", "/w/acme-studio/services/", do=_then_dialog(press("Design day", role="link"))),
]
INVOICES = [
    Place("invoices", "/w/acme-studio/invoices/"),
    Place("invoices by staff", "/w/acme-studio/invoices/", "sam"),
    Place("invoices second page", "/w/acme-studio/invoices/?status=&page=2"),
    *(
        Place(f"invoices {stage}", f"/w/acme-studio/invoices/?status={stage}")
        for stage in ("draft", "awaiting_approval", "awaiting_payment", "overdue", "paid", "voided")
    ),
    Place("invoices none found", "/w/acme-studio/invoices/?q=zzz"),
    Place("invoice new", "/w/acme-studio/invoices/new/"),
    Place("invoice customers offered", "/w/acme-studio/invoices/new/", do=_customers_offered),
    Place("invoice customer made here", "/w/acme-studio/invoices/new/", do=_customer_made_here),
    Place("customer made here", "/w/acme-studio/customers/new/here/"),
    Place("invoice typed", "/w/acme-studio/invoices/new/", do=_editor_lines),
    Place("invoice refused", "/w/acme-studio/invoices/new/", do=_refused_invoice),
    *(
        Place(f"invoice {name}", f"{{{name}}}")
        for name in (
            "draft",
            "awaiting approval",
            "overdue",
            "sent",
            "voided",
            "paid",
            "part paid",
        )
    ),
    Place("invoice long", "{long invoice}"),
    Place("invoice refused by xero", "{refused}"),
    Place("invoice out of sync", "{out of sync: conflict}"),
    Place("invoice edit", "{draft}edit/"),
    Place("invoice edit issued", "{long invoice}edit/"),
    Place("invoice edit voided", "{voided}edit/"),
    Place("invoice menu", "{sent}", do=press("More actions")),
    Place("invoice void dialog", "{sent}", do=_void),
    Place("payment dialog", "{sent}", do=_then_dialog(press("Record payment", role="link"))),
    Place(
        "payment reverse dialog", "{part paid}", do=_then_dialog(press("Reverse the payment", role="link"))
    ),
    Place("payment reverse", "{payment}"),
    Place("payment record", "{record payment}"),
    Place("payment refused", "{record payment}", do=_refused_payment),
]
ACCOUNTING = [
    Place("accounting", "/w/acme-studio/settings/accounting/"),
    Place(
        "accounting disconnect dialog",
        "/w/acme-studio/settings/accounting/",
        do=_then_dialog(press("Disconnect")),
    ),
    Place("accounting choices", "/w/acme-studio/settings/accounting/xero/"),
    Place("sync activity", "/w/acme-studio/settings/accounting/activity/"),
    Place("sync activity failed", "/w/acme-studio/settings/accounting/activity/?show=failed"),
    Place("sync activity out of sync", "/w/acme-studio/settings/accounting/activity/?show=out_of_sync"),
    Place("sync problems", "/w/acme-studio/settings/accounting/problems/"),
    Place("sync never sent", "/w/acme-studio/settings/accounting/never-sent/"),
    Place("conflicts", "/w/acme-studio/settings/accounting/out-of-sync/"),
    Place("conflict", "{conflict}"),
    Place("conflict answered too late", "{conflict}?seen=0"),
    Place("conflict settled", "{settled conflict}"),
    Place("design system", "/design/", "admin"),
]
EDGES = [
    Place("invoice credited", "{credited}"),
    Place("invoice held", "{held}"),
    Place("invoice edit text", "{held}edit/"),
    Place("invoice edit meanwhile", "{held}edit/", do=_changed_meanwhile),
    Place("customer merged", "{merged customer}"),
    Place("conflict keep ours", "{conflict}?choice=keep_ours"),
    Place("conflict take theirs", "{conflict}?choice=take_theirs"),
    Place("kept form offered", "/w/acme-studio/customers/new/", "sam", _typed_and_left),
    Place("members invited", "/w/acme-studio/settings/members/", do=_invite),
    Place("invitation refused", "{invitation}", "nobody", _refused_invitation),
    Place("invitation to an account", "{invitation to an account}", "nobody"),
    Place("invitation to join while signed in", "{invitation to an account}", "nora"),
]
"""What few workspaces see, and each for a while only."""
SANDBOX = [
    Place("sandbox dashboard", f"sandbox:{BOOKS}", "nobody"),
    Place("sandbox invoices", f"sandbox:{BOOKS}invoices/", "nobody"),
    Place("sandbox invoices second page", f"sandbox:{BOOKS}invoices/?page=2", "nobody"),
    Place("sandbox invoices none found", f"sandbox:{BOOKS}invoices/?q=zzz", "nobody"),
    Place("sandbox invoice", "{xero:long}", "nobody"),
    Place("sandbox invoice paid", "{xero:paid}", "nobody"),
    Place("sandbox invoice edit", "{xero:long}edit", "nobody"),
    Place("sandbox invoice edit paid", "{xero:paid}edit", "nobody"),
    Place("sandbox invoice new", f"sandbox:{BOOKS}invoices/new", "nobody"),
    Place("sandbox invoice refused", f"sandbox:{BOOKS}invoices/new", "nobody", _refused_document),
    Place("sandbox contacts", f"sandbox:{BOOKS}contacts/?archived=1", "nobody"),
    Place("sandbox contact new", f"sandbox:{BOOKS}contacts/new", "nobody"),
    Place("sandbox contact", "{xero:contact}", "nobody"),
    Place("sandbox accounts", f"sandbox:{BOOKS}accounts/", "nobody"),
    Place("sandbox tax rates", f"sandbox:{BOOKS}tax-rates/", "nobody"),
    Place("sandbox settings", f"sandbox:{BOOKS}settings/", "nobody"),
    Place("sandbox connected apps", f"sandbox:{BOOKS}connected-apps/", "nobody"),
    Place("sandbox webhooks", "sandbox:/developer/webhooks/", "nobody"),
    Place("sandbox faults", "sandbox:/developer/faults/", "nobody"),
    Place("sandbox request log", "sandbox:/developer/requests/", "nobody"),
    Place("sandbox consent", "{xero:consent}", "nobody"),
    Place("sandbox consent refused", "sandbox:/identity/connect/authorize", "nobody", status=400),
    Place("sandbox not found", "sandbox:/o/nowhere/", "nobody", status=404),
]
NEW = [
    Place("new: no invoices", "/w/northwind-design/invoices/", "nora"),
    Place(
        "new: customer",
        "/w/northwind-design/customers/",
        "nora",
        lambda page: page.locator(".row-link").first.click(),
    ),
    Place("new: nothing happened", f"{NORTH}activity/", "nora"),
    Place("new: no problems", f"{NORTH}problems/", "nora"),
    Place("new: no conflicts", f"{NORTH}out-of-sync/", "nora"),
]
UNCONNECTED = [*NEW, Place("new: not connected", NORTH, "nora")]
UNCHOSEN = [
    Place("new: connected", NORTH, "nora"),
    Place("new: never sent", f"{NORTH}never-sent/", "nora"),
    Place("new: obstacles", "/w/northwind-design/invoices/new/", "nora"),
    Place("new: customers never sent", "/w/northwind-design/customers/", "nora"),
    Place("new: choices", f"{NORTH}xero/", "nora"),
]
"""Pages of a workspace on its first day, before it is connected and before choices are made."""

SENT = [Place("new: taken in xero", f"{NORTH}never-sent/", "nora")]
"""When what was saved before connecting was sent, and something of it was there already."""

CUT_OFF = [
    Place("new: disconnected", NORTH, "nora"),
    Place("new: invoices while disconnected", "/w/northwind-design/invoices/", "nora"),
    Place("new: customers while disconnected", "/w/northwind-design/customers/", "nora"),
]
"""After the connection was given up."""

PLACES = [*ACCOUNTS, *CUSTOMERS, *INVOICES, *ACCOUNTING, *SANDBOX, *EDGES]
