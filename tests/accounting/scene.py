"""A workspace, its organisation, and who acts in both: the stage on which causes come about and are put right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.test import Client

from accounting.enums import Kind
from accounting.models import Connection, Link, Problem
from accounting.sync import outbox, reference
from catalogue.models import TaxRate
from customers.models import Customer
from customers.services import create_customer
from invoices.models import Invoice
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.fixing import first_option
from tests.accounting.pages import url
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

Fix = Callable[[Problem], Any]
"""How a person puts a cause right."""
PAID_ON = dt.date(2026, 3, 5)


@dataclass(frozen=True, slots=True)
class Scene:
    """A workspace, its organisation, and who acts in both."""

    sandbox: Handle
    connection: Connection
    gst: TaxRate
    bookkeeper: Bookkeeper
    client: Client
    by: User
    sync: Callable[[], None]

    @property
    def books(self) -> Any:
        return self.sandbox.books()

    def account(self, code: str) -> Any:
        return self.books.accounts.find("code", code)[0]

    def alter(self, record: Any, **values: Any) -> None:
        """What a person does in Xero's own pages."""
        with self.books.atomic():
            self.books.put(replace(record, **values))

    def lock_until(self, day: dt.date | None, **values: Any) -> None:
        self.books.organisations.write(
            self.books.id, replace(self.books.organisation, period_lock_date=day, **values)
        )

    def customer(self, name: str = "Kea", **values: Any) -> Customer:
        return create_customer(workspace=self.connection.workspace, by=None, name=name, **values)

    def invoice(self, number: str = "INV-1", **values: Any) -> Invoice:
        line = make_line(values.pop("description", "Design"), tax_rate=values.pop("rate", self.gst))
        values.setdefault("lines", [line])
        return make_invoice(self.connection.workspace, number=number, status="approved", by=self.by, **values)

    def arrived_invoice(self, **values: Any) -> Invoice:
        invoice = self.invoice(**values)
        self.sync()
        assert Link.objects.filter(local_id=invoice.pk).exists()
        return invoice

    def pay(self, invoice: Invoice, amount: str = "115.00") -> Payment:
        return record_payment(invoice=invoice, amount=Decimal(amount), date=PAID_ON, by=self.by)

    def there(self, record: Any) -> str:
        return Link.objects.get(local_id=record.pk).remote_id

    def hear(self, invoice: Invoice) -> None:
        """Xero's notice that something happened to it."""
        with transaction.atomic():
            outbox.record_pull(
                workspace_id=invoice.workspace_id, connection_id=self.connection.pk, kind=Kind.INVOICE,
                remote_id=self.there(invoice),
            )  # fmt: skip

    def choose(self, problem: Problem, **values: Any) -> None:
        """On the page of the cause, what is offered first unless something is written."""
        reference.refresh_lists(self.connection)
        self.connection.refresh_from_db()
        self.sync()
        told = {"choice": first_option(problem), **values}
        self.client.post(url("fix", self.connection.workspace, problem.pk), told)

    def choose_alone(self, problem: Problem, text: str) -> None:
        [held] = problem.operations.all()
        self.choose(problem, choice=text, record=held.pk)

    def try_again(self, problem: Problem) -> None:
        """The button, once it is put right over there."""
        self.client.post(url("retry_alike", self.connection.workspace, problem.pk))
