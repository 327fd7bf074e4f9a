"""A workspace that has lived: every state an invoice can be in, long names, many rows. Made through the pages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import urlencode

from config.demo.environment import CLIENT_ID
from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import expect
from tests.e2e.tandem import Line, Tandem

World = dict[str, str]
"""Names of records, and the addresses of their pages in Tandem; with `xero:` before it, in the sandbox."""

MANY = 27
LONG_NUMBER = "LONG-NUMBER-2026-000000001"
LONG_NAME = (
    "The Very Reverend Trustees of the Estate of the Late Bartholomew Featherstonehaugh-Cholmondeley & Sons"
)
UNBROKEN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_TEXT = (
    "On-site works as agreed on the telephone and confirmed in writing, including travel to and from the premises,"
    " materials, disposal of what was removed, and two visits afterwards\nSecond paragraph: see the drawings."
)


def send(person: Tandem, path: str, **fields: str) -> str:
    """Send a form of the workspace as the page would, and answer the address it led to."""
    context = person.page.context
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
    url = person.address(path)
    form = {"csrfmiddlewaretoken": token, **fields}
    answer = context.request.post(url, form=form, headers={"Referer": url})
    assert answer.ok, re.findall(r"(?s)<(?:main|ul|li)[^>]*error.*?</ul>", answer.text())
    return answer.url


def raise_invoice(
    person: Tandem, customer: str, lines: Sequence[Line], *, approve: bool = True, **fields: str
) -> str:
    """An invoice by one request; answers the address of its page."""
    form = {"customer": customer, "issue_date": dt.date.today().isoformat(), "amounts": "exclusive"}
    form |= {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0"} | fields
    for row, line in enumerate(lines):
        form |= {
            f"lines-{row}-description": line.description,
            f"lines-{row}-quantity": line.quantity,
            f"lines-{row}-unit_amount": line.price,
            f"lines-{row}-discount_percent": line.discount,
            f"lines-{row}-tax_rate": _default_rate(person),
        }
    return send(person, "invoices/new/", **form, **({"approve": "1"} if approve else {"save": "1"}))


def _default_rate(person: Tandem) -> str:
    """The tax rate that the open editor of a new invoice starts with."""
    return person.page.locator("[name=lines-0-tax_rate]").input_value()


def customers_offered(person: Tandem) -> dict[str, str]:
    """The customers that the open editor of a new invoice offers, by name."""
    person.page.get_by_role("combobox", name="Customer").click()
    expect(person.offered.first).to_be_visible()
    return {
        option.get_attribute("data-label") or "": option.get_attribute("data-value") or ""
        for option in person.offered.all()
    }


def build_world(olivia: Tandem, robin: Bookkeeper) -> World:
    """Fill Acme Studio and Maple Florist, which must be connected with every choice made."""
    world = _people(olivia)
    olivia.open("invoices/new/")
    customers = customers_offered(olivia)
    bakery, long = customers["Harbour Bakery"], customers[LONG_NAME]
    world |= _invoices(olivia, bakery, long)
    for number in range(MANY):
        olivia_line = Line(f"Month {number + 1}", "1", f"{(number + 1) * 10}.00")
        raise_invoice(olivia, [*customers.values()][number % 3], [olivia_line], approve=number % 4 == 0)
    world |= _refused(olivia, robin, bakery)
    world |= _settled(olivia, robin)
    world |= _conflicts(olivia, robin)
    world["invitation"] = olivia.invite("ana@example.com")
    olivia.invite("accounts.payable.and.receivable@trustees-of-bartholomew-featherstonehaugh.example")
    return world | _elsewhere(olivia, robin)


def _people(olivia: Tandem) -> World:
    olivia.open("customers/new/")
    everything = {
        "name": LONG_NAME,
        "reference": "TRUSTEES-BARTHOLOMEW-2026-0000001",
        "email": "accounts.payable.and.receivable@trustees-of-bartholomew-featherstonehaugh.example",
        "first_name": "Maximiliana",
        "last_name": "Featherstonehaugh-Cholmondeley",
        "website": "https://trustees-of-bartholomew-featherstonehaugh.example/about/us/and/our/history",
        "address_line": "The Old Counting House, Third Floor\nBehind St Swithin's",
        "city": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
        "postal_code": "LL61 5UJ",
        "country": "United Kingdom",
        "payment_terms_days": "20",
        "currency": "NZD",
    }
    gone = send(olivia, "customers/new/", name="Gone Away Ltd", payment_terms_days="20", currency="NZD")
    send(olivia, f"{path_of(olivia, gone)}archive/")
    return {
        "long customer": send(olivia, "customers/new/", **everything),
        "unbroken customer": send(
            olivia, "customers/new/", name=UNBROKEN, payment_terms_days="0", currency="NZD"
        ),
        "archived customer": gone,
        "long service": send(
            olivia, "services/new/", name=LONG_NAME[:80], description=LONG_TEXT, unit_amount="1234567.8912"
        ),
    }


def path_of(person: Tandem, url: str) -> str:
    """Where in the workspace this page is."""
    return url.removeprefix(person.address())


def _invoices(olivia: Tandem, bakery: str, long: str) -> World:
    work = [Line("Design day", "2", "1150.00"), Line("Workshop, half a day", "1", "1800.00", "10")]
    many = [
        Line(LONG_TEXT, "1234.5678", "9876.5432"),
        *(Line(f"Item {n}", str(n), "19.95") for n in range(1, 15)),
    ]
    year_ago = (dt.date.today() - dt.timedelta(days=365)).isoformat()
    world = {
        "long invoice": raise_invoice(
            olivia, long, many, reference="PO-" + "7" * 60, notes=LONG_TEXT * 3, number=LONG_NUMBER
        ),
        "draft": raise_invoice(olivia, bakery, work, approve=False, reference="Website"),
        "overdue": raise_invoice(olivia, bakery, work, issue_date=year_ago, due_date=year_ago),
        "awaiting approval": raise_invoice(olivia, bakery, work, approve=False),
        "voided": raise_invoice(olivia, bakery, work),
        "sent": raise_invoice(olivia, bakery, work, amounts="inclusive"),
    }
    for name, step in (("awaiting approval", "submit"), ("voided", "void"), ("sent", "sent")):
        send(olivia, f"{path_of(olivia, world[name])}{step}/")
    return world


def _refused(olivia: Tandem, robin: Bookkeeper, customer: str) -> World:
    """An invoice in a period that the bookkeeper has locked; Xero takes it no more."""
    robin.lock_until(dt.date.today() - dt.timedelta(days=700))
    day = (dt.date.today() - dt.timedelta(days=720)).isoformat()
    url = raise_invoice(olivia, customer, [Line("Forgotten work", "1", "500.00")], issue_date=day)
    olivia.open_address(url)
    olivia.sees_sync("needs_attention")
    robin.lock_until(None)
    return {"refused": url}


def _settled(olivia: Tandem, robin: Bookkeeper) -> World:
    """Paid in Xero, with a payment that was taken back before; and partly paid in Tandem."""
    paid = olivia.synced_invoice(price="640.00")
    world = {"paid": olivia.page.url}
    robin.open_invoice(paid)
    robin.pay("100.00", "Bounced")
    robin.remove_payment()
    robin.pay("736.00", "Direct credit 7714, thank you")
    world["xero:paid"] = robin.page.url
    expect(olivia.page.locator("#invoice-header")).to_contain_text("Paid")

    olivia.synced_invoice(price="300.00")
    world["part paid"] = olivia.page.url
    record_payment(olivia, Decimal("45.00"), "")
    olivia.page.reload()
    world["payment"] = _payment(olivia)
    world["record payment"] = olivia.address(f"payments/invoice/{_id(olivia.page.url)}/record/")
    return world


def record_payment(person: Tandem, amount: Decimal, reference: str) -> None:
    """Record a payment of the invoice whose page is open, by one request."""
    today = dt.date.today().isoformat()
    path = f"payments/invoice/{_id(person.page.url)}/record/"
    send(person, path, amount=f"{amount:.2f}", date=today, reference=reference)


def _payment(olivia: Tandem) -> str:
    """The address of the page that reverses the only payment of the open invoice."""
    link = olivia.page.get_by_role("link", name="Reverse the payment").get_attribute("href")
    return f"{olivia.site}{link}"


def _id(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _elsewhere(olivia: Tandem, robin: Bookkeeper) -> World:
    """Pages whose addresses nobody guesses."""
    robin.open_invoice(LONG_NUMBER)
    world = {"xero:long": robin.page.url}
    robin.document.get_by_role("link", name=LONG_NAME).click()
    world["xero:contact"] = robin.page.url
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{olivia.site}/accounting/xero/callback/",
        "scope": "openid offline_access accounting.contacts",
        "state": "x",
    }
    olivia.open("services/")
    for name, label in (("service", "Design day"), ("tax rate", "Zero rated")):
        link = olivia.page.get_by_role("link", name=label, exact=True).get_attribute("href") or ""
        world[f"{name} edit"] = olivia.site + link
        world[f"{name} archive"] = olivia.site + link.replace("/edit/", "/archive/").replace(
            "/rename/", "/archive/"
        )
    world["xero:consent"] = f"{robin.sandbox}/identity/connect/authorize?{urlencode(asked)}"
    return world


def _conflicts(olivia: Tandem, robin: Bookkeeper) -> World:
    world = {}
    for name in ("settled conflict", "conflict"):
        number = olivia.synced_invoice("Kererū Books", "1240.00")
        world[f"out of sync: {name}"] = olivia.page.url
        robin.pause_webhooks()
        robin.open_invoice(number)
        robin.change_lines("A morning's work, and the afternoon", "1300.00")
        olivia.open_address(world[f"out of sync: {name}"])
        olivia.change_due_date("2031-03-01")
        olivia.sees_sync("out_of_sync")
        robin.resume_webhooks()
        olivia.panel.get_by_role("link", name="Compare and decide").click()
        world[name] = olivia.page.url
        if name == "settled conflict":
            olivia.press("Keep ours")
            olivia.press("Send ours to Xero")
            olivia.sees_sync("synced")
    return world
