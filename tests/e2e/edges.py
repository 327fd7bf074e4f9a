"""What rarely happens to a workspace's records, made through the pages."""

from __future__ import annotations

import re
import time

from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import PATIENCE_MS, expect
from tests.e2e.tandem import Line, Tandem
from tests.e2e.world import World, customers_offered, path_of, raise_invoice, send

TWINS = ("Pōhutukawa Café", "Pohutukawa Cafe and Catering Company Limited")


def build_edges(olivia: Tandem, robin: Bookkeeper) -> World:
    """Add to the world that is built what few records meet."""
    world = {"invitation to an account": olivia.invite("nora@northwind.example")}
    world |= _merged(olivia, robin)
    world |= _credited(olivia, robin)
    world |= _held(olivia, robin)
    _refuse_alike(olivia, robin)
    return world


def _merged(olivia: Tandem, robin: Bookkeeper) -> World:
    """Two customers whose contacts the bookkeeper made one."""
    urls = [
        send(olivia, "customers/new/", name=name, payment_terms_days="20", currency="NZD") for name in TWINS
    ]
    for url in urls:
        olivia.open_address(url)
        olivia.sees_sync("synced")
    robin.merge_contact(TWINS[0], TWINS[1])
    olivia.open_address(urls[0])
    olivia.sees_sync("merged")
    return {"merged customer": urls[0]}


def _credited(olivia: Tandem, robin: Bookkeeper) -> World:
    """An invoice with a payment and a credit note against it, and still something to pay."""
    number = olivia.synced_invoice(price="800.00")
    robin.open_invoice(number)
    robin.credit("120.00")
    robin.pay("300.00", "Direct credit 88")
    expect(olivia.page.locator(".paper__totals")).to_contain_text("Credit")
    return {"credited": olivia.page.url}


def _held(olivia: Tandem, robin: Bookkeeper) -> World:
    """An invoice that the bookkeeper gave a line of text, reopened here."""
    number = olivia.synced_invoice(price="450.00")
    robin.open_invoice(number)
    robin.add_text("As agreed with Ana on the telephone, before the shop's winter opening")
    expect(olivia.page.locator(".paper__table")).to_contain_text("As agreed with Ana")
    send(olivia, f"{path_of(olivia, olivia.page.url)}reopen/")
    olivia.page.reload()
    olivia.sees_sync("held")
    return {"held": olivia.page.url}


def _refuse_alike(olivia: Tandem, robin: Bookkeeper) -> None:
    """Invoices that Xero refuses for one and the same cause, of which nobody could know beforehand."""
    olivia.open("invoices/new/")
    customer = customers_offered(olivia)["Harbour Bakery"]
    with robin.refusing("LATE-", "The document date cannot be before the period lock date"):
        urls = [
            raise_invoice(olivia, customer, [Line("Forgotten", "1", "90.00")], number=f"LATE-{part}")
            for part in range(1, 4)
        ]
        for url in urls:
            olivia.open_address(url)
            olivia.sees_sync("needs_attention")


def send_what_was_saved_before(nora: Tandem, harbour: Bookkeeper) -> None:
    """Of the customers that were never sent, the bookkeeper has one of the same name."""
    harbour.add_contact("Thornbury & Daughters")
    nora.open("settings/accounting/never-sent/")
    nora.page.get_by_role("button", name=re.compile("^Send ")).click()
    taken = nora.page.get_by_role("table", name="Taken in Xero")
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not taken.is_visible() and time.monotonic() < deadline:
        nora.page.wait_for_timeout(200)
        nora.open("settings/accounting/never-sent/")
    expect(taken).to_contain_text("Thornbury")
