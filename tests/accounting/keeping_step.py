"""An organisation in which invoices stand as they stand here, from the first draft on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from accounting.enums import InvoiceStatusRule, Kind
from accounting.models import Connection, Link, Mapping
from accounting.queries.status import states_of
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
Hear = Callable[[], None]


@pytest.fixture
def keeps_step(connected: Connection) -> None:
    Mapping.objects.update(invoice_status=InvoiceStatusRule.WITH_STATUS)


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def draft(keeps_step: None, connected: Connection, gst: TaxRate) -> Invoice:
    """115.00, a draft here that no worker has seen."""
    return make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)])


@pytest.fixture
def sent(draft: Invoice, sync: Sync) -> Invoice:
    """The same, a draft on both sides."""
    sync()
    return draft


@pytest.fixture
def hear(connected: Connection, sync: Sync) -> Hear:
    """Read what Xero has of the invoice, and work off what follows."""

    def run() -> None:
        link = Link.objects.get(kind=Kind.INVOICE)
        with transaction.atomic():
            request_pull(connected, Kind.INVOICE, link.remote_id)
        sync()
        sync()

    return run


def remote_id() -> str:
    return Link.objects.get(kind=Kind.INVOICE).remote_id


def there(bookkeeper: Bookkeeper) -> list[str]:
    return [row["Status"] for row in bookkeeper.read_all("Invoices")]


def here() -> InvoiceStatus:
    return InvoiceStatus(Invoice.objects.get().status)


def told(invoice: Invoice) -> tuple[str, str]:
    status = states_of(Kind.INVOICE, [Invoice.objects.get(pk=invoice.pk)])[invoice.pk]
    return status.code, status.reason
