"""One random history: people here, a bookkeeper in Xero, webhooks, faults and crashes; then peace, and a look.

Everything random comes from one seed, so a history that fails can be lived again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import traceback
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import requests
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounting.enums import ConflictState, ConnectionState, GrantState, Kind, OpState, Resolution
from accounting.models import Batch, Conflict, Connection, Grant, Link, Operation, SyncEvent
from accounting.providers.xero import limits
from accounting.sync import lease, outbox
from accounting.sync.drain import drain
from accounting.sync.due import has_work
from accounting.sync.reconcile import reconcile
from accounting.sync.resolve import CannotResolve, resolve
from catalogue.models import TaxRate
from core.refusals import Refused
from customers.models import Customer
from customers.services import archive_customer, create_customer, restore_customer, update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import (
    approve_invoice,
    create_invoice,
    reopen_invoice,
    update_invoice,
    void_invoice,
)
from lines.totals import LineInput
from payments.models import Payment
from payments.services import record_payment, reverse_payment
from tests.properties import theirs
from tests.properties.agreement import MODELS, Audit, Books
from tests.properties.crashes import Crash, Crashes
from tests.properties.direct import DirectSandbox
from tests.properties.passing import pass_time
from tests.properties.untouched import FIELDS, Witness
from webhooks.process import run as process_inbox
from webhooks.receive import receive
from workspaces.models import User

DAY = dt.date(2026, 3, 2)
REFUSALS = (Refused, ValidationError, CannotResolve)
WRITE_FAULTS = (
    "drop", "cut", "truncate", "html", "error_500", "maintenance", "organisation_offline", "rate_minute",
    "unknown_enum", "rate_concurrent",
)  # fmt: skip
ROUNDS = 40
ZONES = (
    "UTC",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/New_York",
    "Asia/Kolkata",
)
CUSTOMER_EDITS = (
    "email", "phone", "phone", "name", "first_name", "last_name", "address_line", "city", "region",
    "postal_code", "country", "tax_number",
)  # fmt: skip
LINE_EDITS = ("description", "quantity", "unit_amount", "discount_percent", "tax_rate")


class NeverQuiet(AssertionError):
    """The engine kept working without getting anywhere."""


class History:
    """A world and its story so far."""

    def __init__(
        self, seed: int, sandbox: DirectSandbox, connection: Connection, rates: list[TaxRate], person: User
    ) -> None:
        self.dice = random.Random(seed)
        self.seed = seed
        self.sandbox = sandbox
        self.connection = connection
        self.workspace = connection.workspace
        self.rates = rates
        self.person = person
        self.story: list[str] = []
        self.stumbles: list[str] = []
        self.verbose = False
        self.told_to = 0
        self.serial = 0
        self.heard = 0
        self.edited: defaultdict[tuple[str, uuid.UUID], set[str]] = defaultdict(set)
        self.witness = Witness(sandbox, self._wanted)
        self.http = sandbox.session()
        self.crashes = Crashes(self.dice)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this lasts, what the engine stumbles over is remembered: it survives that, and it is a defect."""
        ears = [patch(f"accounting.sync.{name}.log", Ear(self.stumbles)) for name in LOUD]
        with ExitStack() as stack:
            for ear in ears:
                stack.enter_context(ear)
            stack.enter_context(self.witness.watching())
            stack.callback(self.crashes.disarm)
            yield

    # -- telling the story

    def live(self, steps: int) -> None:
        """Somewhere on earth, a customer and two invoices in step, then so many random steps."""
        self.workspace.time_zone = self.dice.choice(ZONES)
        self.workspace.save(update_fields=["time_zone"])
        for name in ("new_customer", "new_customer", "new_invoice", "new_invoice", "work"):
            self.act(name)
        names, weights = zip(*ACTIONS.items(), strict=True)
        for name in self.dice.choices(names, weights, k=steps):
            self.act(name)

    def take_turns(self, turns: int) -> None:
        """Without trouble: the bookkeeper moves, that is heard, somebody edits here, and it is sent."""
        for name in ("new_customer", "new_invoice", "new_invoice", "work"):
            self.act(name)
        for _ in range(turns):
            for name in (self.dice.choice(THEIR_TURN), "check", self.dice.choice(OUR_TURN), "work"):
                self.act(name)

    def act(self, name: str) -> None:
        """One step by name; what the house or Xero refuses is part of the story."""
        self.story.append(name)
        action: Callable[[], str | None] = getattr(self, name)
        try:
            told = action()
        except REFUSALS as refusal:
            told = f"refused: {refusal}"
        except requests.RequestException as error:
            told = f"lost: {error}"
        except Crash as crash:
            told = f"the web server died {crash}"
        self.story[-1] = f"{name}: {told or 'nothing'}"
        if self.verbose:
            self._tell_what_happened()

    def _tell_what_happened(self) -> None:
        """The house's own history and the calls since the last step, for a history that is lived again."""
        for event in SyncEvent.objects.filter(pk__gt=self.told_to).order_by("pk"):
            self.told_to = event.pk
            record = MODELS[Kind(event.kind)].objects.filter(pk=event.local_id).first() if event.kind else ""
            self.story.append(f"      {record} {event.event}: {event.message}")
        for call in self.sandbox.requests():
            fault = f" !{call.fault}" if call.fault else ""
            self.story.append(
                f"      {call.method} {call.path[13:60]} {call.query[:60]} {call.status}{fault}"
            )
        self.sandbox.clear_requests()

    # -- people here

    def _wanted(self, kind: str, local_id: uuid.UUID) -> set[str]:
        """What people edited here of this record, ever. Our reference is put back where theirs lost it."""
        return self.edited[kind, local_id] | ({"reference"} if kind == Kind.CUSTOMER else set())

    def _edit(self, record: Any, *fields: str) -> None:
        kind = next(kind for kind, model in MODELS.items() if isinstance(record, model))
        self.edited[kind, record.pk] |= set(fields)

    def _next(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}{self.serial}"

    def _pick(self, rows: Any) -> Any:
        rows = list(rows.order_by("pk"))
        return self.dice.choice(rows) if rows else None

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
        if self.dice.random() < 0.9:
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
        invoice = self._pick(Invoice.objects.filter(status=InvoiceStatus.DRAFT))
        if invoice is None:
            return None
        self._rework_draft(invoice)
        return str(invoice)

    def _rework_draft(self, invoice: Invoice) -> None:
        more = self.dice.choice((self._one_field, self._one_line, self._one_line, self._many_lines))(invoice)
        if self.dice.random() < 0.1:
            more["customer"] = self._pick(Customer.objects)
        self._edit(invoice, *("contact_id" if name == "customer" else name for name in more))
        update_invoice(invoice=invoice, by=self.person, **more)
        if self.dice.random() < 0.9:
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
        return dataclasses.replace(line, **{field: fresh})

    def _many_lines(self, invoice: Invoice) -> dict[str, Any]:
        kept = [row.pk for row in invoice.lines.all() if self.dice.random() < 0.8]
        lines = [self._line(pk) for pk in kept] + ([self._line()] if self.dice.random() < 0.4 else [])
        return {"lines": lines or [self._line()]}

    def reopen(self) -> str | None:
        invoice = self._pick(Invoice.objects.filter(status__in=["approved", "sent"]))
        if invoice is None:
            return None
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

    # -- the bookkeeper in Xero

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
        invoice = self._their_invoice("AUTHORISED", "PAID")
        if invoice is None:
            return None
        change = theirs.head(self.dice, self._next, DAY)
        reply = self._xero("POST", f"/Invoices/{invoice.id}", {"Invoices": [change]})
        return f"{invoice.number} {change} {reply if isinstance(reply, str) else ''}"

    def their_lines(self) -> str | None:
        """Whatever somebody does to lines on Xero's page, modelled here or not."""
        invoice = self._their_invoice("AUTHORISED", "PAID")
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

    # -- webhooks

    def hear(self) -> str:
        """What Xero tells arrives: perhaps not all of it, perhaps twice, perhaps in another order."""
        captured = self.sandbox.webhooks.captured
        fresh = captured[self.heard :]
        self.heard = len(captured)
        arriving = [row for row in fresh for _ in range(self.dice.choice((0, 1, 1, 1, 2)))]
        self.dice.shuffle(arriving)
        for delivery in arriving:
            receive(body=delivery.body, signature=delivery.signature)
        process_inbox()
        return f"{len(arriving)} of {len(fresh)}"

    # -- trouble

    def break_a_write(self) -> str:
        kind = self.dice.choice(WRITE_FAULTS)
        applied = self.dice.random() < 0.6 and not kind.startswith("rate")
        path = self.dice.choice(("Invoices", "Contacts", "Payments", "/api.xro/*"))
        method = self.dice.choice(("PUT", "POST", "PUT"))
        self.sandbox.faults.add(kind, method=method, path=path, applied=applied, index=self.dice.randrange(3))
        return f"{kind} {'after' if applied else 'before'} {method} {path}"

    def break_a_read(self) -> str:
        kind = self.dice.choice(
            ("drop", "truncate", "error_500", "maintenance", "rate_minute", "unknown_enum")
        )
        self.sandbox.faults.add(kind, method="GET", index=self.dice.randrange(3))
        return kind

    def break_a_token(self) -> str:
        """The access token dies early; the answer to the refresh may be lost."""
        self.sandbox.expire_tokens()
        if self.dice.random() < 0.5:
            self.sandbox.faults.add("drop", path="/connect/token", applied=True)
        return "expired"

    def arm_a_crash(self) -> str:
        return self.crashes.arm()

    # -- the engine

    def work(self) -> str:
        """A worker is woken. It may die on the way, and then its lease stays."""
        try:
            mine = drain(self.connection.pk)
        except Crash as crash:
            self._leave_lease()
            return f"died {crash}"
        finally:
            self.crashes.disarm()
        return "done" if mine else "somebody else is at it"

    def work_again(self) -> str:
        return self.work()

    def check(self) -> str:
        """The regular check."""
        try:
            mine = reconcile(self.connection.pk)
        except Crash as crash:
            self._leave_lease()
            return f"died {crash}"
        finally:
            self.crashes.disarm()
        return "done" if mine else "somebody else is at it"

    def _leave_lease(self) -> None:
        """A process that was killed gives nothing back."""
        Connection.objects.filter(pk=self.connection.pk).update(
            lease_token=uuid.uuid4(), lease_until=timezone.now() + lease.LEASE
        )

    def wait(self) -> str:
        seconds = self.dice.choice((3, 60, 100, 290, 400, 2000))
        self.advance(seconds)
        return f"{seconds} s"

    def advance(self, seconds: int) -> None:
        """Time passes on both sides."""
        pass_time(self.sandbox, seconds)
        limits.reset("memory://")

    def settle_a_conflict(self) -> str | None:
        conflict = self._pick(Conflict.objects.filter(state=ConflictState.OPEN))
        if conflict is None:
            return None
        choice = self.dice.choice((Resolution.KEEP_OURS, Resolution.TAKE_THEIRS))
        self._resolve(conflict, choice)
        return f"{conflict} {choice}"

    def _resolve(self, conflict: Conflict, choice: Resolution) -> None:
        """Who keeps ours wants all of it there."""
        if choice == Resolution.KEEP_OURS:
            self.edited[conflict.kind, conflict.local_id] |= FIELDS[conflict.kind].keys()
        resolve(conflict=conflict, choice=choice, seen=conflict.version, by=self.person)

    def try_again(self) -> str:
        return f"{outbox.retry_failed(Operation.objects.filter(state=OpState.FAILED))} failed operations"

    # -- peace, and the look

    def come_to_rest(self) -> None:
        """No more trouble; work until nothing is left to do, and check for what nobody told."""
        self.sandbox.faults.clear()
        self.crashes.disarm()
        for _ in range(2):
            self._work_off()
            self.act("check")
        self._work_off()

    def connect_again(self) -> str | None:
        """What a person does who is told that access is gone."""
        if not Connection.objects.filter(state=ConnectionState.NEEDS_REAUTH).exists():
            return None
        tokens = self.sandbox.connect()
        grant = Grant.objects.get()
        grant.access_token, grant.refresh_token = tokens["access_token"], tokens["refresh_token"]
        grant.version += 1
        grant.state, grant.failed_at, grant.refreshed_at = GrantState.ACTIVE, None, timezone.now()
        grant.expires_at = grant.refreshed_at + dt.timedelta(seconds=tokens["expires_in"])
        grant.save()
        Connection.objects.update(state=ConnectionState.ACTIVE, state_reason="", resume_at=None)
        return "reconnected"

    def _work_off(self) -> None:
        for _ in range(ROUNDS):
            self.advance(700)
            self.connect_again()
            assert drain(self.connection.pk)
            if not has_work(self.connection):
                return
        left = [f"{row} {row.state} {row.error}" for row in Operation.objects.all()]
        now = Connection.objects.get()
        state = f"{now.state} {now.state_reason} {now.resume_reason}"
        raise NeverQuiet(f"still at it after {ROUNDS} rounds: {state} {left} {list(Batch.objects.all())}")

    def problems(self) -> list[str]:
        """What no honest bookkeeping may show."""
        audit = Audit(self.connection, Books.read(self.sandbox))
        misuse = {name: count for name, count in self.sandbox.counters().items() if name in MISUSE and count}
        return [
            *(f"stumbled: {words}" for words in self.stumbles),
            *(f"not ours to touch: {words}" for words in self.witness.broken),
            *audit.unrest(),
            *audit.differences(),
            *(f"{name}: {count}" for name, count in misuse.items()),
        ]

    def settle_everything(self) -> None:
        """People do what they are asked: decide every conflict, and try again what failed."""
        for conflict in Conflict.objects.filter(state=ConflictState.OPEN).order_by("pk"):
            choice = self.dice.choice((Resolution.KEEP_OURS, Resolution.TAKE_THEIRS))
            with suppress(*REFUSALS):
                self._resolve(conflict, choice)
            self.story.append(f"decided: {conflict} {choice}")
        self.act("try_again")


