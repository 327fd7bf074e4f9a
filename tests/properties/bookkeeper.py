"""What the bookkeeper does in Xero in a random history."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from accounting.enums import Kind
from accounting.models import Grant, Link
from invoices.models import Invoice
from tests.properties import theirs
from tests.properties.story import DAY, Story

REDIRECT = "http://localhost:8000/accounting/callback/"
FULL = (
    "offline_access", "accounting.settings.read", "accounting.contacts", "accounting.invoices",
    "accounting.payments",
)  # fmt: skip


STANDING = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID")


class Bookkeeper(Story):
    """Whoever works on Xero's own pages, as far as this house hears of it."""

    def _xero(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any] | str:
        """A call of the bookkeeper's own; faults are for us, so none befalls it."""
        waiting, self.sandbox.faults._waiting = self.sandbox.faults._waiting, []
        grant = Grant.objects.get(pk=self.connection.grant_id)
        headers = {
            "Authorization": f"Bearer {self.bookkeeper_token}",
            "xero-tenant-id": self.connection.tenant_id,
            "Accept": "application/json",
        }
        assert grant is not None
        reply = self.http.request(method, f"{self.sandbox.url}/api.xro/2.0{path}", json=body, headers=headers)
        self.sandbox.faults._waiting = waiting
        return reply.json() if reply.ok else f"refused by Xero: {reply.text[:150]}"

    @property
    def bookkeeper_token(self) -> str:
        """A person in the browser needs no token of the app; this stands for their session."""
        with self.sandbox.sandbox.lock:
            tokens = self.sandbox.sandbox.tokens
            code = tokens.issue_code(
                list(self.sandbox.store.users.all())[1].id,
                self.connection.tenant_id,
                tuple(FULL),
                REDIRECT,
                None,
            )
            return str(tokens.exchange(code, REDIRECT, None)["access_token"])

    def _their_invoice(self, *states: str) -> Any:
        rows = [row for row in self.sandbox.books().invoices.all() if row.status in states]
        return self.dice.choice(sorted(rows, key=lambda row: row.number or "")) if rows else None

    def their_edit(self) -> str | None:
        invoice = self._their_invoice(*STANDING)
        if invoice is None:
            return None
        change = theirs.head(self.dice, self._next, DAY)
        reply = self._xero("POST", f"/Invoices/{invoice.id}", {"Invoices": [change]})
        return f"{invoice.number} {change} {reply if isinstance(reply, str) else ''}"

    def their_lines(self) -> str | None:
        """Whatever somebody does to lines on Xero's page, modelled here or not."""
        invoice = self._their_invoice(*STANDING)
        if invoice is None:
            return None
        shown = self._xero("GET", f"/Invoices/{invoice.id}?unitdp=4")
        assert isinstance(shown, dict)
        what, lines = theirs.lines(self.dice, self._next, shown["Invoices"][0]["LineItems"])
        reply = self._xero("POST", f"/Invoices/{invoice.id}?unitdp=4", {"Invoices": [{"LineItems": lines}]})
        return f"{invoice.number} {what} {reply if isinstance(reply, str) else ''}"

    def their_void(self) -> str | None:
        invoice = self._their_invoice("AUTHORISED")
        if invoice is None:
            return None
        reply = self._xero("POST", f"/Invoices/{invoice.id}", {"Invoices": [{"Status": "VOIDED"}]})
        return f"{invoice.number} {reply if isinstance(reply, str) else ''}"

    def their_step(self) -> str | None:
        """A draft is handed in, approved, sent back or deleted."""
        invoice = self._their_invoice("DRAFT", "SUBMITTED")
        if invoice is None:
            return None
        status = self.dice.choice(("DRAFT", "SUBMITTED", "AUTHORISED", "AUTHORISED", "DELETED"))
        reply = self._xero("POST", f"/Invoices/{invoice.id}", {"Invoices": [{"Status": status}]})
        return f"{invoice.number} {status} {reply if isinstance(reply, str) else ''}"

    def their_move(self) -> str | None:
        """The invoice is given to another contact, perhaps one nobody knows here."""
        invoice = self._their_invoice("AUTHORISED")
        contacts = [row for row in self.sandbox.books().contacts.all() if row.status == "ACTIVE"]
        if invoice is None or not contacts:
            return None
        contact = self.dice.choice(sorted(contacts, key=lambda row: row.name))
        change = {"Contact": {"ContactID": contact.id}}
        reply = self._xero("POST", f"/Invoices/{invoice.id}", {"Invoices": [change]})
        return f"{invoice.number} to {contact.name} {reply if isinstance(reply, str) else ''}"

    def their_payment(self) -> str | None:
        invoice = self._their_invoice("AUTHORISED")
        if invoice is None:
            return None
        bank = next(row for row in self.sandbox.books().accounts.all() if row.type == "BANK" and row.code)
        amount = self.dice.choice((10, 20, float(invoice.amount_due)))
        reference = self._next("B")
        payment = {"Invoice": {"InvoiceID": invoice.id}, "Account": {"AccountID": bank.id},
                   "Date": "2026-03-05", "Amount": amount, "Reference": reference}  # fmt: skip
        reply = self._xero("PUT", "/Payments", {"Payments": [payment]})
        return f"{amount} on {invoice.number}, {reference} {reply if isinstance(reply, str) else ''}"

    def their_unpayment(self) -> str | None:
        rows = [row for row in self.sandbox.books().payments.all() if row.status != "DELETED"]
        if not rows:
            return None
        payment = self.dice.choice(sorted(rows, key=lambda row: row.reference))
        reply = self._xero("POST", f"/Payments/{payment.id}", {"Status": "DELETED"})
        return f"{payment.amount}, {payment.reference} {reply if isinstance(reply, str) else ''}"

    def their_credit(self) -> str | None:
        """A credit note is set against an invoice."""
        invoice = self._their_invoice("AUTHORISED")
        if invoice is None or invoice.amount_due <= 0:
            return None
        amount = min(self.dice.choice((Decimal(5), Decimal("12.50"), invoice.amount_due)), invoice.amount_due)
        self.sandbox.apply_credit(invoice.id, amount)
        return f"{amount} on {invoice.number}"

    def their_uncredit(self) -> str | None:
        rows = [row for row in self.sandbox.books().invoices.all() if row.credits]
        if not rows:
            return None
        invoice = self.dice.choice(sorted(rows, key=lambda row: row.number))
        self.sandbox.remove_credit(invoice.id, invoice.credits[0].id)
        return f"{invoice.credits[0].amount} off {invoice.number}"

    def _their_contact(self, status: str) -> Any:
        known = set(Link.objects.filter(kind=Kind.CUSTOMER).values_list("remote_id", flat=True))
        rows = [r for r in self.sandbox.books().contacts.all() if r.id in known and r.status == status]
        return self.dice.choice(sorted(rows, key=lambda row: row.name)) if rows else None

    def their_contact_edit(self) -> str | None:
        contact = self._their_contact("ACTIVE")
        if contact is None:
            return None
        change = theirs.contact(self.dice, self._next)
        reply = self._xero("POST", f"/Contacts/{contact.id}", {"Contacts": [change]})
        return f"{contact.name} {change} {reply if isinstance(reply, str) else ''}"

    def their_merge(self) -> str | None:
        """Two contacts become one on Xero's own page; the survivor may be nobody's here, or another customer's."""
        loser = self._their_contact("ACTIVE")
        others = [
            row for row in self.sandbox.books().contacts.all() if row.status == "ACTIVE" and row != loser
        ]
        if loser is None or not others:
            return None
        winner = self.dice.choice(sorted(others, key=lambda row: row.name))
        self.sandbox.merge_contacts(loser.id, winner.id)
        return f"{loser.name} into {winner.name}"

    def their_restore(self) -> str | None:
        """Only the pages of Xero can do this."""
        contact = self._their_contact("ARCHIVED")
        if contact is None:
            return None
        self.sandbox.books().put(dataclasses.replace(contact, status="ACTIVE", merged_to=None))
        return str(contact.name)

    def their_invoice(self) -> str | None:
        """An invoice of the bookkeeper's own with the number that comes next here."""
        contact = self._their_contact("ACTIVE")
        if contact is None:
            return None
        number = f"INV-{Invoice.objects.count() + 1:04d}"
        line = {
            "Description": "Own",
            "Quantity": 1,
            "UnitAmount": 7,
            "AccountCode": "200",
            "TaxType": "OUTPUT2",
        }
        invoice = {"Type": "ACCREC", "Contact": {"ContactID": contact.id}, "InvoiceNumber": number,
                   "Date": "2026-03-03", "DueDate": "2026-04-03", "Status": "AUTHORISED",
                   "LineItems": [line]}  # fmt: skip
        reply = self._xero("PUT", "/Invoices", {"Invoices": [invoice]})
        return f"{number} {reply if isinstance(reply, str) else ''}"
