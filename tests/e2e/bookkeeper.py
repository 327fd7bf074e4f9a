"""What the bookkeeper does in the pages of the Xero sandbox."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.browser import PATIENCE_MS, Locator, Page, expect
from tests.e2e.tandem import Figures, decimal


class Bookkeeper:
    """A person at one organisation's books, in one tab."""

    def __init__(self, page: Page, sandbox: str, slug: str) -> None:
        self.page, self.sandbox, self.slug = page, sandbox, slug

    def address(self, path: str = "") -> str:
        return f"{self.sandbox}/o/{self.slug}/{path}"

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees_notice(self, text: str) -> None:
        expect(self.page.get_by_role("status")).to_contain_text(text)

    def let_apps_work(self, *, how: str) -> None:
        """Change what the plan, or the role of whoever connected, leaves to apps."""
        self.page.goto(self.address("settings/"))
        self.page.get_by_role("radio", name=how).check()
        self.press("Save plan and role")
        self.sees_notice("Saved.")

    @contextmanager
    def refusing(self, match: str, words: str) -> Iterator[None]:
        """Meanwhile Xero refuses each record that says this somewhere, with these words."""
        faults = f"{self.sandbox}/__sandbox__/faults"
        request = self.page.context.request
        added = request.post(faults, data={"kind": "reject", "match": match, "message": words, "times": None})
        assert added.ok, added.text()
        yield
        request.delete(f"{faults}/{added.json()['number']}")

    def open_invoice(self, number: str) -> None:
        """Look it up in the list, as a person would."""
        self.page.goto(self.address(f"invoices/?q={number}"))
        self.page.get_by_role("link", name=number, exact=True).click()
        expect(self.title).to_contain_text(number)

    def figures(self) -> Figures:
        """The numbers of the invoice whose page is open."""
        amounts = [
            decimal(text) for text in self.document.locator("td[data-label='Amount']").all_inner_texts()
        ]
        sums = [decimal(text) for text in self.document.locator(".totals dd").all_inner_texts()]
        return Figures(tuple(amounts), *sums[:3])

    def pay(self, amount: str, reference: str) -> None:
        """Record a payment on the invoice whose page is open."""
        self.page.get_by_label("Amount", exact=True).fill(amount)
        self.page.get_by_label("Reference").fill(reference)
        self.press("Record payment")
        self.sees_notice("Payment recorded.")

    def credit(self, amount: str) -> None:
        """Apply a new credit note to the invoice whose page is open."""
        self.page.get_by_label("Amount of a new credit note").fill(amount)
        self.press("Apply credit")
        self.sees_notice("Credit applied.")

    def today(self) -> str:
        """The organisation's day, as Tandem writes it, from the form for a payment of the open invoice."""
        day = dt.date.fromisoformat(self.page.get_by_label("Date", exact=True).input_value())
        return f"{day.day} {day:%b %Y}"

    def sees(self, place: Locator, *words: str) -> None:
        """Look again and again, as a person would, until the open page says this there."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not all(word in place.inner_text() for word in words):
            assert time.monotonic() < deadline, f"{words} not in {place.inner_text()!r}"
            self.page.reload()

    @property
    def document(self) -> Locator:
        return self.page.get_by_role("region", name="Document")

    @property
    def title(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def payments(self) -> Locator:
        return self.page.get_by_role("region", name="Payments")

    def remove_payment(self) -> None:
        """Remove the only payment of the invoice whose page is open."""
        self.page.get_by_role("button", name="Remove the payment").click()
        self.sees_notice("Payment removed.")

    def change_due_date(self, day: str) -> None:
        """Edit the due date of the invoice whose page is open."""
        self.page.get_by_role("link", name="Edit", exact=True).click()
        self.page.get_by_label("Due date").fill(day)
        self.press("Save")
        self.sees_notice("Saved.")

    def change_lines(self, description: str, price: str) -> None:
        """Edit the first line of the invoice whose page is open."""
        self.page.get_by_role("link", name="Edit", exact=True).click()
        self.page.get_by_label("Description, line 1").fill(description)
        self.page.get_by_label("Unit price, line 1").fill(price)
        self.press("Save")
        self.sees_notice("Saved.")

    def add_text(self, words: str) -> None:
        """Give the invoice whose page is open a line that only says something."""
        self.page.get_by_role("link", name="Edit", exact=True).click()
        self.press("Add a line")
        self.page.get_by_label("Description").last.fill(words)
        self.page.get_by_label("Quantity").last.fill("")
        self.press("Save")
        self.sees_notice("Saved.")

    def add_contact(self, name: str) -> None:
        """Somebody whom Tandem did not send."""
        self.page.goto(self.address("contacts/new"))
        self.page.get_by_label("Name", exact=True).fill(name)
        self.press("Save")
        expect(self.title).to_have_text(name)

    def merge_contact(self, loser: str, winner: str) -> None:
        """Make the one contact part of the other."""
        self.page.goto(self.address("contacts/"))
        self.page.get_by_role("link", name=loser, exact=True).click()
        self.page.get_by_label("Keep").select_option(label=winner)
        self.press("Merge")
        self.sees_notice(f"Merged into {winner}.")

    def lock_until(self, day: dt.date | None) -> None:
        """Set the organisation's lock date, or clear it."""
        self.page.goto(self.address("settings/"))
        self.page.get_by_label("Period lock date").fill(day.isoformat() if day else "")
        self.press("Save lock dates")
        self.sees_notice("Lock dates saved.")

    def pause_webhooks(self) -> None:
        self.page.goto(f"{self.sandbox}/developer/webhooks/")
        self.press("Pause")
        self.sees_notice("Paused.")

    def resume_webhooks(self) -> None:
        self.page.goto(f"{self.sandbox}/developer/webhooks/")
        self.press("Resume")
        self.sees_notice("Deliveries go on.")
