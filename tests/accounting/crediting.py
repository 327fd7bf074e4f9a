"""A credit note and an invoice of one customer, in step with Xero, and what both sides say of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounting.enums import Kind
from accounting.models import Connection, Link
from accounting.sync.pull import request_pull
from accounting.sync.reconcile import reconcile
from catalogue.models import TaxRate
from credit.models import CreditNote
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.credit import make_credit_note
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

__all__ = ["credit", "currency"]

Sync = Callable[[], None]


@dataclass
class Crediting:
    """115.00 each, both approved on both sides."""

    note: CreditNote
    invoice: Invoice
    books: Bookkeeper
    connection: Connection

    def id_of(self, record: Any, kind: Kind) -> str:
        return Link.objects.get(kind=kind, local_id=record.pk).remote_id

    @property
    def note_id(self) -> str:
        return self.id_of(self.note, Kind.CREDIT_NOTE)

    @property
    def invoice_id(self) -> str:
        return self.id_of(self.invoice, Kind.INVOICE)

    def hear(self) -> None:
        """The regular check reads what has changed there."""
        assert reconcile(self.connection.pk)

    def tell(self, kind: str) -> None:
        """Xero says that the note or the invoice has changed: a worker reads it, one after the other."""
        remote_id = self.note_id if kind == Kind.CREDIT_NOTE else self.invoice_id
        at = timezone.now() + dt.timedelta(minutes=1)
        with transaction.atomic():
            request_pull(self.connection, kind, remote_id, at=at)

    def here(self) -> tuple[Decimal, Decimal]:
        """What is left of the note, and what is due on the invoice."""
        self.note.refresh_from_db()
        self.invoice.refresh_from_db()
        return self.note.remaining, self.invoice.amount_due

    def there(self) -> tuple[Decimal, Decimal]:
        note, invoice = self.books.credit_note(self.note_id), self.books.invoice(self.invoice_id)
        return Decimal(str(note["RemainingCredit"])), Decimal(str(invoice["AmountDue"]))

    def both(self, left: int, due: int) -> bool:
        assert self.here() == self.there() == (Decimal(left), Decimal(due))
        return True


@pytest.fixture
def currency() -> str:
    return "NZD"


@pytest.fixture
def credit(connected: Connection, gst: TaxRate, sandbox: Handle, sync: Sync, currency: str) -> Crediting:
    customer = make_customer(connected.workspace, currency=currency)
    lines = {"lines": [make_line(tax_rate=gst)], "customer": customer}
    invoice = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, currency=currency, **lines)
    note = make_credit_note(connected.workspace, **lines)
    sync()
    sandbox.clear_requests()
    return Crediting(note, invoice, Bookkeeper(sandbox, connected), connected)
