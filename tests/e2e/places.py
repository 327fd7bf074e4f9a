"""Every page there is, in the states worth looking at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.e2e.browser import Page
from tests.e2e.doings import (
    changed_meanwhile,
    customer_made_here,
    customers_offered,
    editor_lines,
    invite,
    menu,
    press,
    prove,
    prove_by_code,
    refused_address,
    refused_customer,
    refused_document,
    refused_invitation,
    refused_invoice,
    refused_password,
    refused_payment,
    refused_sign_in,
    then_dialog,
    typed_and_left,
    void,
    void_paid,
)
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


ACCOUNTS = [
    Place("sign in", "/accounts/login/", "nobody"),
    Place("sign in refused", "/accounts/login/", "nobody", refused_sign_in),
    Place("sign up", "/accounts/signup/", "nobody"),
    Place("password reset", "/accounts/password/reset/", "nobody"),
    Place("password reset sent", "/accounts/password/reset/done/", "nobody"),
    Place("password reset link broken", "/accounts/password/reset/key/1-gone/", "nobody"),
    Place("password reset done", "/accounts/password/reset/key/done/", "nobody"),
    Place("account inactive", "/accounts/inactive/", "nobody"),
    Place("account", "/accounts/"),
    Place("account address", "/accounts/address/"),
    Place("account address refused", "/accounts/address/", do=refused_address),
    Place("account address link broken", "/accounts/address/confirm/gone/", "nobody", status=410),
    Place("account password", "/accounts/password/change/"),
    Place("account password refused", "/accounts/password/change/", do=refused_password),
    Place("account two-factor off", "/accounts/two-factor/"),
    Place("account two-factor turn on", "/accounts/two-factor/on/", do=prove),
    Place("account two-factor on", "/accounts/two-factor/", "admin"),
    Place("account two-factor turn off", "/accounts/two-factor/off/", "admin", prove_by_code),
    Place("account recovery codes", "/accounts/two-factor/codes/", "admin", prove_by_code),
    Place("account recovery codes new", "/accounts/two-factor/codes/new/", "admin", prove_by_code),
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
    Place("invoice numbers", "/w/acme-studio/invoices/numbers/"),
    Place("billing", "/w/acme-studio/settings/billing/"),
    Place("members", "/w/acme-studio/settings/members/"),
    Place("members for staff", "/w/acme-studio/settings/members/", "sam"),
    Place("leave the workspace", "/w/acme-studio/settings/members/leave/"),
    Place("member to remove", "/w/acme-studio/settings/members/", do=press("Remove Sam Tane", role="link")),
    Place("invitation to join", "{invitation}", "nobody"),
    Place("invitation of somebody else", "{invitation}", "sam"),
    Place("invitation that no longer works", "/invited/"),
    Place("sidebar on narrow screens", "/w/acme-studio/customers/", do=menu),
]
CUSTOMERS = [
    Place("credit notes", "/w/acme-studio/credit/"),
    Place("credit note new", "/w/acme-studio/credit/new/"),
    Place("payments", "/w/acme-studio/payments/"),
    Place("payments none found", "/w/acme-studio/payments/?q=zzz"),
    Place("customers", "/w/acme-studio/customers/"),
    Place("customers archived", "/w/acme-studio/customers/?show=archived"),
    Place("customers none found", "/w/acme-studio/customers/?q=zzz"),
    Place("customer new", "/w/acme-studio/customers/new/"),
    Place("customer refused", "/w/acme-studio/customers/new/", do=refused_customer),
    Place("customer", "{long customer}"),
    Place("customer unbroken", "{unbroken customer}"),
    Place("customer gone", "{archived customer}"),
    Place("customer financial", "{long customer}financial/"),
    Place("customer financial nothing", "{archived customer}financial/"),
    Place("customer edit", "{long customer}edit/"),
    Place("customer archive", "{long customer}archive/"),
    Place("customer archive dialog", "{unbroken customer}", do=then_dialog(press("Archive", role="link"))),
    Place("suppliers", "/w/acme-studio/suppliers/"),
    Place("supplier new", "/w/acme-studio/suppliers/new/"),
    Place("services", "/w/acme-studio/services/"),
    Place("service new", "/w/acme-studio/services/new/"),
    Place("tax rate new", "/w/acme-studio/services/tax-rates/new/"),
    *(
        Place(name, f"{{{name}}}")
        for name in ("service edit", "service archive", "tax rate edit", "tax rate archive")
    ),
    Place("service dialog", "/w/acme-studio/services/", do=then_dialog(press("Design day", role="link"))),
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
    Place("invoice customers offered", "/w/acme-studio/invoices/new/", do=customers_offered),
    Place("invoice customer made here", "/w/acme-studio/invoices/new/", do=customer_made_here),
    Place("customer made here", "/w/acme-studio/customers/new/here/"),
    Place("invoice typed", "/w/acme-studio/invoices/new/", do=editor_lines),
    Place("invoice refused", "/w/acme-studio/invoices/new/", do=refused_invoice),
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
    Place("invoice void dialog", "{sent}", do=void),
    Place("invoice void with payments", "{part paid}", do=void_paid),
    Place("payment dialog", "{sent}", do=then_dialog(press("Record payment", role="link"))),
    Place("payment reverse dialog", "{part paid}", do=then_dialog(press("Reverse the payment", role="link"))),
    Place("payment reverse", "{payment}"),
    Place("payment record", "{record payment}"),
    Place("payment refused", "{record payment}", do=refused_payment),
]
ACCOUNTING = [
    Place("accounting", "/w/acme-studio/settings/accounting/"),
    Place(
        "accounting disconnect dialog",
        "/w/acme-studio/settings/accounting/",
        do=then_dialog(press("Disconnect from Xero")),
    ),
    Place("accounting choices", "/w/acme-studio/settings/accounting/xero/"),
    Place("sync activity", "/w/acme-studio/settings/accounting/activity/"),
    Place(
        "sync activity narrowed",
        "/w/acme-studio/settings/accounting/activity/?kind=invoice&way=to&since=2026-01-01",
    ),
    Place("sync activity unreadable", "/w/acme-studio/settings/accounting/activity/?kind=x"),
    Place("sync activity failed", "/w/acme-studio/settings/accounting/activity/?show=failed"),
    Place("sync activity out of sync", "/w/acme-studio/settings/accounting/activity/?show=out_of_sync"),
    Place("sync problems", "/w/acme-studio/settings/accounting/problems/"),
    Place("sync problems mail", "/w/acme-studio/settings/accounting/problems/mail/"),
    Place("sync left out", "/w/acme-studio/settings/accounting/left-out/"),
    Place("sync never sent", "/w/acme-studio/settings/accounting/never-sent/"),
    Place("agreement", "/w/acme-studio/settings/accounting/agreement/"),
    Place("agreement of a day without", "/w/acme-studio/settings/accounting/agreement/?day=2020-01-01"),
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
    Place("invoice edit meanwhile", "{held}edit/", do=changed_meanwhile),
    Place("customer merged", "{merged customer}"),
    Place("conflict keep ours", "{conflict}?choice=keep_ours"),
    Place("conflict take theirs", "{conflict}?choice=take_theirs"),
    Place("kept form offered", "/w/acme-studio/customers/new/", "sam", typed_and_left),
    Place("members invited", "/w/acme-studio/settings/members/", do=invite),
    Place("invitation refused", "{invitation}", "nobody", refused_invitation),
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
    Place("sandbox invoice refused", f"sandbox:{BOOKS}invoices/new", "nobody", refused_document),
    Place("sandbox contacts", f"sandbox:{BOOKS}contacts/?archived=1", "nobody"),
    Place("sandbox contact new", f"sandbox:{BOOKS}contacts/new", "nobody"),
    Place("sandbox contact", "{xero:contact}", "nobody"),
    Place("sandbox accounts", f"sandbox:{BOOKS}accounts/", "nobody"),
    Place("sandbox tax rates", f"sandbox:{BOOKS}tax-rates/", "nobody"),
    Place("sandbox tracking", f"sandbox:{BOOKS}tracking/", "nobody"),
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
    Place("new: no agreement", f"{NORTH}agreement/", "nora"),
    Place("new: no conflicts", f"{NORTH}out-of-sync/", "nora"),
    Place("new: nothing born in xero", f"{NORTH}born-in-xero/", "nora"),
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
COMPARED = [Place("new: dry run", f"{NORTH}dry-run/", "nora")]
"""When what was never sent was compared with Xero, and nothing is confirmed yet."""
BORN_THERE = [
    Place("new: born in xero", f"{NORTH}born-in-xero/", "nora"),
    Place(
        "new: one born in xero",
        f"{NORTH}born-in-xero/",
        "nora",
        lambda page: page.locator("tbody a").first.click(),
    ),
]
"""When what was made in Xero is listed."""
CUT_OFF = [
    Place("new: disconnected", NORTH, "nora"),
    Place("new: invoices while disconnected", "/w/northwind-design/invoices/", "nora"),
    Place("new: customers while disconnected", "/w/northwind-design/customers/", "nora"),
]
"""After the connection was given up."""
PLACES = [*ACCOUNTS, *CUSTOMERS, *INVOICES, *ACCOUNTING, *SANDBOX, *EDGES]
