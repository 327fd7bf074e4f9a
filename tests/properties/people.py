"""What people do here in a random history."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from accounting.enums import Verdict
from accounting.models import Newcomer
from accounting.queries.unsent import unsent_of
from accounting.sync.unmatched import decide
from customers.models import Customer
from customers.services import archive_customer, create_customer, restore_customer, update_customer
from invoices.enums import EDITABLE, InvoiceStatus
from invoices.models import Invoice
from invoices.services import (
    approve_invoice,
    create_invoice,
    delete_invoice,
    reopen_invoice,
    submit_invoice,
    update_invoice,
    void_invoice,
)
from lines.totals import LineInput
from payments.models import Payment
from payments.services import record_payment, reverse_payment
from tests.properties.story import DAY, Story

CUSTOMER_EDITS = (
    "email", "phone", "phone", "name", "first_name", "last_name", "address_line", "city", "region",
    "postal_code", "country", "tax_number",
)  # fmt: skip
LINE_EDITS = ("description", "quantity", "unit_amount", "discount_percent", "tax_rate")


class People(Story):
    """Whoever works in the workspace. A step that finds nothing to work on does nothing."""

    def _lines(self) -> list[LineInput]:
        return [self._line() for _ in range(self.dice.choice((1, 1, 2, 3)))]

    def _line(self, kept: uuid.UUID | None = None) -> LineInput:
        return LineInput(
            description=self._next("Work "),
            quantity=Decimal(self.dice.choice(("1", "2", "1.5", "0.3333"))),
            unit_amount=Decimal(self.dice.choice(("100", "33.3333", "19.99", "250"))),
            discount_percent=Decimal(self.dice.choice(("0", "0", "12.5"))),
            tax_rate=self.dice.choice(self.rates),
            id=kept,
        )

    def new_customer(self) -> str:
        customer = create_customer(
            workspace=self.workspace, by=self.person, name=self._next("Customer "), email="a@example.com"
        )
        return f"{customer} {customer.reference}"

    def edit_customer(self) -> str | None:
        customer = self._pick(Customer.objects)
        if customer is None:
            return None
        change = self.dice.choice(CUSTOMER_EDITS)
        value = self._customer_value(customer, change)
        self._edit(customer, change)
        update_customer(customer=customer, by=self.person, **{change: value})
        return f"{customer.reference} {change}={value}"

    def _customer_value(self, customer: Customer, change: str) -> str:
        if change == "email":
            return f"{self._next('mail')}@example.com"
        if change == "country":
            return str(self.dice.choice(("New Zealand", "Samoa", "")))
        if change == "phone" and customer.phone and self.dice.random() < 0.6:
            return customer.phone[:-1] + str(self.dice.randrange(10))
        return self._next(f"{change.replace('_', ' ').title()} ") if self.dice.random() < 0.9 else ""

    def archive(self) -> str | None:
        customer = self._pick(Customer.objects.filter(archived_at=None))
        if customer is None:
            return None
        self._edit(customer, "archived")
        archive_customer(customer=customer, by=self.person)
        return str(customer)

    def restore(self) -> str | None:
        customer = self._pick(Customer.objects.exclude(archived_at=None))
        if customer is None:
            return None
        self._edit(customer, "archived")
        restore_customer(customer=customer, by=self.person)
        return str(customer)

    def new_invoice(self) -> str | None:
        customer = self._pick(Customer.objects)
        if customer is None:
            return self.new_customer()
        invoice = create_invoice(
            workspace=self.workspace,
            customer=customer,
            lines=self._lines(),
            by=self.person,
            issue_date=DAY + dt.timedelta(days=self.dice.randrange(20)),
            due_date=DAY + dt.timedelta(days=30),
            amounts=self.dice.choice(("exclusive", "exclusive", "inclusive", "no_tax")),
            reference=self._next("ref "),
        )
        if self.dice.random() < self.eager:
            approve_invoice(invoice=invoice, by=self.person)
        return f"{invoice} for {customer}"

    def edit_issued(self) -> str | None:
        invoice = self._pick(Invoice.objects.filter(status__in=["approved", "sent"]))
        if invoice is None:
            return None
        if self.dice.random() < 0.5:
            reference = self._next("our ref ")
            self._edit(invoice, "reference")
            update_invoice(invoice=invoice, reference=reference, by=self.person)
            return f"{invoice} {reference}"
        due = DAY + dt.timedelta(days=self.dice.randrange(30, 90))
        self._edit(invoice, "due_date")
        update_invoice(invoice=invoice, due_date=due, by=self.person)
        return f"{invoice} due {due}"

    def rework(self) -> str | None:
        """Reopened, changed and approved again."""
        invoice = self._pick(Invoice.objects.filter(status__in=["approved", "sent"]))
        if invoice is None:
            return None
        reopen_invoice(invoice=invoice, by=self.person)
        self._rework_draft(invoice)
        return str(invoice)

    def finish_draft(self) -> str | None:
        invoice = self._pick(Invoice.objects.filter(status__in=EDITABLE))
        if invoice is None:
            return None
        self._rework_draft(invoice)
        return str(invoice)

    def take_a_step(self) -> str | None:
        """A draft is handed in, approved, or a draft again."""
        invoice = self._pick(Invoice.objects.filter(status__in=EDITABLE))
        if invoice is None:
            return None
        step = self.dice.choice((submit_invoice, approve_invoice, reopen_invoice))
        self._edit(invoice, "status")
        step(invoice=invoice, by=self.person)
        return f"{invoice} {step.__name__}"

    def delete_draft(self) -> str | None:
        invoice = self._pick(Invoice.objects.filter(status__in=EDITABLE, issued_at=None))
        if invoice is None:
            return None
        self._edit(invoice, "voided")
        delete_invoice(invoice=invoice, by=self.person)
        return str(invoice)

    def _rework_draft(self, invoice: Invoice) -> None:
        more = self.dice.choice((self._one_field, self._one_line, self._one_line, self._many_lines))(invoice)
        if self.dice.random() < 0.1:
            more["customer"] = self._pick(Customer.objects)
        self._edit(invoice, *("contact_id" if name == "customer" else name for name in more))
        update_invoice(invoice=invoice, by=self.person, **more)
        if self.dice.random() < self.eager:
            self._edit(invoice, "status")
            approve_invoice(invoice=invoice, by=self.person)

    def _one_field(self, invoice: Invoice) -> dict[str, Any]:
        return self.dice.choice(
            (
                {"number": self._next("RE-")},
                {"reference": self._next("our ref ")},
                {"issue_date": DAY + dt.timedelta(days=self.dice.randrange(20))},
                {"due_date": DAY + dt.timedelta(days=self.dice.randrange(30, 90))},
                {"amounts": self.dice.choice(("exclusive", "inclusive", "no_tax"))},
            )
        )

    def _one_line(self, invoice: Invoice) -> dict[str, Any]:
        """One line edited in one field, moved, taken out or put in; the others are what they are."""
        lines = [line.as_input() for line in invoice.lines.all()]
        at = self.dice.randrange(len(lines))
        move = self.dice.choice(("edit", "edit", "edit", "order", "out", "in"))
        if move == "edit":
            lines[at] = self._other(lines[at])
        elif move == "order":
            self.dice.shuffle(lines)
        elif move == "in":
            lines.insert(at, self._line())
        elif len(lines) > 1:
            lines.pop(at)
        return {"lines": lines}

    def _other(self, line: LineInput) -> LineInput:
        field = "description" if line.is_text else self.dice.choice(LINE_EDITS)
        fresh: Any = getattr(self._line(), field)
        # like the form: a percentage takes the place of an amount
        other = {"discount_amount": None} if field == "discount_percent" else {}
        return dataclasses.replace(line, **{field: fresh}, **other)

    def _many_lines(self, invoice: Invoice) -> dict[str, Any]:
        kept = [row.pk for row in invoice.lines.all() if self.dice.random() < 0.8]
        lines = [self._line(pk) for pk in kept] + ([self._line()] if self.dice.random() < 0.4 else [])
        return {"lines": lines or [self._line()]}

    def reopen(self) -> str | None:
        invoice = self._pick(Invoice.objects.filter(status__in=["approved", "sent"]))
        if invoice is None:
            return None
        self._edit(invoice, "status")
        reopen_invoice(invoice=invoice, by=self.person)
        return str(invoice)

    def void(self) -> str | None:
        invoice = self._pick(Invoice.objects.exclude(status=InvoiceStatus.VOIDED))
        if invoice is None:
            return None
        self._edit(invoice, "voided")
        void_invoice(invoice=invoice, by=self.person)
        return str(invoice)

    def pay(self) -> str | None:
        invoice = self._pick(Invoice.objects.filter(status__in=["approved", "sent"]))
        if invoice is None or invoice.amount_due <= 0:
            return None
        amount = self.dice.choice((Decimal(10), Decimal(20), invoice.amount_due))
        payment = record_payment(
            invoice=invoice, amount=amount, date=DAY, reference=self._next("L"), by=self.person
        )
        return f"{amount} on {invoice}, {payment.reference}"

    def reverse(self) -> str | None:
        payment = self._pick(Payment.objects.filter(reversed_at=None))
        if payment is None:
            return None
        self._edit(payment, "removed")
        reverse_payment(payment=payment, by=self.person)
        return f"{payment.amount} on {payment.invoice}, {payment.reference}"

    def decide_about_a_newcomer(self) -> str | None:
        """Of what was made in Xero and is listed: linked to one of ours, made here, or left."""
        row = self._pick(Newcomer.objects.filter(verdict__in=(Verdict.ASK, Verdict.SKIP)))
        if row is None:
            return None
        verdict = self.dice.choice((Verdict.CREATE, Verdict.CREATE, Verdict.LINK, Verdict.SKIP, Verdict.ASK))
        ours = self._pick(unsent_of(row.kind, self.connection)) if verdict == Verdict.LINK else None
        if ours is None and verdict == Verdict.LINK:
            return None
        its_own = self.dice.random() < 0.5
        decide(
            connection=self.connection, choices={row.pk: ours.pk if ours else None}, verdict=verdict,
            and_its_own=its_own, by=self.person,
        )  # fmt: skip
        return f"{row.told} {verdict} {ours or ''}{' and its own' if its_own else ''}"
