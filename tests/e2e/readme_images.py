"""`python -m tests.e2e.readme_images DIR`: the three pictures of the README, of a demo that is started for them."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from config.demo.people import ACME
from tests.e2e.audit import WIDE, dress
from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import Page, expect, open_browser
from tests.e2e.running_demo import running_demo
from tests.e2e.tandem import Line, Tandem
from tests.e2e.world import customers_offered, raise_invoice, record_payment, send

DESIGN = Line("Design day", "2", "1150.00")
WORKSHOP = Line("Workshop, half a day with the whole team", "1", "1800.00", "10")
CARE = Line("Website care, one month", "1", "249.50")
CHANGES = Line("Small changes, per quarter of an hour", "6", "31.25")

PLAN = (
    # customer, days ago, lines, reference, what became of it
    ("Kererū Books", 64, (DESIGN, CARE), "Spring catalogue", "paid"),
    ("Tasman Physio", 51, (WORKSHOP,), "", "overdue"),
    ("Harbour Bakery", 43, (CARE, CHANGES), "October", "paid"),
    ("Lumen Architects", 30, (DESIGN, WORKSHOP, CARE), "PO 4471", "part paid"),
    ("Southern Alps Guiding", 22, (CARE,), "", "sent"),
    ("Harbour Bakery", 12, (CARE, CHANGES), "November", "paid"),
    ("Tasman Physio", 9, (CHANGES,), "Booking form", "sent"),
    ("Kererū Books", 6, (DESIGN,), "Shop window", "approved"),
    ("Lumen Architects", 3, (WORKSHOP, CHANGES), "PO 4502", "approved"),
    ("Southern Alps Guiding", 1, (DESIGN, CARE), "Winter season", "submitted"),
    ("Harbour Bakery", 0, (DESIGN, WORKSHOP), "New menu", "draft"),
)


def fill(olivia: Tandem) -> dict[str, str]:
    """A quarter of a small studio's work; answers the address of one invoice of each fate."""
    for name in ("Tasman Physio", "Lumen Architects"):
        send(olivia, "customers/new/", name=name, payment_terms_days="20", currency="NZD")
    olivia.open("invoices/new/")
    customers, found = customers_offered(olivia), {}
    for customer, days, lines, reference, fate in PLAN:
        day = dt.date.today() - dt.timedelta(days=days)
        due = day + dt.timedelta(days=20)
        dates = {"issue_date": day.isoformat(), "due_date": due.isoformat(), "reference": reference}
        url = raise_invoice(
            olivia, customers[customer], lines, approve=fate not in ("draft", "submitted"), **dates
        )
        found[url] = fate
    for url, fate in found.items():
        _bring_to(olivia, url, fate)
    return {fate: url for url, fate in found.items()}


def _bring_to(olivia: Tandem, url: str, fate: str) -> None:
    path = url.removeprefix(olivia.address())
    if fate in ("sent", "submitted", "overdue"):
        send(olivia, f"{path}{'submit' if fate == 'submitted' else 'sent'}/")
    if fate in ("paid", "part paid"):
        olivia.open_address(url)
        olivia.sees_sync("synced")
        total = olivia.figures().total
        record_payment(olivia, total if fate == "paid" else total / 2, "Direct credit")


def make_conflict(olivia: Tandem, robin: Bookkeeper) -> str:
    """Both change one invoice; answers the address of the page that settles it."""
    dates = {"issue_date": (dt.date.today() - dt.timedelta(days=2)).isoformat(), "reference": "Signage"}
    olivia.open("invoices/new/")
    url = raise_invoice(olivia, customers_offered(olivia)["Kererū Books"], (DESIGN, CHANGES), **dates)
    olivia.open_address(url)
    olivia.sees_sync("synced")
    number = olivia.number()
    robin.pause_webhooks()
    robin.open_invoice(number)
    robin.change_lines("Design day, with the sign writer", "1200.00")
    olivia.change_due_date((dt.date.today() + dt.timedelta(days=30)).isoformat())
    olivia.sees_sync("out_of_sync")
    robin.resume_webhooks()
    olivia.panel.get_by_role("link", name="Compare and decide").click()
    expect(olivia.page.get_by_role("button", name="Keep ours")).to_be_visible()
    return olivia.page.url


def pay_in_xero(olivia: Tandem, robin: Bookkeeper, url: str) -> None:
    """The bookkeeper records a payment of the invoice."""
    olivia.open_address(url)
    olivia.sees_sync("synced")
    robin.open_invoice(olivia.number())
    robin.pay("1000.00", "Direct credit 20114")
    expect(olivia.page.locator("#invoice-header")).to_contain_text("Part paid")


def shoot(page: Page, url: str, file: Path) -> None:
    page.goto(url)
    dress(page, "light", WIDE)
    page.screenshot(path=file)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with running_demo() as demo, open_browser() as browser:
        context = browser.new_context(viewport=WIDE, reduced_motion="reduce", locale="en-NZ")
        olivia = Tandem(context.new_page(), demo.site, "acme-studio")
        robin = Bookkeeper(browser.new_context().new_page(), demo.sandbox, "maple-florist")
        olivia.sign_in(ACME.super_user.email)
        olivia.connect("Maple Florist")
        olivia.choose_accounts(rate="15% GST on Income")
        found = fill(olivia)
        pay_in_xero(olivia, robin, found["approved"])
        conflict = make_conflict(olivia, robin)
        shoot(olivia.page, olivia.address("invoices/"), folder / "invoices.png")
        shoot(olivia.page, found["approved"], folder / "invoice.png")
        shoot(olivia.page, conflict, folder / "out-of-sync.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
