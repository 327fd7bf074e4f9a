"""Books in step, records that went apart with nobody noticing, and statements about them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounting.enums import Kind
from accounting.models import Connection, Operation, Statement, StatementDifference
from accounting.sync import statement as statements
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """115.00, in step with Xero."""
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


@pytest.fixture
def payment(invoice: Invoice, sync: Sync) -> Payment:
    made = record_payment(invoice=invoice, amount=Decimal(40), date=ISSUED_ON, reference="", by=None)
    sync()
    return made


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


def make_now(connection: Connection) -> Statement:
    return statements.make(connection=connection)


def line_of(made: Statement, kind: Kind) -> dict[str, Any]:
    (line,) = [line for line in made.lines if line["kind"] == kind]
    return line


def open_rows() -> list[StatementDifference]:
    return list(StatementDifference.objects.filter(settled_at=None))


def change_unseen(record: Any, **fields: Any) -> None:
    """Changed in our database, and what was captured of it is lost."""
    type(record).objects.filter(pk=record.pk).update(**fields)
    Operation.objects.filter(local_id=record.pk).delete()


def make_total(invoice: Invoice, total: str) -> None:
    change_unseen(invoice, total=Decimal(total), tax=Decimal(total) - invoice.net)