LOUD = ("drain", "freeze", "settle", "apply")


class Ear:
    """Stands in for a module's log and remembers the exceptions told to it."""

    def __init__(self, heard: list[str]) -> None:
        self._heard = heard

    def exception(self, event: str, **more: Any) -> None:
        self._heard.append(f"{event} {more} {traceback.format_exc()[-1500:]}")

    def info(self, event: str, **more: Any) -> None:
        """Nothing to worry about."""

    warning = info


MISUSE = ("key_body_mismatch", "key_resent_after_window")
REDIRECT = "http://localhost:8000/accounting/callback/"
FULL = (
    "offline_access", "accounting.settings.read", "accounting.contacts", "accounting.invoices",
    "accounting.payments",
)  # fmt: skip

THEIR_TURN = (
    "their_lines",
    "their_lines",
    "their_lines",
    "their_contact_edit",
    "their_contact_edit",
    "their_edit",
)
OUR_TURN = ("rework", "rework", "edit_issued", "edit_customer", "edit_customer")
ACTIONS = {
    "new_customer": 2,
    "edit_customer": 3,
    "archive": 1,
    "restore": 1,
    "new_invoice": 8,
    "edit_issued": 6,
    "rework": 4,
    "finish_draft": 2,
    "reopen": 1,
    "void": 2,
    "pay": 6,
    "reverse": 3,
    "their_edit": 6,
    "their_lines": 3,
    "their_void": 2,
    "their_move": 1,
    "their_payment": 5,
    "their_unpayment": 3,
    "their_credit": 3,
    "their_uncredit": 2,
    "their_contact_edit": 3,
    "their_merge": 2,
    "their_restore": 1,
    "their_invoice": 1,
    "hear": 6,
    "break_a_write": 7,
    "break_a_read": 3,
    "break_a_token": 1,
    "arm_a_crash": 5,
    "work": 12,
    "work_again": 6,
    "check": 2,
    "wait": 6,
    "settle_a_conflict": 3,
    "try_again": 1,
    "connect_again": 1,
}
